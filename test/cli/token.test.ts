import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Probe } from '../../core/contract/token.ts';
import { compileFaultyModule, setFault } from '../hsm/faulty-module.ts';
import {
  SECURITY_OFFICER_PIN,
  SOFTHSM_MODULE,
  USER_PIN,
  makeSoftHsm,
  pkcs11Tool,
  pkcs11ToolAs,
} from '../hsm/softhsm.ts';
import { CA, DEVICE, KEY, certifier } from '../hsm/yubihsm-chain.ts';
import { type Finished, claviger, temporaryFolder } from './claviger.ts';
import { writeTokenFile } from './token-file.ts';

const MODULE = ['--module', SOFTHSM_MODULE];

let softHsm: ReturnType<typeof makeSoftHsm>;
beforeAll(() => {
  softHsm = makeSoftHsm(['ceremony', 'rehearsal']);
});
afterAll(() => {
  softHsm.remove();
});

function refusedWith({ status, stdout, stderr }: Finished, code: string): void {
  expect(stderr).toContain(`${code}: `);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code } });
  expect(status).toBe(1);
}

function secretFile(folder: string, name: string, secret: string): string {
  const path = join(folder, name);
  writeFileSync(path, secret);
  chmodSync(path, 0o600);
  return path;
}

describe('claviger token', () => {
  test('probe tells what is there and what is missing, in words and as JSON', async () => {
    const said = await claviger(['token', 'probe', ...MODULE]);
    expect(said.status).toBe(0);
    expect(said.stdout).toMatch(/there +CA keys on P-384, and ECDSA: CKM_EC_KEY_PAIR_GEN, CKM_ECDSA/);
    expect(said.stdout).toMatch(/unknown +CA keys that leave only under a trusted key/);
    const probed = JSON.parse((await claviger(['token', 'probe', ...MODULE, '--json'])).stdout) as Probe;
    expect(probed.slots.map(({ token }) => token?.label)).toContain('ceremony');
  });

  test('list names slots, labels and serials', async () => {
    const { stdout, status } = await claviger(['token', 'list', ...MODULE]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^slot \d+ {2}ceremony {2}serial [0-9a-f]{16} {2}user PIN good$/m);
    expect(stdout).toContain('not initialised');
  });

  test('show logs in with the PIN of a file or a prompt, and tells what is there', async () => {
    const folder = temporaryFolder();
    const fromFile = writeTokenFile(folder);
    pkcs11Tool('ceremony', '--keypairgen', '--key-type', 'EC:secp384r1', '--label', 'shown');
    try {
      const shown = await claviger(['token', 'show', '--token', fromFile]);
      expect(shown.status).toBe(0);
      expect(shown.stdout).toContain('private key shown');
      expect(shown.stdout).toContain('public key shown');
      const prompt = (text: string) => text.replace('pin: { file: pin }', 'pin: prompt');
      const typed = await claviger(['token', 'show', '--token', writeTokenFile(folder, prompt), '--json'], {
        input: `${USER_PIN}\n`,
      });
      expect(JSON.parse(typed.stdout)).toMatchObject({ keys: [{ label: 'shown', algorithm: 'EC-P384' }] });
      expect(typed.stdout + typed.stderr).not.toContain(USER_PIN);
      const wrong = await claviger(['token', 'show', '--token', writeTokenFile(folder, prompt), '--json'], {
        input: '000000\n',
      });
      refusedWith(wrong, 'PIN_WRONG');
    } finally {
      pkcs11Tool('ceremony', '--delete-object', '--type', 'privkey', '--label', 'shown');
      pkcs11Tool('ceremony', '--delete-object', '--type', 'pubkey', '--label', 'shown');
    }
  });

  test('init makes a token with PINs from files, and refuses what is weak, in use or not there', async () => {
    const folder = temporaryFolder();
    const files = (officer: string, user: string) => [
      ...['--so-pin-file', secretFile(folder, 'officer', officer)],
      ...['--pin-file', secretFile(folder, 'user', user)],
    ];
    const init = (...words: string[]) => claviger(['token', 'init', ...MODULE, '--json', ...words]);
    const { slots } = JSON.parse((await claviger(['token', 'list', ...MODULE, '--json'])).stdout) as Probe;
    const slotOf = (label: string) => slots.find(({ token }) => token?.label === label)?.slot ?? 'none';
    const good = files('officer-2026', 'user-2026');

    refusedWith(await init('--label', 'new', '--slot', slotOf('ceremony'), ...good), 'TOKEN_INITIALISED');
    refusedWith(await init('--label', 'new', '--slot', '99', ...good), 'SLOT_MISSING');
    refusedWith(await init('--label', 'new', ...good), 'INPUT_INVALID');
    refusedWith(await init('--label', 'new', '--slot', slotOf(''), ...files('short', 'user-2026')), 'PIN_SHORT');
    const born = await init('--label', 'new', '--slot', slotOf(''), ...files('officer-2026', 'user-2026'));
    expect(born.status).toBe(0);
    expect(JSON.parse(born.stdout)).toMatchObject({ token: { label: 'new' }, objectsAfter: [] });
    expect(pkcs11ToolAs('new', ['--login', '--pin', 'user-2026'], '--list-objects').trim()).toBe('');
  });

  test('init tries the security officer’s PIN for the last time only when a second person is named', async () => {
    const faulty = compileFaultyModule();
    const softHsmOfItsOwn = makeSoftHsm(['old']);
    setFault('PIN final try');
    onTestFinished(() => {
      setFault(null);
      softHsmOfItsOwn.remove();
      faulty.remove();
      process.env.SOFTHSM2_CONF = join(softHsm.folder, 'softhsm2.conf');
    });
    const folder = temporaryFolder();
    const module = ['--module', faulty.path];
    const { slots } = JSON.parse((await claviger(['token', 'list', ...module, '--json'])).stdout) as Probe;
    const slot = slots.find(({ token }) => token?.label === 'old')?.slot ?? 'none';
    const again = [
      ...['token', 'init', ...module, '--json', '--label', 'new', '--slot', slot, '--wipe'],
      ...['--so-pin-file', secretFile(folder, 'officer', SECURITY_OFFICER_PIN)],
      ...['--pin-file', secretFile(folder, 'user', 'user-2026')],
    ];
    refusedWith(await claviger(again), 'PIN_LAST_TRY');
    const born = await claviger([...again, '--last-try-with', 'Odile Ferrand']);
    expect(JSON.parse(born.stdout)).toMatchObject({ token: { label: 'new' } });
  });

  test('a module that is none is refused with a code', async () => {
    refusedWith(await claviger(['token', 'probe', '--module', '/none/such.so', '--json']), 'MODULE_MISSING');
    expect((await claviger(['token', 'probe'])).status).toBe(2);
  });
});

