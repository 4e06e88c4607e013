import { expect, test, vi } from 'vitest';
import type * as Guarded from '../../core/process/guarded.ts';
import type * as Shamir from 'shamir-secret-sharing';
import { rebuildShare } from '../../core/shares/rebuild.ts';
import { recoverMasterKey } from '../../core/shares/recover.ts';
import { splitMasterKey } from '../../core/shares/split.ts';
import { emptyKey, expectRefusal, golden, hexOf, pick, splitInput, utf8 } from './sample-set.ts';

/** Every buffer in which something plain was: guarded memory that core made, and what the library handed out. */
const made = vi.hoisted((): { guarded: Uint8Array[]; library: Uint8Array[] } => ({ guarded: [], library: [] }));

vi.mock('../../core/process/guarded.ts', async (original) => {
  const real = await original<typeof Guarded>();
  const noted = (buffer: Uint8Array) => {
    made.guarded.push(buffer);
    return buffer;
  };
  return {
    ...real,
    guarded: (length: number) => noted(real.guarded(length)),
    guardedCopy: (bytes: Uint8Array) => noted(real.guardedCopy(bytes)),
  };
});

vi.mock('shamir-secret-sharing', async (original) => {
  const real = await original<typeof Shamir>();
  return {
    split: async (...parameters: Parameters<typeof real.split>) => {
      const shares = await real.split(...parameters);
      made.library.push(...shares);
      return shares;
    },
    combine: async (...parameters: Parameters<typeof real.combine>) => {
      const secret = await real.combine(...parameters);
      made.library.push(secret);
      return secret;
    },
  };
});

/** Runs some work and answers how many buffers it made; each must be zeros afterwards, but for those that are excepted. */
async function buffersLeftZero(work: () => Promise<unknown>, ...except: Uint8Array[]) {
  made.guarded.length = 0;
  made.library.length = 0;
  await work();
  for (const buffer of [...made.guarded, ...made.library]) {
    if (!except.includes(buffer)) expect(hexOf(buffer)).toBe('00'.repeat(buffer.length));
  }
  return { guarded: made.guarded.length, library: made.library.length };
}

const sample = golden.shares.map(({ text, passphrase }) => ({ text, passphrase: utf8(passphrase) }));

test('a split leaves nothing plain in any buffer', async () => {
  const input = splitInput();
  const buffers = await buffersLeftZero(() => splitMasterKey(input), input.masterKey);
  // 5 passphrases compared; 5 plain shares; what the subsets give; for each share passphrase and derived key, to seal
  // and to open, and the share that was opened.
  expect(buffers.guarded).toBe(5 + 5 + 1 + 5 * (2 + 2 + 1));
  // 5 shares, and one secret for each of the 10 subsets.
  expect(buffers.library).toBe(15);
});

test('nor does one that fails half-way', async () => {
  const broken = Uint8Array.of(0xff);
  const input = splitInput({ passphrases: [...splitInput().passphrases.slice(1), broken] });
  const buffers = await buffersLeftZero(() => expect(splitMasterKey(input)).rejects.toThrow(RangeError));
  expect(buffers.guarded).toBeGreaterThan(10);
  const repeated = splitInput({ passphrases: Array<Uint8Array>(5).fill(utf8('again')) });
  const none = await buffersLeftZero(() => expectRefusal(() => splitMasterKey(repeated), 'PASSPHRASE_REPEATED'));
  expect(none).toEqual({ guarded: 5, library: 0 });
});

test('a recovery leaves the master key where it was asked for and nowhere else', async () => {
  const into = emptyKey();
  const shares = sample.slice(0, 3);
  const buffers = await buffersLeftZero(() => recoverMasterKey({ manifest: golden.manifest, shares, into }), into);
  expect(buffers).toEqual({ guarded: 3 * 3 + 1, library: 1 });
  expect(hexOf(into)).toBe(golden.masterKey);
});

test('a refused recovery leaves nothing, not even there', async () => {
  const into = emptyKey();
  const [a, b, c] = pick(sample, 0, 1, 2);
  const shares = [a, b, { ...c, passphrase: utf8('guess') }];
  const buffers = await buffersLeftZero(() =>
    expectRefusal(() => recoverMasterKey({ manifest: golden.manifest, shares, into }), 'SHARE_PASSPHRASE_WRONG'),
  );
  expect(buffers).toEqual({ guarded: 3 * 3, library: 0 });
  expect(hexOf(into)).toBe('00'.repeat(32));
});

test('a share that is made again leaves nothing plain', async () => {
  const [a, b, c] = pick(sample, 0, 1, 2);
  const [{ x }] = pick(golden.shares, 4);
  const wanted = { manifest: golden.manifest, shares: [a, b, c], x, passphrase: utf8('another one'), scryptLog2N: 10 };
  const buffers = await buffersLeftZero(() => rebuildShare(wanted));
  // Of each share what opens it, itself and itself moved; the rebuilt one, sealed and opened again; passphrases compared.
  expect(buffers.guarded).toBeGreaterThan(3 * 4 + 1);
  expect(buffers.library).toBe(1);
  const refused = await buffersLeftZero(() =>
    expectRefusal(
      () => rebuildShare({ ...wanted, shares: [a, b, { ...c, passphrase: utf8('guess') }] }),
      'SHARE_PASSPHRASE_WRONG',
    ),
  );
  expect(refused.library).toBe(0);
});
