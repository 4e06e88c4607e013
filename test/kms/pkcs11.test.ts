import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PoolEvent } from '../../core/hsm/pool/token-pool.ts';
import { TokenProcess } from '../../core/hsm/process/client.ts';
import type { KeyRecordMessage, TokenLocation } from '../../core/hsm/process/protocol.ts';
import { type KekPlace, Pkcs11Kms, type TokenKek } from '../../core/kms/pkcs11.ts';
import type { KmsProvider } from '../../core/kms/provider.ts';
import { wipe } from '../../core/process/guarded.ts';
import { program } from '../../core/process/programs.ts';
import { refused } from '../hsm/refused.ts';
import { scanMemory } from '../hsm/process-memory.ts';
import { SECURITY_OFFICER_PIN, SOFTHSM_MODULE, USER_PIN, makeSoftHsm, pkcs11Tool } from '../hsm/softhsm.ts';
import { kmsConformance } from './conformance.ts';

const CONTEXT = { owner: 'billing', environment: 'production', name: 'database', id: '7', version: '3' };
const LOCATION: TokenLocation = { kind: 'pkcs11', module: SOFTHSM_MODULE, token: 'vault' };

/** What the pool's timer would do now. */
let tick: () => void = () => undefined;
let events: PoolEvent[] = [];

function placeOf(location: TokenLocation, pin = USER_PIN, processes = 1): KekPlace {
  return {
    members: [
      {
        name: 'vault',
        location,
        processes,
        login: () => Promise.resolve({ pin: new Uint8Array(Buffer.from(pin)), securityOfficerPin: null }),
      },
    ],
    clock: () => 0,
    every: (_, work) => {
      tick = work;
      return () => {
        tick = () => undefined;
      };
    },
    record: (event) => {
      events.push(event);
    },
  };
}

/** Works with a token as a ceremony does. */
async function inToken<T>(location: TokenLocation, officer: string | null, work: (token: TokenProcess) => Promise<T>) {
  const token = TokenProcess.start();
  const send = (secret: string) => token.sendSecret(Buffer.from(secret));
  await token.call('open', { location });
  await token.call('login', { pin: await send(USER_PIN), securityOfficerPin: officer && (await send(officer)) });
  try {
    return await work(token);
  } finally {
    await token.close();
  }
}

function makeKek(location: TokenLocation, label: string): Promise<KeyRecordMessage> {
  return inToken(location, null, (token) => token.call('generateKey', { label, algorithm: 'AES-256', purpose: 'kek' }));
}

async function ground(location: TokenLocation, remove: () => void) {
  await makeKek(location, 'vault-kek-2026');
  await makeKek(location, 'vault-kek-2027');
  const place = placeOf(location);
  const kek = await Pkcs11Kms.enrol(place, 'vault-kek-2026');
  return {
    open: () => Pkcs11Kms.open(place, kek),
    openOther: async () => Pkcs11Kms.open(place, await Pkcs11Kms.enrol(place, 'vault-kek-2027')),
    remove,
  };
}

kmsConformance('a KEK in SoftHSM', 'pkcs11', () => {
  const { remove } = makeSoftHsm(['vault']);
  return ground(LOCATION, remove);
});
kmsConformance('a KEK in the software token', 'pkcs11', () => {
  const { folder, remove } = makeSoftHsm([]);
  return ground({ kind: 'software', folder: join(folder, 'software'), token: 'vault' }, remove);
});

