import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Ledger, type LedgerRow, openLedger } from '../../core/ledger/ledger.ts';
import type { LedgerVerification } from '../../core/contract/ledger.ts';
import { readPaperCheckpoint } from '../../core/ledger/checkpoint.ts';
import { verifyLedger } from '../../core/ledger/verify.ts';
import { signData } from '../../core/pki/signed-data.ts';
import { type Store, openStore } from '../../core/store/open.ts';
import { memorySigner } from '../pki/memory-signer.ts';
import { type Authority, run, sampleAuthority, temporaryFolder } from '../pki/sample-authority.ts';
import { issueUnder } from '../pki/sample-authority.ts';

export const KINDS = { note: z.strictObject({ text: z.string() }) };

export const note = (text: string, ceremony: string | null = null) => ({ kind: 'note', ceremony, body: { text } });

export type SigningKey = { signer: ReturnType<typeof memorySigner>; certificate: Uint8Array };

/** A key in memory with a certificate that it has signed itself, made by openssl in some folder. */
export function selfSignedKey(name = 'Ledger key', folder = temporaryFolder()): SigningKey {
  const signer = memorySigner('EC-P256');
  writeFileSync(join(folder, 'key.pem'), signer.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const extensions = ['-addext', 'keyUsage=critical,digitalSignature', '-addext', 'basicConstraints=critical,CA:FALSE'];
  const request = ['req', '-x509', '-key', 'key.pem', '-subj', `/CN=${name}`, '-days', '30', '-outform', 'DER'];
  run(folder, 'openssl', ...request, ...extensions, '-out', 'certificate.der');
  const pem = run(folder, 'openssl', 'x509', '-inform', 'DER', '-in', 'certificate.der');
  return { signer, certificate: new Uint8Array(Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64')) };
}

export async function certifiedKey(): Promise<SigningKey & { authority: Authority }> {
  const authority = await sampleAuthority('EC-P256');
  const signer = memorySigner('EC-P256');
  return { authority, signer, ...(await certify(authority, signer)) };
}

/** The same key, certified by a root. */
export async function certify(
  { root, rootSigner }: Authority,
  signer: SigningKey['signer'],
): Promise<{ certificate: Uint8Array }> {
  const { der } = await issueUnder(root, rootSigner, 'service', signer.publicKey, 'Ledger key, certified');
  return { certificate: der };
}

/** Base64 of a detached signature, as every one of the ledger is made. */
export async function signature(key: SigningKey, content: Uint8Array): Promise<string> {
  const { signer, certificate } = key;
  const signed = await signData({
    ...{ content, attached: false, signer, certificate, certificates: [] },
    signingTime: new Date(),
  });
  return Buffer.from(signed).toString('base64');
}

export async function appendKey(ledger: Ledger, key: SigningKey, before: SigningKey | null): Promise<LedgerRow[]> {
  const body = {
    certificate: Buffer.from(key.certificate).toString('base64'),
    signature: before ? await signature(before, key.certificate) : null,
  };
  return ledger.append([{ kind: 'ledger.key', ceremony: null, body }]);
}

export async function appendCheckpoint(ledger: Ledger, key: SigningKey, size?: number): Promise<string> {
  const { text } = await ledger.checkpoint(size);
  const body = { body: text, signature: await signature(key, new TextEncoder().encode(text)) };
  await ledger.append([{ kind: 'ledger.checkpoint', ceremony: null, body }]);
  return text;
}

export type SampleLedger = { folder: string; store: Store; ledger: Ledger; key: SigningKey };

/** A new store with `count` notes in one ceremony, and a first key. */
export async function sampleLedger(count: number): Promise<SampleLedger> {
  const folder = join(temporaryFolder(), 'data');
  const store = await openStore(folder);
  let minute = 0;
  const ledger = openLedger(store, () => new Date(Date.UTC(2026, 0, 1, 0, minute++)), KINDS);
  const key = selfSignedKey();
  await appendKey(ledger, key, null);
  for (let number = 1; number <= count; number++) await ledger.append([note(`note ${number}`, 'c')]);
  return { folder, store, ledger, key };
}

export function verify(path: string, checkpoint?: string): Promise<LedgerVerification> {
  return verifyLedger(path, {
    kinds: KINDS,
    paper: checkpoint === undefined ? null : readPaperCheckpoint(checkpoint),
  });
}
