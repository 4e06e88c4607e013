import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { shareLines } from '../../core/shares/lines.ts';
import { freshSet, golden, hexOf, pick } from './sample-set.ts';

/** Written from docs/formats/share.md alone: needs python3 and its `cryptography`. */
const program = fileURLToPath(new URL('check_share.py', import.meta.url));

function checkShares(input: unknown): unknown {
  return JSON.parse(execFileSync('/usr/bin/python3', [program], { input: JSON.stringify(input), encoding: 'utf8' }));
}

function linesOf(text: string): string[] {
  return shareLines(text).map(({ number, groups, check }) => [number, ...groups, check].join(' '));
}

test('an independent reading of the document opens the sample set', () => {
  expect(checkShares(golden)).toEqual({
    masterKey: golden.masterKey,
    ys: Object.fromEntries(golden.shares.map(({ x, y }) => [String(x), y])),
  });
});

test.each([
  { threshold: 2, shareCount: 2 },
  { threshold: 3, shareCount: 5 },
  { threshold: 4, shareCount: 7, epoch: 255, ceremony: 'Zeremonie Übung № 2' },
])('and a fresh set of $threshold of $shareCount', async (changes) => {
  const { input, manifest, given } = await freshSet(changes);
  const shares = given.slice(-changes.threshold).map(({ text, passphrase }) => ({
    text,
    passphrase: new TextDecoder().decode(passphrase),
    lines: linesOf(text),
  }));
  expect(checkShares({ manifest, shares })).toMatchObject({ masterKey: hexOf(input.masterKey) });
});

test('it is no rubber stamp: a changed character, line, manifest or too few shares stop it', () => {
  const [first, second, third] = pick(golden.shares, 0, 1, 2);
  const last = first.text.endsWith('Q') ? 'P' : 'Q';
  const text = first.text.slice(0, -1) + last;
  const wrong: [unknown, string][] = [
    [{ ...golden, shares: [{ ...first, text, lines: linesOf(text) }, second, third] }, 'checksum'],
    [{ ...golden, shares: [{ ...first, lines: second.lines }, second, third] }, 'the lines are not the text'],
    [{ ...golden, manifest: { ...golden.manifest, epoch: 1 } }, 'set id'],
    [{ ...golden, shares: [first, second] }, 'too few shares'],
  ];
  for (const [input, says] of wrong) {
    const { status, stderr } = spawnSync('/usr/bin/python3', [program], {
      input: JSON.stringify(input),
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr.trim()).toBe(says);
  }
});