describe('the action attest-key', () => {
  const SCRIPT = `claviger: 1
title: Evidence
organisation: Example Trust Services
purpose: Records where a key lives.
policy: { threshold: 2, shareCount: 2 }
participants: { operator: 1, witness: 1 }
steps:
  - id: roles
    section: Prepare
    title: Take roles
    instruction: Each person says their name and role.
    action: take-roles
    acting: operator
    primary: Roles are taken
  - id: evidence
    section: Evidence
    title: Record where the key lives
    instruction: The operator brings the attestation of the vendor.
    action: attest-key
    acting: operator
    primary: Record it
    parameters: { key: attested }
`;
  const ANSWERS = 'claviger: 1\nparticipants: { operator: [Mira Lindqvist], witness: [Odile Ferrand] }\n';

  async function attest(folder: string, texts: Record<string, string>): Promise<Finished> {
    const name = `run-${Object.values(texts).join('').length}`;
    const [script, answers] = [join(folder, 'script.yaml'), join(folder, 'answers.yaml')];
    writeFileSync(script, SCRIPT);
    writeFileSync(answers, `${ANSWERS}texts: ${JSON.stringify(texts)}\n`);
    const places = ['--data', join(folder, `${name}-data`), '--out', join(folder, name)];
    const token = writeTokenFile(folder);
    return claviger(['ceremony', 'run', script, ...places, '--token', token, '--answers', answers, '--json']);
  }

  test('records a vendor’s attestation, or the attributes, and refuses one that is for another key', async () => {
    const folder = temporaryFolder();
    pkcs11Tool('ceremony', '--keypairgen', '--key-type', 'EC:secp384r1', '--label', 'attested', '--id', '41');
    // The chain of a YubiHSM, made here, for the public key that this token shows.
    const shown = JSON.parse(
      (await claviger(['token', 'show', '--token', writeTokenFile(folder), '--json'])).stdout,
    ) as { keys: { label: string; publicKey: string }[] };
    const key = shown.keys.find(({ label }) => label === 'attested')?.publicKey ?? '';
    writeFileSync(join(folder, 'key.pem'), `-----BEGIN PUBLIC KEY-----\n${key}\n-----END PUBLIC KEY-----\n`);
    const certify = certifier(folder);
    certify('root', 'root', CA);
    certify('device', 'root', DEVICE);
    certify('leaf', 'device', [...DEVICE, ...KEY], { publicKey: 'key.pem' });
    certify('other', 'device', [...DEVICE, ...KEY]);
    const chain = (leaf: string) => {
      const path = join(folder, `${leaf}-chain.pem`);
      writeFileSync(path, [leaf, 'device'].map((name) => readFileSync(join(folder, `${name}.crt`), 'utf8')).join(''));
      return path;
    };

    const attested = await attest(folder, { attestation: chain('leaf'), 'vendor-root': join(folder, 'root.crt') });
    expect(attested.status, attested.stderr).toBe(0);
    expect(attested.stdout).toContain('attested: attested by its device');
    expect(attested.stdout).toContain('7550054');
    const plain = await attest(folder, {});
    expect(plain.stdout).toContain('no vendor attests it');
    const other = await attest(folder, { attestation: chain('other'), 'vendor-root': join(folder, 'root.crt') });
    refusedWith(other, 'ATTESTATION_INVALID');
    refusedWith(await attest(folder, { attestation: chain('leaf') }), 'ATTESTATION_INVALID');
  });
});
