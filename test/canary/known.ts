import { execFileSync } from 'node:child_process';
import { argon2Sync, createDecipheriv, createPrivateKey, scryptSync } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import { shareLines } from '../../core/shares/lines.ts';
import type { ShareSetManifest } from '../../core/shares/manifest.ts';
import { parseShare } from '../../core/shares/share.ts';
import type { Canary } from './forms.ts';
import type { Ground } from './ground.ts';
import { pdfViews } from './views.ts';

/** What a thief would know who had everything: how the secrets of a run that nobody saw become known to the search. */

/** What was typed, and what core made up and sent over a secret channel. */
export function typedSecrets({ marked, heard }: Ground): Canary[] {
  const text = (kind: Canary['kind'], name: string, value: string): Canary => ({
    kind,
    name,
    bytes: Buffer.from(value),
  });
  const passphrases = [...marked.passphrases, ...marked.vaultPassphrases, ...marked.newPassphrases];
  const typed = [
    text('PIN', 'PIN', marked.pin),
    ...marked.pinParts.map((part, index) => text('PIN', `part ${index + 1} of the PIN`, part)),
    text('PIN', 'security officer PIN', marked.securityOfficerPin),
    ...passphrases.map((value, index) => text('passphrase', `passphrase ${index + 1}`, value)),
    ...passphrases.map((value, index) =>
      text('passphrase', `passphrase ${index + 1}, normalised`, value.normalize('NFKD')),
    ),
    text('dice', 'dice rolls', marked.dice),
  ];
  const made = heard.filter((bytes) => !typed.some((canary) => Buffer.from(canary.bytes).equals(bytes)));
  return [
    ...typed,
    ...made.map((bytes, index): Canary => ({ kind: 'PIN', name: `secret ${index + 1} that core made`, bytes })),
  ];
}

/** The master key, the shares as they are on paper and in the clear, and the keys that the passphrases became. */
export function shareSecrets(out: string, passphrases: string[]): Canary[] {
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as ShareSetManifest;
  const shares = passphrases.map((passphrase, index) => {
    const codes = pdfViews(join(out, `sheets/share-${index + 1}.pdf`)).find(({ name }) => name === 'codes');
    const [text = ''] = /^CLV1\w{151}$/m.exec(Buffer.from(codes?.bytes ?? []).toString()) ?? [];
    const lines = shareLines(text).map(({ number, groups, check }) => [number, ...groups, check].join(' '));
    return { text, passphrase, lines };
  });
  const checker = join(import.meta.dirname, '../shares/check_share.py');
  const input = JSON.stringify({ manifest, shares });
  const opened = JSON.parse(execFileSync('/usr/bin/python3', [checker], { input, encoding: 'utf8' })) as {
    masterKey: string;
    ys: Record<string, string>;
  };
  const set = manifest.setId.slice(0, 4);
  return [
    { kind: 'master key', name: `master key of set ${set}`, bytes: Buffer.from(opened.masterKey, 'hex') },
    ...Object.entries(opened.ys).map(([x, y]): Canary => ({
      kind: 'plain share',
      name: `plain share ${x} of set ${set}`,
      bytes: Buffer.from(y, 'hex'),
    })),
    ...shares.flatMap(({ text, passphrase }, index): Canary[] => {
      const { salt, log2N } = parseShare(text);
      const N = 2 ** log2N;
      const derived = scryptSync(passphrase.normalize('NFKD'), salt, 44, { N, r: 8, p: 1, maxmem: 256 * 8 * N });
      return [
        {
          kind: 'passphrase key',
          name: `key of passphrase ${index + 1} of set ${set}`,
          bytes: derived.subarray(0, 32),
        },
        // Header, salt and checksum are public: what is looked for is the ciphertext.
        { kind: 'sealed share', name: `sealed share ${index + 1} of set ${set}`, bytes: parseShare(text).ciphertext },
      ];
    }),
  ];
}

