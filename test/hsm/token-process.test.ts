import { randomBytes, verify } from 'node:crypto';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { TokenProcess } from '../../core/hsm/process/client.ts';
import type { TokenCallInput, TokenCallOutput, TokenLocation } from '../../core/hsm/process/protocol.ts';
import { program } from '../../core/process/programs.ts';
import { connect } from '../../core/process/rpc.ts';
import { recoverMasterKey } from '../../core/shares/recover.ts';
import { scanMemory } from './process-memory.ts';
import { refused } from './refused.ts';
import { SECURITY_OFFICER_PIN, SOFTHSM_MODULE, makeSoftHsm, USER_PIN } from './softhsm.ts';

type Made = TokenCallOutput['makeMasterKey'];
type Ground = { location: (token: string) => TokenLocation; pin: string; securityOfficerPin: string | null };

const folder = mkdtempSync(join(tmpdir(), 'claviger-token-process-'));
let removeSoftHsm: () => void;
const running: TokenProcess[] = [];

beforeAll(() => {
  ({ remove: removeSoftHsm } = makeSoftHsm(['main', 'rehearsal', 'twin', 'twin']));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((process) => process.close()));
});
afterAll(() => {
  removeSoftHsm();
  rmSync(folder, { recursive: true });
});

function start(): TokenProcess {
  const process = TokenProcess.start();
  running.push(process);
  return process;
}

async function send(process: TokenProcess, secret: string): Promise<string> {
  return process.sendSecret(Buffer.from(secret));
}

async function loggedIn(ground: Ground, token: string): Promise<TokenProcess> {
  const process = start();
  await process.call('open', { location: ground.location(token) });
  await process.call('login', {
    pin: await send(process, ground.pin),
    securityOfficerPin: ground.securityOfficerPin && (await send(process, ground.securityOfficerPin)),
  });
  return process;
}

const PASSPHRASES = ['anvil', 'birch', 'cedar', 'dune', 'ember'].map(
  (word) => `${word}-${randomBytes(12).toString('hex')}`,
);

async function makeMasterKey(process: TokenProcess, label: string, passphrases = PASSPHRASES): Promise<Made> {
  const tickets: string[] = [];
  for (const passphrase of passphrases) tickets.push(await send(process, passphrase));
  return process.call('makeMasterKey', {
    label,
    masterKeyId: randomBytes(16).toString('hex'),
    ceremony: 'test',
    threshold: 3,
    shareCount: passphrases.length,
    epoch: 0,
    passphrases: tickets,
    dice: null,
    scryptLog2N: 12,
  });
}

/** Three shares as the rehearsal takes them. */
async function presented(process: TokenProcess, made: Made, from = 0) {
  const shares: { text: string; passphrase: string }[] = [];
  for (const [index, { text }] of made.shares.entries()) {
    if (index >= from && index < from + 3) {
      shares.push({ text, passphrase: await send(process, PASSPHRASES[index] as string) });
    }
  }
  return shares;
}

const GROUNDS: Record<string, Ground> = {
  'software token': {
    location: (token) => ({ kind: 'software', folder: join(folder, token), token }),
    pin: `a long PIN ${randomBytes(12).toString('hex')}`,
    securityOfficerPin: null,
  },
  'SoftHSM 2': {
    location: (token) => ({ kind: 'pkcs11', module: SOFTHSM_MODULE, token }),
    pin: USER_PIN,
    securityOfficerPin: SECURITY_OFFICER_PIN,
  },
};