describe('a KEK in SoftHSM', () => {
  let folder: string;
  let removeSoftHsm: () => void;
  let kek: TokenKek;
  let made: KeyRecordMessage;
  let open: KmsProvider[];

  beforeEach(async () => {
    ({ folder, remove: removeSoftHsm } = makeSoftHsm(['vault']));
    [open, events] = [[], []];
    made = await makeKek(LOCATION, 'vault-kek');
    kek = await Pkcs11Kms.enrol(placeOf(LOCATION), 'vault-kek');
  });
  afterEach(async () => {
    await Promise.all(open.map((kms) => kms.close()));
    removeSoftHsm();
  });

  async function openKms(place = placeOf(LOCATION), which = kek): Promise<Pkcs11Kms> {
    const kms = await Pkcs11Kms.open(place, which);
    open.push(kms);
    return kms;
  }

  test('a token process that dies is started again, and what it had not answered is asked again', async () => {
    const kms = await openKms();
    const keys = await Promise.all(Array.from({ length: 64 }, () => kms.generateDataKey(CONTEXT)));
    const [pid] = tokenProcesses();
    process.kill(pid as number, 'SIGSTOP');
    const opened = Promise.all(keys.map(({ ciphertext }) => kms.decrypt(ciphertext, CONTEXT)));
    process.kill(pid as number, 'SIGKILL');
    expect(await opened).toEqual(keys.map(({ plaintext }) => plaintext));
    expect(tokenProcesses()).not.toContain(pid);
    expect(events.map(({ kind }) => kind).filter((kind) => kind === 'failover')).toHaveLength(64);
    expect(await kms.healthCheck()).toMatchObject({ ok: true, detail: null });
  });

  test('a token that is gone is a coded error and a bad health, and comes back', async () => {
    const kms = await openKms();
    const { plaintext, ciphertext } = await kms.generateDataKey(CONTEXT);
    const configuration = process.env['SOFTHSM2_CONF'] as string;
    process.env['SOFTHSM2_CONF'] = join(folder, 'no-such.conf');
    for (const pid of tokenProcesses()) process.kill(pid, 'SIGKILL');
    await refused('TOKEN_GONE', () => kms.decrypt(ciphertext, CONTEXT));
    const { ok, detail } = await kms.healthCheck();
    expect({ ok, detail }).toEqual({ ok: false, detail: expect.stringMatching(/^TOKEN_GONE: /) as string });
    process.env['SOFTHSM2_CONF'] = configuration;
    tick();
    expect(await kms.decrypt(ciphertext, CONTEXT)).toEqual(plaintext);
    expect(await kms.healthCheck()).toMatchObject({ ok: true });
  });

  test('several processes serve one KEK', async () => {
    const kms = await openKms(placeOf(LOCATION, USER_PIN, 2));
    const keys = await Promise.all(Array.from({ length: 64 }, () => kms.generateDataKey(CONTEXT)));
    for (const { plaintext, ciphertext } of keys) expect(await kms.decrypt(ciphertext, CONTEXT)).toEqual(plaintext);
    expect(tokenProcesses()).toHaveLength(2);
  });

  test('a wrong PIN is tried once', async () => {
    let asked = 0;
    const place = placeOf(LOCATION);
    const [member] = place.members;
    const login = () => {
      asked += 1;
      return Promise.resolve({ pin: new Uint8Array(Buffer.from('000000')), securityOfficerPin: null });
    };
    await refused('PIN_WRONG', () =>
      openKms({ ...place, members: [{ ...(member as KekPlace['members'][number]), processes: 3, login }] }),
    );
    expect(asked).toBe(1);
    expect(tokenProcesses()).toEqual([]);
  });

  test('a key under another CKA_ID, as it comes back from a backup, is the same KEK', async () => {
    const { ciphertext, plaintext } = await (await openKms()).generateDataKey(CONTEXT);
    const id = randomBytes(16).toString('hex');
    pkcs11Tool('vault', '--type', 'secrkey', '--id', made.id, '--set-id', id);
    const kms = await openKms();
    expect(kms.keyId).toBe(kek.keyId);
    expect(await kms.decrypt(ciphertext, CONTEXT)).toEqual(plaintext);
    const { keys } = await inToken(LOCATION, null, (token) => token.call('inventory', {}));
    expect(keys.map((key) => key.id)).toEqual([id]);
  });

  test('another key of that label is refused, and nothing is left running', async () => {
    await inToken(LOCATION, null, (token) => token.call('destroy', { label: 'vault-kek' }));
    expect(await refused('KEY_MISSING', openKms)).toEqual({ label: 'vault-kek' });
    await makeKek(LOCATION, 'vault-kek');
    expect(await refused('KEY_DIFFERENT', openKms)).toEqual({ label: 'vault-kek' });
    expect(tokenProcesses()).toEqual([]);
  });

  test('a check that was altered, or of another id, is refused', async () => {
    const check = Buffer.from(kek.check, 'base64');
    check[check.length - 1] = (check.at(-1) as number) ^ 1;
    await refused('KEY_DIFFERENT', () => openKms(placeOf(LOCATION), { ...kek, check: check.toString('base64') }));
    const other = '00000000-0000-4000-8000-000000000000';
    expect(await refused('KMS_KEY_UNKNOWN', () => openKms(placeOf(LOCATION), { ...kek, keyId: other }))).toEqual({
      keyId: kek.keyId,
    });
  });

  test('what is no KEK is refused: a key pair, and a master key, which wraps', async () => {
    await inToken(LOCATION, SECURITY_OFFICER_PIN, async (token) => {
      const send = (secret: string) => token.sendSecret(Buffer.from(secret));
      await token.call('generateKey', { label: 'ledger', algorithm: 'EC-P256', purpose: 'service' });
      await token.call('makeMasterKey', {
        ...{ label: 'master', masterKeyId: randomBytes(16).toString('hex'), ceremony: 'test', epoch: 0, dice: null },
        ...{ threshold: 2, shareCount: 2, scryptLog2N: 10 },
        passphrases: [await send('anvil birch cedar'), await send('dune ember flint')],
      });
    });
    const enrol = (label: string) => refused('TOKEN_LIED', () => Pkcs11Kms.enrol(placeOf(LOCATION), label));
    expect(await enrol('ledger')).toMatchObject({ attribute: 'algorithm', actual: 'EC-P256' });
    expect(await enrol('master')).toMatchObject({ attribute: 'encrypt', actual: 'false' });
  });

  test('after a data key was opened, the token process holds it nowhere', async () => {
    const kms = await openKms();
    const [pid] = tokenProcesses();
    const { plaintext, ciphertext } = await kms.generateDataKey(CONTEXT);
    wipe(await kms.decrypt(ciphertext, CONTEXT));
    const { found } = scanMemory(pid as number, { key: plaintext, label: Buffer.from('vault-kek') });
    // The label is there, and is no secret: the scan sees what there is.
    expect(new Set(found.map(({ needle }) => needle))).toEqual(new Set(['label']));
    wipe(plaintext);
  });
});

/** Token processes that this one has started and that live. */
function tokenProcesses(): number[] {
  try {
    const out = execFileSync('pgrep', ['-P', String(process.pid), '-f', program('token')], { encoding: 'utf8' });
    return out.trim().split('\n').map(Number);
  } catch {
    return [];
  }
}