/** The keys of backups, unwrapped (RFC 5649) by OpenSSL under a master key that a quorum rebuilt. */
export function backedUpKeys(out: string, masterKey: Uint8Array): Canary[] {
  const folder = join(out, 'backup');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.kwp'))
    .map((name) => {
      const unwrap = createDecipheriv('id-aes256-wrap-pad', masterKey, Buffer.from('A65959A6', 'hex'));
      const key = Buffer.concat([unwrap.update(readFileSync(join(folder, name))), unwrap.final()]);
      return { kind: 'key', name: `key of ${name}`, bytes: secretPartOf(key) };
    });
}

/** Every key of the software tokens below some folders, opened with a PIN that fits, and the keys that PINs became. */
export function softwareTokenKeys(roots: string[], pins: Uint8Array[]): Canary[] {
  const folders = roots
    .flatMap((root) => readdirSync(root, { recursive: true, withFileTypes: true }))
    .filter(({ name }) => name === 'token.json')
    .map(({ parentPath }) => parentPath);
  return folders.flatMap((folder) => {
    const { identity, check } = JSON.parse(readFileSync(join(folder, 'token.json'), 'utf8')) as TokenJson;
    const pinKey = pins.map((pin) => pinKeyOf(identity, pin)).find((key) => unseal(key, check, identity));
    if (!pinKey) throw new Error(`no PIN opens ${folder}`);
    const keys = readdirSync(folder).filter((name) => /^key-.*\.json$/.test(name));
    return [
      { kind: 'PIN key', name: `key of the PIN of ${identity.serial}`, bytes: pinKey },
      ...keys.map((name) => softwareKey(join(folder, name), pinKey)),
    ];
  });
}

type Sealed = { iv: string; ciphertext: string; tag: string };
type Identity = {
  serial: string;
  kdf: { cost: { memoryKiB: number; passes: number; parallelism: number }; salt: string };
};
type TokenJson = { identity: Identity; check: Sealed };

function pinKeyOf({ kdf: { cost, salt } }: Identity, pin: Uint8Array): Uint8Array {
  return argon2Sync('argon2id', {
    message: pin,
    nonce: Buffer.from(salt, 'base64'),
    memory: cost.memoryKiB,
    passes: cost.passes,
    parallelism: cost.parallelism,
    tagLength: 32,
  });
}

/** Null if the key does not open it. */
function unseal(key: Uint8Array, { iv, ciphertext, tag }: Sealed, header: object): Buffer | null {
  const open = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64'));
  open.setAAD(Buffer.from(canonicalize(header) ?? ''));
  open.setAuthTag(Buffer.from(tag, 'base64'));
  const plain = open.update(Buffer.from(ciphertext, 'base64'));
  try {
    return Buffer.concat([plain, open.final()]);
  } catch {
    return null;
  }
}

function softwareKey(path: string, pinKey: Uint8Array): Canary {
  const { header, key } = JSON.parse(readFileSync(path, 'utf8')) as { header: { label: string }; key: Sealed };
  const bytes = unseal(pinKey, key, header);
  if (!bytes) throw new Error(`${path} does not open`);
  return { kind: 'key', name: `key ${header.label} in the token`, bytes: secretPartOf(bytes) };
}

/** The key that a training run leaves beside its bundle. */
export function recipientKey(out: string): Canary[] {
  const path = join(out, 'recipient.key');
  if (!existsSync(path)) return [];
  const { d } = createPrivateKey(readFileSync(path)).export({ format: 'jwk' });
  return [{ kind: 'recipient key', name: `throw-away key in ${out}`, bytes: Buffer.from(d ?? '', 'base64url') }];
}

/** Of PKCS#8 the private value: the rest of it is in every certificate. 32 bytes are an AES key. */
function secretPartOf(key: Buffer): Uint8Array {
  if (key.length === 32) return key;
  const { d } = createPrivateKey({ key, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' });
  if (d === undefined) throw new Error('a private key without a private value');
  return Buffer.from(d, 'base64url');
}
