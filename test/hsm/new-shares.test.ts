import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { TokenProcess } from '../../core/hsm/process/client.ts';
import { openShare } from '../../core/shares/envelope.ts';
import { recoverMasterKey } from '../../core/shares/recover.ts';
import { parseShare } from '../../core/shares/share.ts';
import { type Given, freshSet } from '../shares/sample-set.ts';
import { scanMemory } from './process-memory.ts';
import { refused } from './refused.ts';
import { SOFTHSM_MODULE, USER_PIN, makeSoftHsm } from './softhsm.ts';

const folder = mkdtempSync(join(tmpdir(), 'claviger-new-shares-'));
let removeSoftHsm: () => void;
const running: TokenProcess[] = [];
beforeAll(() => {
  ({ remove: removeSoftHsm } = makeSoftHsm(['main']));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((process) => process.close()));
});
afterAll(() => {
  removeSoftHsm();
  rmSync(folder, { recursive: true });
});

const GROUNDS = {
  'software token': { kind: 'software', folder: join(folder, 'main'), token: 'main' },
  'SoftHSM 2': { kind: 'pkcs11', module: SOFTHSM_MODULE, token: 'main' },
} as const;

async function loggedIn(ground: keyof typeof GROUNDS): Promise<TokenProcess> {
  const process = TokenProcess.start();
  running.push(process);
  await process.call('open', { location: GROUNDS[ground] });
  const pin = await process.sendSecret(Buffer.from(USER_PIN));
  await process.call('login', { pin, securityOfficerPin: null });
  return process;
}

const utf8 = (text: string) => new Uint8Array(Buffer.from(text));
/** Passphrases that stand nowhere else in the memory of a process. */
const secretWords = (count: number) =>
  Array.from({ length: count }, () => utf8(`passphrase-${randomBytes(12).toString('hex')}`));

async function sent(process: TokenProcess, shares: Given[]) {
  const given = [];
  for (const { text, passphrase } of shares) given.push({ text, passphrase: await process.sendSecret(passphrase) });
  return given;
}

/** Needles for every half of these: what was half overwritten is no less a residue. */
function halvesOf(named: Record<string, Uint8Array>): Record<string, Uint8Array> {
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, bytes]) => [
      [`${name}, first half`, bytes.subarray(0, bytes.length / 2)],
      [`${name}, second half`, bytes.subarray(bytes.length / 2)],
    ]),
  );
}

async function plainShares(shares: Given[]): Promise<Record<string, Uint8Array>> {
  const named: Record<string, Uint8Array> = {};
  for (const [index, { text, passphrase }] of shares.entries()) {
    named[`y ${index}`] = (await openShare(parseShare(text), passphrase)).slice(0, 32);
  }
  return named;
}

test.each(Object.keys(GROUNDS) as (keyof typeof GROUNDS)[])(
  'beside the %s: a share is made again, and no memory ever shows the master key, a share or a passphrase',
  async (ground) => {
    const masterKey = new Uint8Array(randomBytes(32));
    const set = await freshSet({ masterKey, passphrases: secretWords(5) });
    const process = await loggedIn(ground);
    const [chosen = new Uint8Array()] = secretWords(1);
    const x = set.shares[1]?.x ?? 0;
    const quorum = [0, 2, 4].map((index) => set.given[index] as Given);
    const rebuilt = await process.call('rebuildShare', {
      manifest: set.manifest,
      shares: await sent(process, quorum),
      x,
      passphrase: await process.sendSecret(chosen),
      scryptLog2N: 10,
    });
    const needles = {
      ...halvesOf({ 'master key': masterKey, ...(await plainShares(set.given)) }),
      ...Object.fromEntries([chosen, ...set.input.passphrases].map((secret, index) => [`passphrase ${index}`, secret])),
    };
    const { bytesRead, found } = scanMemory(process.pid as number, needles);
    expect(bytesRead).toBeGreaterThan(50_000_000);
    expect(found).toEqual([]);
    // The scan does see what is there: the text that was answered went through this memory, and is no secret.
    const seen = scanMemory(process.pid as number, { text: Buffer.from('claviger/CLV1/commitment') });
    expect(seen.found.length).toBeGreaterThan(0);

    const withNew = [{ text: rebuilt.text, passphrase: chosen }, set.given[3] as Given, set.given[4] as Given];
    const into = new Uint8Array(32);
    await recoverMasterKey({ manifest: set.manifest, shares: withNew, into });
    expect(into).toEqual(masterKey);
    // The lost sheet is the same share: it recovers too.
    await recoverMasterKey({ manifest: set.manifest, shares: set.given.slice(1, 4), into: into.fill(0) });
    expect(into).toEqual(masterKey);
  },
);

test('sharing anew leaves nothing in memory either, and a refusal forgets what was sent', async () => {
  const masterKey = new Uint8Array(randomBytes(32));
  const set = await freshSet({ masterKey, passphrases: secretWords(5) });
  const process = await loggedIn('software token');
  const chosen = secretWords(4);
  const reshare = async (shares: Given[]) => {
    const passphrases: string[] = [];
    for (const passphrase of chosen) passphrases.push(await process.sendSecret(passphrase));
    return process.call('reshare', {
      ...{ manifest: set.manifest, ceremony: 'later', threshold: 2, shareCount: 4, epoch: 2, scryptLog2N: 10 },
      shares: await sent(process, shares),
      passphrases,
    });
  };
  await refused('SHARES_TOO_FEW', () => reshare(set.given.slice(0, 2)));
  const anew = await reshare(set.given.slice(2));
  expect(anew).toMatchObject({ subsetsChecked: 6, manifest: { epoch: 2, threshold: 2, shareCount: 4 } });
  const fresh = anew.shares.map(({ text }, index) => ({ text, passphrase: chosen[index] as Uint8Array }));
  const needles = {
    ...halvesOf({ 'master key': masterKey, ...(await plainShares(fresh)) }),
    ...Object.fromEntries(
      [...chosen, ...set.input.passphrases].map((secret, index) => [`passphrase ${index}`, secret]),
    ),
  };
  expect(scanMemory(process.pid as number, needles).found).toEqual([]);
  const into = new Uint8Array(32);
  await recoverMasterKey({ manifest: anew.manifest, shares: fresh.slice(1, 3), into });
  expect(into).toEqual(masterKey);
});
