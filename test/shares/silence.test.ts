import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Refusal } from '../../core/contract/errors.ts';
import { explain } from '../../core/contract/explain.ts';
import { openShare, sealShare } from '../../core/shares/envelope.ts';
import { readTyped } from '../../core/shares/lines.ts';
import { recoverMasterKey } from '../../core/shares/recover.ts';
import { parseShare, writeShare } from '../../core/shares/share.ts';
import { splitMasterKey } from '../../core/shares/split.ts';
import { bytesOf, emptyKey, forgedSet, golden, pick, splitInput, utf8 } from './sample-set.ts';

const sample = golden.shares.map(({ text, passphrase }) => ({ text, passphrase: utf8(passphrase) }));
const [a, b, c] = pick(sample, 0, 1, 2);
const { manifest } = golden;

/** Any eight bytes in a row, or eight characters of a text, in the forms in which they could turn up. */
function traces(bytes: Uint8Array): string[] {
  const pieces = Array.from({ length: Math.max(1, bytes.length - 7) }, (_, start) =>
    Buffer.from(bytes.subarray(start, start + 8)),
  );
  return pieces.flatMap((piece) => [
    piece.toString('hex'),
    piece
      .toString('base64')
      .replace(/[^A-Za-z0-9+/].*/, '')
      .slice(0, 10),
    piece.toString('latin1'),
    Array.from(piece).join(', '),
    Array.from(piece).join(','),
    Array.from(piece, (byte) => byte.toString(16).padStart(2, '0')).join(' '),
  ]);
}

const secrets = [
  bytesOf(golden.masterKey),
  ...golden.shares.flatMap(({ y, passphrase, text }) => [bytesOf(y), utf8(passphrase), utf8(text.slice(4))]),
];
const forbidden = [...secrets.flatMap(traces), ...golden.shares.map(({ passphrase }) => passphrase)];

/** All that an error could tell anybody. */
function told(error: unknown): string {
  const shown = [inspect(error, { depth: 10, showHidden: true }), JSON.stringify(error), String(error)];
  if (error instanceof Error) shown.push(error.message, error.stack ?? '', inspect(error.cause, { depth: 10 }));
  if (error instanceof Refusal)
    shown.push(
      ...Object.values(error.params).map(String),
      JSON.stringify(error.value),
      JSON.stringify(explain(error.value)),
    );
  // Arrays are shown in lines and columns.
  return shown.join('\n').replace(/,\s+/g, ', ');
}

async function thrownBy(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  return expect.fail('nothing was thrown');
}

function recover(shares: typeof sample, of = manifest) {
  return recoverMasterKey({ manifest: of, shares, into: emptyKey() });
}

async function alteredShare() {
  const sealed = await sealShare(parseShare(c.text), bytesOf(pick(golden.shares, 3)[0].y), c.passphrase);
  return { text: writeShare(sealed), passphrase: c.passphrase };
}

const failures: [name: string, code: string, work: () => unknown][] = [
  ['a damaged text', 'SHARE_DAMAGED', () => parseShare(`${a.text.slice(0, -1)}${a.text.endsWith('Q') ? 'P' : 'Q'}`)],
  ['a cut text', 'SHARE_DAMAGED', () => parseShare(a.text.slice(0, 154))],
  ['a strange letter', 'SHARE_DAMAGED', () => readTyped(`${a.text.slice(0, 70)}O${a.text.slice(71)}`)],
  [
    'a typing error',
    'SHARE_DAMAGED',
    () => readTyped(pick(golden.shares, 0)[0].lines.join('\n').replace('GQPU', 'GPQU')),
  ],
  ['two shares in one', 'SHARE_DAMAGED', () => readTyped(a.text + b.text)],
  ['a text with a word in front', 'SHARE_UNKNOWN_FORMAT', () => parseShare(`share:${a.text}`)],
  ['too few', 'SHARES_TOO_FEW', () => recover([a, b])],
  ['repeated', 'SHARE_REPEATED', () => recover([a, b, a])],
  ['a wrong passphrase', 'SHARE_PASSPHRASE_WRONG', () => recover([a, b, { ...c, passphrase: a.passphrase }])],
  [
    'a passphrase that is no UTF-8',
    'SHARE_PASSPHRASE_WRONG',
    () => openShare(parseShare(a.text), Uint8Array.of(...a.passphrase, 0xff)),
  ],
  ['an altered share', 'SHARE_ALTERED', async () => recover([a, b, await alteredShare()])],
  [
    'another set',
    'SHARE_FOREIGN',
    async () => {
      const y = bytesOf(pick(golden.shares, 0)[0].y);
      const forged = await forgedSet(
        [1, 2, 3].map((x) => ({ x, y })),
        2,
        bytesOf(golden.masterKey),
      );
      return recover(sample, forged.manifest);
    },
  ],
  [
    'a wrong secret',
    'SHARES_WRONG_SECRET',
    async () => {
      const points = golden.shares.map(({ x, y }) => ({ x, y: bytesOf(y) }));
      const forged = await forgedSet(points, 3, new Uint8Array(32));
      return recover(forged.given, forged.manifest);
    },
  ],
  ['a wrong manifest', 'MANIFEST_INVALID', () => recover(sample, { ...manifest, epoch: 3 })],
  [
    'one passphrase twice',
    'PASSPHRASE_REPEATED',
    () =>
      splitMasterKey(
        splitInput({ masterKey: bytesOf(golden.masterKey), passphrases: Array<Uint8Array>(5).fill(a.passphrase) }),
      ),
  ],
  [
    'a passphrase of broken UTF-8 to seal under',
    'RangeError',
    () => sealShare(parseShare(a.text), bytesOf(pick(golden.shares, 0)[0].y), Uint8Array.of(...a.passphrase, 0xff)),
  ],
  [
    'a cost out of range',
    'RangeError',
    () =>
      splitMasterKey(
        splitInput({
          masterKey: bytesOf(golden.masterKey),
          passphrases: sample.map(({ passphrase }) => passphrase),
          scryptLog2N: 40,
        }),
      ),
  ],
  [
    'a short master key',
    'RangeError',
    () => splitMasterKey(splitInput({ masterKey: bytesOf(golden.masterKey).slice(1) })),
  ],
];

test.each(failures)('%s (%s) tells nothing of key, shares, passphrases or texts', async (_, code, work) => {
  const error = await thrownBy(work);
  expect(error instanceof Refusal ? error.code : (error as Error).name).toBe(code);
  const text = told(error);
  expect(forbidden.filter((trace) => trace.length > 7 && text.includes(trace))).toEqual([]);
});

test('the search would find a secret in an error', () => {
  for (const secret of secrets) {
    const leaks = [
      new Error(Buffer.from(secret).toString('hex')),
      new Error('x', { cause: Buffer.from(secret).toString('base64') }),
      Object.assign(new Error('x'), { share: secret }),
      new Refusal('SHARE_DAMAGED', { detail: Buffer.from(secret).toString('latin1') }),
    ];
    for (const leak of leaks) {
      const text = told(leak);
      expect(forbidden.some((trace) => trace.length > 7 && text.includes(trace))).toBe(true);
    }
  }
});
