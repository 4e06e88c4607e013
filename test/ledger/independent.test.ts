import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import canonicalize from 'canonicalize';
import { expect, test } from 'vitest';
import { leafHash } from '../../core/ledger/tree.ts';
import { sampleAuthority } from '../pki/sample-authority.ts';
import {
  type SampleLedger,
  appendCheckpoint,
  appendKey,
  certify,
  note,
  sampleLedger,
  selfSignedKey,
} from './sample-ledger.ts';

/** Written from docs/formats/ledger.md alone: needs python3 and openssl, and nothing else. */
const program = fileURLToPath(new URL('check_export.py', import.meta.url));

function check(...words: string[]): unknown {
  return JSON.parse(execFileSync('/usr/bin/python3', [program, ...words], { encoding: 'utf8' }));
}

function complaint(...words: string[]): string {
  const { status, stderr } = spawnSync('/usr/bin/python3', [program, ...words], { encoding: 'utf8' });
  expect(status).toBe(1);
  return stderr.trim();
}

/** Twelve rows; the key of row 1 is certified by a root in row 10. */
async function certified(): Promise<SampleLedger & { root: string; foreign: string }> {
  const sample = await sampleLedger(7);
  const { folder, ledger, key } = sample;
  await ledger.append([note('ünï ☃ \ud83d\ude00')]);
  const authority = await sampleAuthority('EC-P256');
  const better = { signer: key.signer, ...(await certify(authority, key.signer)) };
  await appendKey(ledger, better, key);
  await ledger.append([note('a'), note('b')]);
  await appendCheckpoint(ledger, better);
  const root = join(folder, 'root.crt');
  const foreign = join(folder, 'foreign.crt');
  writeFileSync(root, authority.root.pem);
  writeFileSync(foreign, (await sampleAuthority('EC-P256')).root.pem);
  return { ...sample, root, foreign };
}

test('an independent reading of the document verifies every slice', async () => {
  const { folder, store, ledger, root, foreign } = await certified();
  const origin = await ledger.origin();
  const path = (from: number, to: number) => join(folder, `${from}-${to}.ledger`);
  for (const [from, to] of [
    [1, 12],
    [1, 1],
    [12, 12],
    [3, 5],
    [7, 11],
  ] as const) {
    await ledger.export({ from, to }, path(from, to));
    expect(check(path(from, to), root)).toEqual({ origin, from, to, size: 12 });
  }
  expect(complaint(path(3, 5), foreign)).toBe('the ledger key is not certified by the root');
  await store.close();
});

test('it is no rubber stamp', async () => {
  const { folder, store, ledger } = await certified();
  const path = join(folder, 'slice.ledger');
  await ledger.export({ from: 3, to: 6 }, path);
  await store.close();
  const text = readFileSync(path, 'utf8');
  const [header = '', ...rows] = text.split('\n');
  const changed = join(folder, 'changed.ledger');
  const withHeader = (change: (header: Record<string, unknown>) => void) => {
    const parsed = JSON.parse(header) as Record<string, unknown>;
    change(parsed);
    return [canonicalize(parsed), ...rows].join('\n');
  };
  const forged = rows[1]?.slice(45).replace('note 3', 'note 9') ?? '';
  const rehashed = `${Buffer.from(leafHash(forged)).toString('base64')} ${forged}`;
  const stranger = Buffer.from(selfSignedKey('Stranger').certificate).toString('base64');
  const wrong: [string, string][] = [
    [text.replace('note 3', 'note 9'), 'row 4 is not what its hash says'],
    [[header, ...rows.with(1, rehashed)].join('\n'), 'the rows do not lead to the root that was signed'],
    [
      [header, ...rows.with(0, rows[1] ?? '').with(1, rows[0] ?? '')].join('\n'),
      'another row stands in the place of row 3',
    ],
    [[header, ...rows.toSpliced(2, 1)].join('\n'), 'the rows are not as many as the header says'],
    [text.slice(0, -1), 'the last line has no end'],
    [
      withHeader((parsed) => (parsed['before'] = (parsed['before'] as string[]).slice(1))),
      'the hashes around the rows are not as many as they must be',
    ],
    [
      withHeader((parsed) => (parsed['keys'] = [{ certificate: stranger, signature: null }])),
      'the checkpoint is not signed by the ledger key',
    ],
    [
      withHeader((parsed) => ((parsed['keys'] as { certificate: string }[])[0] = keyOf(stranger))),
      'ledger key 2 is not signed by the key before it',
    ],
    [text.replace('\\n12\\n', '\\n13\\n'), 'the checkpoint is not signed by the ledger key'],
  ];
  for (const [content, says] of wrong) {
    writeFileSync(changed, content);
    expect(complaint(changed)).toBe(says);
  }
});

function keyOf(certificate: string): { certificate: string; signature: null } {
  return { certificate, signature: null };
}