describe.each(Object.keys(GROUNDS))('on the %s', (name) => {
  const ground = GROUNDS[name] as Ground;
  let made: Made;
  let masterKey: Uint8Array;
  let backups: {
    label: string;
    algorithm: 'EC-P384' | 'RSA-3072';
    mechanism: 'RFC5649';
    blob: string;
    publicKey: string;
  }[];

  test('the master key is made and split, and only then in the token', async () => {
    const process = await loggedIn(ground, 'main');
    made = await makeMasterKey(process, 'master');
    expect(made.subsetsChecked).toBe(10);
    expect(made.shares).toHaveLength(5);
    expect(made.manifest).toMatchObject({ format: 'CLV1', threshold: 3, shareCount: 5 });
    expect(made.key).toMatchObject({ label: 'master', kind: 'secret', algorithm: 'AES-256' });
    expect(made.key.attributes).toMatchObject({ trusted: true, extractable: false, wrap: true, decrypt: false });
    expect(made.entropySources).toContain('operating system');
    expect(made.entropySources).toHaveLength(ground.securityOfficerPin === null ? 1 : 2);
    expect((await process.call('inventory', {})).keys).toEqual([made.key]);

    // The key of the shares is the key of the token: what the token wraps opens under it.
    masterKey = new Uint8Array(32);
    const shares = made.shares.slice(1, 4).map(({ text }, index) => ({
      text,
      passphrase: new Uint8Array(Buffer.from(PASSPHRASES[index + 1] as string)),
    }));
    await recoverMasterKey({ manifest: made.manifest, shares, into: masterKey });

    const needles = {
      'master key': masterKey,
      'first half': masterKey.subarray(0, 16),
      'second half': masterKey.subarray(16),
      ...Object.fromEntries(PASSPHRASES.map((passphrase) => [passphrase, Buffer.from(passphrase)])),
      PIN: Buffer.from(ground.pin),
    };
    const { bytesRead, found } = scanMemory(process.pid as number, needles);
    expect(bytesRead).toBeGreaterThan(50_000_000);
    // Where the import changes roles, the PIN is kept, once and in guarded memory, until the token is closed.
    const kept = found.filter(({ needle }) => needle === 'PIN');
    expect(kept).toHaveLength(ground.securityOfficerPin === null ? 0 : 1);
    expect(found).toEqual(kept);
    // The scan does see what is there: the process has this text in its code.
    const seen = scanMemory(process.pid as number, { text: Buffer.from('claviger master key v1') });
    expect(seen.found.length).toBeGreaterThan(0);
  });

  test('CA keys are backed up under it', async () => {
    const process = await loggedIn(ground, 'main');
    backups = [];
    for (const algorithm of ['EC-P384', 'RSA-3072'] as const) {
      const key = await process.call('generateKey', { label: `ca-${algorithm}`, algorithm, purpose: 'ca' });
      const { mechanism, blob } = await process.call('wrap', { masterKeyLabel: 'master', label: key.label });
      expect(mechanism).toBe('RFC5649');
      backups.push({ label: key.label, algorithm, mechanism: 'RFC5649', blob, publicKey: key.publicKey as string });
      const message = randomBytes(40);
      const { signature } = await process.call('sign', {
        label: key.label,
        message: message.toString('base64'),
        hash: 'SHA-384',
      });
      const publicKey = { key: Buffer.from(key.publicKey as string, 'base64'), format: 'der', type: 'spki' } as const;
      expect(verify('SHA384', message, publicKey, Buffer.from(signature, 'base64'))).toBe(true);
    }
  });

  test('three shares bring every key back on another token, which keeps nothing', async () => {
    const process = await loggedIn(ground, 'rehearsal');
    await process.call('generateKey', { label: 'resident', algorithm: 'EC-P256', purpose: 'service' });
    const before = await process.call('inventory', {});
    const challenges = backups.map(() => randomBytes(32));
    const rehearsed = await process.call('rehearse', {
      manifest: made.manifest,
      shares: await presented(process, made, 2),
      backups: backups.map(({ label, algorithm, mechanism, blob }, index) => ({
        ...{ label, algorithm, mechanism, blob, hash: 'SHA-384' },
        challenge: (challenges[index] as Buffer).toString('base64'),
      })),
    });
    expect(rehearsed.sharesUsed).toEqual(made.shares.slice(2).map((share) => share.x));
    expect(rehearsed.leftBehind).toEqual([]);
    expect(await process.call('inventory', {})).toEqual(before);
    for (const [index, { label, publicKey }] of backups.entries()) {
      expect(rehearsed.signatures[index]?.label).toBe(label);
      const key = { key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' } as const;
      const signature = Buffer.from(rehearsed.signatures[index]?.signature ?? '', 'base64');
      expect(verify('SHA384', challenges[index] as Buffer, key, signature)).toBe(true);
    }
    const { found } = scanMemory(process.pid as number, { 'master key': masterKey });
    expect(found).toEqual([]);
    await process.call('destroy', { label: 'resident' });
  });

  test('a rehearsal that fails leaves nothing either', async () => {
    const process = await loggedIn(ground, 'rehearsal');
    const [backup] = backups as [(typeof backups)[number]];
    const { label, algorithm } = backup;
    const challenge = randomBytes(32).toString('base64');
    const altered = Buffer.from(backup.blob, 'base64');
    altered.writeUInt8(altered.readUInt8(20) ^ 1, 20);
    const shares = await presented(process, made);
    const asked = { label, algorithm, mechanism: backup.mechanism, challenge, hash: 'SHA-384' } as const;
    const params = await refused('BACKUP_UNOPENED', () =>
      process.call('rehearse', {
        manifest: made.manifest,
        shares,
        backups: [{ ...asked, blob: altered.toString('base64') }],
      }),
    );
    expect(params).toEqual({ label });
    const two = (await presented(process, made)).slice(0, 2);
    await refused('SHARES_TOO_FEW', () =>
      process.call('rehearse', { manifest: made.manifest, shares: two, backups: [{ ...asked, blob: backup.blob }] }),
    );
    expect((await process.call('inventory', {})).keys).toEqual([]);
  });

  test('data is kept, and there again for the next process', async () => {
    const process = await loggedIn(ground, 'main');
    expect(await process.call('readData', { label: 'checkpoint' })).toEqual({ value: null });
    const value = randomBytes(300).toString('base64');
    expect(await process.call('writeData', { label: 'checkpoint', value })).toEqual({ written: true });
    await process.close();
    const next = await loggedIn(ground, 'main');
    expect(await next.call('readData', { label: 'checkpoint' })).toEqual({ value });
  });

  test('a KEK is brought back too, and shows that it is the same by opening what the original encrypted', async () => {
    const main = await loggedIn(ground, 'main');
    const challenge = randomBytes(32).toString('base64');
    const asked: Extract<TokenCallInput<'rehearse'>['backups'][number], { iv: string }>[] = [];
    for (const label of ['kek', 'other kek']) {
      await main.call('generateKey', { label, algorithm: 'AES-256', purpose: 'kek' });
      const wrapped = await main.call('wrap', { masterKeyLabel: 'master', label });
      const sealed = await main.call('encryptChallenge', { label, challenge });
      asked.push({ label, algorithm: 'AES-256' as const, ...wrapped, ...sealed });
    }
    const rehearsal = await loggedIn(ground, 'rehearsal');
    const rehearse = async (copies: typeof asked) =>
      rehearsal.call('rehearse', {
        manifest: made.manifest,
        shares: await presented(rehearsal, made),
        backups: copies,
      });
    const { opened, signatures, leftBehind } = await rehearse(asked);
    expect(opened).toEqual(asked.map(({ label }) => ({ label, challenge })));
    expect(signatures).toEqual([]);
    expect(leftBehind).toEqual([]);
    const [one, other] = asked as [(typeof asked)[number], (typeof asked)[number]];
    const exchanged = { ...one, blob: other.blob };
    expect(await refused('BACKUP_UNOPENED', () => rehearse([exchanged]))).toEqual({ label: 'kek' });
    expect((await rehearsal.call('inventory', {})).keys).toEqual([]);
    for (const { label } of asked) await main.call('destroy', { label });
  });

  test('a master key that is refused leaves the token as it was', async () => {
    const process = await loggedIn(ground, 'main');
    const before = await process.call('inventory', {});
    await refused('KEY_EXISTS', () => makeMasterKey(process, 'master'));
    const repeated = [...PASSPHRASES.slice(0, 4), PASSPHRASES[0] as string];
    const params = await refused('PASSPHRASE_REPEATED', () => makeMasterKey(process, 'another', repeated));
    expect(JSON.stringify(params)).not.toContain(PASSPHRASES[0]);
    expect(await process.call('inventory', {})).toEqual(before);
  });

  test('a wrong PIN is refused without being told on, and the process lives on', async () => {
    const process = start();
    await process.call('open', { location: ground.location('main') });
    const wrong = '8675309-wrong';
    for (const securityOfficerPin of ground.securityOfficerPin === null ? [null] : [null, wrong]) {
      const tickets = {
        pin: await send(process, securityOfficerPin === null ? wrong : ground.pin),
        securityOfficerPin: securityOfficerPin && (await send(process, securityOfficerPin)),
      };
      const params = await refused('PIN_WRONG', () => process.call('login', tickets));
      expect(params).toEqual({ pin: securityOfficerPin === null ? 'PIN' : 'officer' });
    }
    const pin = await send(process, ground.pin);
    expect((await process.call('login', { pin, securityOfficerPin: null })).label).toBe('main');
    await refused('INPUT_INVALID', () => process.call('login', { pin, securityOfficerPin: null }));
    expect((await process.call('inventory', {})).keys).toHaveLength(3);
  });

  test('killed in the middle of a call, it is gone and core lives', async () => {
    const process = await loggedIn(ground, 'main');
    const pending = process.call('generateKey', { label: 'never', algorithm: 'RSA-4096', purpose: 'ca' });
    const next = process.call('inventory', {});
    execFileSync('kill', ['-KILL', String(process.pid)]);
    expect(await refused('TOKEN_GONE', () => pending)).toEqual({ detail: 'SIGKILL' });
    await refused('TOKEN_GONE', () => next);
    await refused('TOKEN_GONE', () => process.call('inventory', {}));
    await refused('TOKEN_GONE', () => send(process, 'a secret'));
    expect(process.alive).toBe(false);
    await process.close();
    const again = await loggedIn(ground, 'main');
    expect((await again.call('inventory', {})).keys).toHaveLength(3);
  });
});

test('without the security officer, SoftHSM takes no master key', async () => {
  const process = await loggedIn({ ...(GROUNDS['SoftHSM 2'] as Ground), securityOfficerPin: null }, 'rehearsal');
  const params = await refused('PIN_SOURCE', () => makeMasterKey(process, 'untrusted'));
  expect(params.pin).toBe('officer');
  expect((await process.call('inventory', {})).keys).toEqual([]);
});

test('the kernel agrees that the process is shut', async () => {
  const process = start();
  await process.call('open', { location: { kind: 'software', folder: join(folder, 'shut'), token: 'shut' } });
  const proc = (name: string) => readFileSync(`/proc/${process.pid ?? 0}/${name}`, 'utf8');
  expect(proc('status')).toMatch(/^NoNewPrivs:\t1$/m);
  expect(proc('limits')).toMatch(/^Max core file size +0 +0 +bytes/m);
});

test('another process of the same user cannot look into it', async () => {
  // The files of a process that is not dumpable belong to root, whoever runs it (proc(5)). So: not as root.
  const uid = globalThis.process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const shut = spawn(globalThis.process.execPath, [program('token')], {
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
    ...uid,
  });
  const open = spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'], ...uid });
  const connection = connect(shut.stdout as Readable, shut.stdin as Writable);
  connection.listen();
  expect(await connection.sendRequest('inventory', {})).toMatchObject({ ok: false });
  expect(statSync(`/proc/${shut.pid ?? 0}/mem`).uid).toBe(0);
  expect(statSync(`/proc/${open.pid ?? 0}/mem`).uid).not.toBe(0);
  open.kill();
  shut.stdin?.end();
  await once(shut, 'exit');
  connection.dispose();
});

test('it ends when its input does', async () => {
  const process = start();
  await process.call('open', { location: { kind: 'software', folder: join(folder, 'ends'), token: 'ends' } });
  await process.close();
  expect(process.alive).toBe(false);
  expect(() => globalThis.process.kill(process.pid as number, 0)).toThrow();
});

test('Node options of the parent do not reach it, the configuration of a module does', async () => {
  globalThis.process.env.NODE_OPTIONS = '--no-warnings';
  const process = start();
  delete globalThis.process.env.NODE_OPTIONS;
  await process.call('open', { location: { kind: 'pkcs11', module: SOFTHSM_MODULE, token: 'main' } });
  const environment = readFileSync(`/proc/${process.pid ?? 0}/environ`, 'latin1').split('\0');
  expect(environment.filter((entry) => entry.startsWith('NODE_OPTIONS'))).toEqual([]);
  expect(environment).toContain(`SOFTHSM2_CONF=${globalThis.process.env.SOFTHSM2_CONF ?? ''}`);
});

test('what is not a call is refused, and what is not open does nothing', async () => {
  const process = start();
  await refused('INPUT_INVALID', () => process.call('inventory', {}));
  const wrong = { label: '', algorithm: 'EC-P384', purpose: 'ca' } as const;
  const params = await refused('INPUT_INVALID', () => process.call('generateKey', wrong));
  expect(params.detail).toContain('generateKey: label');
  await refused('INPUT_INVALID', () => process.sendSecret(new Uint8Array(1025)));
  expect(process.alive).toBe(true);
});

test('modules that are none, and tokens that are not there', async () => {
  const process = start();
  const open = (module: string, token: string) => process.call('open', { location: { kind: 'pkcs11', module, token } });
  const text = join(folder, 'module.so');
  writeFileSync(text, 'not a library');
  expect(await refused('MODULE_MISSING', () => open('/nowhere/module.so', 'main'))).toEqual({
    path: '/nowhere/module.so',
  });
  expect((await refused('MODULE_UNUSABLE', () => open(text, 'main'))).path).toBe(text);
  await refused('MODULE_UNUSABLE', () => open('/lib/x86_64-linux-gnu/libm.so.6', 'main'));
  expect(await refused('TOKEN_MISSING', () => open(SOFTHSM_MODULE, 'nobody'))).toEqual({ label: 'nobody' });
  expect(await refused('TOKEN_AMBIGUOUS', () => open(SOFTHSM_MODULE, 'twin'))).toEqual({ label: 'twin' });
  expect((await open(SOFTHSM_MODULE, 'main')).serial).toMatch(/^[0-9a-f]{16}$/);
});
