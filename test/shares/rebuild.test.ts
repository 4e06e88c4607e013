import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as shamir from 'shamir-secret-sharing';
import { afterEach, expect, test, vi } from 'vitest';
import { openShare } from '../../core/shares/envelope.ts';
import { shareLines } from '../../core/shares/lines.ts';
import { rebuildShare } from '../../core/shares/rebuild.ts';
import { recoverMasterKey } from '../../core/shares/recover.ts';
import { reshareMasterKey } from '../../core/shares/reshare.ts';
import { parseShare } from '../../core/shares/share.ts';
import {
  COST,
  type Given,
  emptyKey,
  expectRefusal,
  forgedSet,
  freshSet,
  golden,
  hexOf,
  masterKeyOf,
  pick,
  utf8,
} from './sample-set.ts';

vi.mock('shamir-secret-sharing', async (original) => {
  const library = await original<typeof shamir>();
  return { ...library, combine: vi.fn(library.combine) };
});

/** What the library has combined, in hex: taken before our side overwrites it. */
const combined: string[] = [];
const { combine } = await vi.importActual<typeof shamir>('shamir-secret-sharing');
vi.mocked(shamir.combine).mockImplementation(async (shares) => {
  const secret = await combine(shares);
  combined.push(hexOf(secret));
  return secret;
});
afterEach(() => {
  combined.length = 0;
});

const passphrase = utf8('a passphrase of its own');

async function opened({ text, passphrase: known }: Given): Promise<string> {
  return hexOf((await openShare(parseShare(text), known)).subarray(0, 32));
}

/** The document's reader, which takes the value at x by Lagrange and by moved points. */
function readByPython(input: unknown): { masterKey: string; ys: Record<string, string>; rebuilt: string } {
  const program = fileURLToPath(new URL('check_share.py', import.meta.url));
  const answered = execFileSync('/usr/bin/python3', [program], { input: JSON.stringify(input), encoding: 'utf8' });
  return JSON.parse(answered) as ReturnType<typeof readByPython>;
}

function forPython({ text, passphrase: known }: Given) {
  const lines = shareLines(text).map(({ number, groups, check }) => [number, ...groups, check].join(' '));
  return { text, passphrase: new TextDecoder().decode(known), lines };
}

test.each([
  { threshold: 2, shareCount: 2 + 1 },
  { threshold: 3, shareCount: 5 },
  { threshold: 4, shareCount: 9, epoch: 255 },
])('any share of $threshold of $shareCount comes back at its x, byte for byte, from any quorum', async (changes) => {
  const { manifest, given, shares } = await freshSet(changes);
  const { threshold } = changes;
  for (const [lost, { x }] of shares.entries()) {
    const others = given.filter((_, index) => index !== lost);
    const quorum = others.slice(lost % (others.length - threshold + 1)).slice(0, threshold);
    const { text, sharesUsed } = await rebuildShare({ manifest, shares: quorum, x, passphrase, scryptLog2N: COST });
    const [own] = pick(given, lost);
    expect(parseShare(text)).toMatchObject({ x, epoch: manifest.epoch, threshold });
    expect(hexOf(parseShare(text).salt)).not.toBe(hexOf(parseShare(own.text).salt));
    expect(await opened({ text, passphrase })).toBe(await opened(own));
    expect(sharesUsed).toEqual(quorum.map((share) => parseShare(share.text).x));
    await expectRefusal(() => openShare(parseShare(text), own.passphrase), 'SHARE_PASSPHRASE_WRONG');
  }
});

test('an independent program finds the same y, and takes the new sheet with two others for the master key', async () => {
  const { input, manifest, given, shares } = await freshSet();
  const [{ x }] = pick(shares, 1);
  const quorum = pick(given, 0, 2, 4);
  const { text } = await rebuildShare({ manifest, shares: quorum, x, passphrase, scryptLog2N: COST });
  const read = readByPython({ manifest, shares: quorum.map(forPython), rebuild: x });
  expect(read.rebuilt).toBe(await opened({ text, passphrase }));
  const withNew = [{ text, passphrase }, ...pick(given, 3, 4)].map(forPython);
  expect(readByPython({ manifest, shares: withNew }).masterKey).toBe(hexOf(input.masterKey));
});

test('the sample set, whose points are published: share 84 from three others', async () => {
  const sample = golden.shares.map((share) => ({ text: share.text, passphrase: utf8(share.passphrase) }));
  const index = golden.shares.findIndex(({ x }) => x === 84);
  const quorum = sample.filter((_, at) => at !== index).slice(0, 3);
  const made = await rebuildShare({ manifest: golden.manifest, shares: quorum, x: 84, passphrase, scryptLog2N: COST });
  expect(await opened({ text: made.text, passphrase })).toBe(golden.shares[index]?.y);
});

test('the library never gives the master key: what it combines is the lost y alone', async () => {
  const { input, manifest, given, shares } = await freshSet();
  const [{ x }] = pick(shares, 3);
  combined.length = 0;
  const [lost] = pick(given, 3);
  await rebuildShare({ manifest, shares: pick(given, 0, 1, 2), x, passphrase, scryptLog2N: COST });
  expect(combined).toEqual([await opened(lost)]);
  // A recovery of the same shares does: the ear hears.
  await recoverMasterKey({ manifest, shares: pick(given, 0, 1, 2), into: emptyKey() });
  expect(combined.at(-1)).toBe(hexOf(input.masterKey));
});

test('wrong things are named, and nothing is made', async () => {
  const { manifest, given, shares } = await freshSet();
  const other = await freshSet({ epoch: 2, ceremony: 'another' });
  const [{ x }] = pick(shares, 1);
  const rebuild = (from: Given[], at = x, chosen = passphrase) =>
    rebuildShare({ manifest, shares: from, x: at, passphrase: chosen, scryptLog2N: COST });
  await expectRefusal(() => rebuild(pick(given, 0, 1, 2)), 'SHARE_NOT_LOST', { x });
  await expectRefusal(() => rebuild(pick(given, 0, 2)), 'SHARES_TOO_FEW', { present: 2, threshold: 3 });
  await expectRefusal(() => rebuild(pick(given, 0, 2, 2)), 'SHARE_REPEATED');
  await expectRefusal(() => rebuild([...pick(given, 0, 2), ...pick(other.given, 3)]), 'SHARE_FOREIGN');
  const absent = Array.from({ length: 255 }, (_, at) => at + 1).find((at) => !shares.some((share) => share.x === at));
  await expectRefusal(() => rebuild(pick(given, 0, 2, 3), absent), 'SHARE_FOREIGN', { x: absent ?? 0 });
  await expectRefusal(() => rebuild(pick(given, 0, 2, 3), 0), 'SHARE_FOREIGN', { x: 0 });
  const [{ passphrase: taken }] = pick(given, 3);
  await expectRefusal(() => rebuild(pick(given, 0, 2, 3), x, taken), 'PASSPHRASE_REPEATED');
  const mistyped = { ...pick(given, 3)[0], passphrase: utf8('mistyped') };
  await expectRefusal(() => rebuild([...pick(given, 0, 2), mistyped]), 'SHARE_PASSPHRASE_WRONG');
});

test('SHARES_WRONG_SECRET: shares that a manifest commits to and that lie on no one curve make no share', async () => {
  const points = [7, 9, 20, 21].map((x) => ({ x, y: new Uint8Array(32).map((_, at) => (x * x * 31 + at * 7) & 255) }));
  const { manifest, given } = await forgedSet(
    points,
    2,
    masterKeyOf(() => 1),
  );
  await expectRefusal(
    () => rebuildShare({ manifest, shares: pick(given, 0, 1), x: 20, passphrase, scryptLog2N: COST }),
    'SHARES_WRONG_SECRET',
  );
});

test('sharing anew: another epoch and count of the same key, and the old shares still recover it', async () => {
  const { input, manifest, given } = await freshSet();
  const passphrases = Array.from({ length: 7 }, (_, index) => utf8(`new passphrase ${index}`));
  const next = { ceremony: 'later', threshold: 4, shareCount: 7, epoch: 2, passphrases, scryptLog2N: COST };
  const anew = await reshareMasterKey(manifest, pick(given, 4, 1, 2), next);
  expect(anew.subsetsChecked).toBe(35);
  expect(anew.manifest).toMatchObject({ masterKeyId: manifest.masterKeyId, epoch: 2, threshold: 4, shareCount: 7 });
  expect(anew.manifest.setId).not.toBe(manifest.setId);
  const fresh = anew.shares.map(({ text }, index) => ({ text, passphrase: passphrases[index] ?? new Uint8Array() }));
  const into = emptyKey();
  for (const [set, shares] of [
    [anew.manifest, pick(fresh, 6, 0, 3, 2)],
    [manifest, pick(given, 0, 3, 4)],
  ] as const) {
    into.fill(0);
    await recoverMasterKey({ manifest: set, shares: [...shares], into });
    expect(hexOf(into)).toBe(hexOf(input.masterKey));
  }
  // Epochs do not mix, whichever is asked for.
  const mixed = [...pick(given, 0, 1), ...pick(fresh, 0, 1)];
  for (const [set, code] of [
    [manifest, 'SHARE_FOREIGN'],
    [anew.manifest, 'SHARE_OLD_EPOCH'],
  ] as const) {
    await expectRefusal(() => recoverMasterKey({ manifest: set, shares: mixed, into }), code);
  }
  await expectRefusal(() => reshareMasterKey(manifest, pick(given, 0, 1), next), 'SHARES_TOO_FEW');
});
