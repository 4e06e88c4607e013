import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LedgerProof, LedgerVerification, LedgerWitness } from '../../core/contract/ledger.ts';
import { EVENTS } from '../../core/ceremony/event.ts';
import { type Ledger, openLedger } from '../../core/ledger/ledger.ts';
import { verifyInclusion } from '../../core/ledger/proof.ts';
import { leafHash } from '../../core/ledger/tree.ts';
import { openStore } from '../../core/store/open.ts';
import { appendCheckpoint, appendKey, selfSignedKey } from '../ledger/sample-ledger.ts';
import { claviger, temporaryFolder } from './claviger.ts';

const event = (ceremony: string, answer: string) => ({
  kind: 'step.answered',
  ceremony,
  body: { step: 'a', ask: 'b', answer: { text: answer } },
});

/** A store of two ceremonies' rows on two days, signed: 1 a key, 2 and 3 old, 4 and 5 new, 6 a checkpoint. */
async function signedStore(): Promise<{ data: string; text: string }> {
  const data = join(temporaryFolder(), 'data');
  const store = await openStore(data);
  let day = 1;
  const ledger: Ledger = openLedger(store, () => new Date(Date.UTC(2026, 0, day)), EVENTS);
  const key = selfSignedKey();
  await appendKey(ledger, key, null);
  await ledger.append([event('one', 'first'), event('one', 'second')]);
  day = 9;
  await ledger.append([event('two', 'third'), event('two', 'fourth')]);
  const text = await appendCheckpoint(ledger, key);
  await store.close();
  return { data, text };
}

async function json<T>(...words: string[]): Promise<T> {
  const { status, stdout, stderr } = await claviger(['ledger', ...words, '--json']);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout) as T;
}

async function refusal(...words: string[]): Promise<{ code: string; params: Record<string, unknown> }> {
  const { status, stdout, stderr } = await claviger(['ledger', ...words, '--json']);
  expect(status).toBe(1);
  const { error } = JSON.parse(stdout) as { error: { code: string; params: Record<string, unknown> } };
  expect(stderr).toContain(`${error.code}: `);
  return error;
}

describe('claviger ledger', () => {
  test('lists by kind, ceremony and time, the newest', async () => {
    const { data } = await signedStore();
    const seqs = async (...words: string[]) =>
      (await json<{ rows: { seq: number }[] }>('list', '--data', data, ...words)).rows.map(({ seq }) => seq);
    expect(await seqs()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await seqs('--ceremony', 'one')).toEqual([2, 3]);
    expect(await seqs('--kind', 'ledger.checkpoint')).toEqual([6]);
    expect(await seqs('--since', '2026-01-09T00:00:00Z', '--limit', '1')).toEqual([6]);
    expect((await refusal('list', '--data', data, '--since', 'yesterday')).code).toBe('INPUT_INVALID');
    expect((await claviger(['ledger', 'list', '--data', data, '--limit', 'many'])).status).toBe(2);
    const { stdout } = await claviger(['ledger', 'list', '--data', data, '--limit', '1']);
    expect(stdout).toMatch(/^6 {2}2026-01-09T00:00:00\.000Z {2}- {2}ledger\.checkpoint {2}\{/);
  });

  test('verifies a store and an export, also with a checkpoint from paper', async () => {
    const { data, text } = await signedStore();
    const file = join(temporaryFolder(), 'slice.ledger');
    const exported = await json<object>('export', '--data', data, '--from', '2', '--to', '4', '-o', file);
    expect(exported).toMatchObject({ path: file, from: 2, to: 4 });
    expect((await refusal('export', '--data', data, '-o', file)).code).toBe('OUTPUT_EXISTS');
    expect((await refusal('export', '--data', data, '--to', '6', '-o', `${file}2`)).params).toEqual({
      signed: 5,
      seq: 6,
    });
    const witness = await json<LedgerWitness>('witness', '--data', data);
    expect(witness.text).toBe(text);
    const words = `${witness.size} ${witness.words.join(' ')}`;
    const paper = join(temporaryFolder(), 'paper.txt');
    writeFileSync(paper, text);
    for (const checkpoint of [words, paper]) {
      const verified = await json<LedgerVerification>('verify', data, '--checkpoint', checkpoint);
      expect(verified).toMatchObject({ of: 'store', size: 6, signed: 5, notYetSigned: 1, paper: 5 });
    }
    const verified = await json<LedgerVerification>('verify', file, '--checkpoint', text);
    expect(verified).toMatchObject({ of: 'export', from: 2, to: 4, paper: 5 });
    const { stdout } = await claviger(['ledger', 'verify', data]);
    expect(stdout).toContain('6 rows, verified');
    expect(stdout).toContain('signed: 5 rows (1 checkpoints); not yet signed: 1');

    const later = words.replace(/^5/, '9');
    expect((await refusal('verify', data, '--checkpoint', later)).code).toBe('LEDGER_ROLLED_BACK');
    writeFileSync(file, readFileSync(file, 'utf8').replace('second', 'forged'));
    expect(await refusal('verify', file)).toMatchObject({ code: 'LEDGER_ALTERED', params: { seq: 3 } });
  });

  test('proves one row, and shows the newest checkpoint for paper', async () => {
    const { data, text } = await signedStore();
    const proof = await json<LedgerProof>('prove', '3', '--data', data);
    const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));
    const { index, size } = proof;
    const root = bytes(text.split('\n')[2] ?? '');
    expect(proof.checkpoint.body).toBe(text);
    expect(JSON.parse(proof.leaf)).toEqual(proof.row);
    expect(verifyInclusion(leafHash(proof.leaf), { index, size, root, proof: proof.path.map(bytes) })).toBe(true);
    expect((await refusal('prove', '6', '--data', data)).code).toBe('LEDGER_NOT_SIGNED');
    expect(await refusal('prove', '7', '--data', data)).toMatchObject({
      code: 'LEDGER_ROW_UNKNOWN',
      params: { size: 6 },
    });
    const { stdout } = await claviger(['ledger', 'witness', '--data', data]);
    expect(stdout).toContain(text);
    // The code, in half blocks.
    expect(stdout).toMatch(/[▀▄█]{10}/u);
    const empty = join(temporaryFolder(), 'data');
    expect((await refusal('witness', '--data', empty)).code).toBe('LEDGER_NOT_SIGNED');
  });

  test('seals what is old', async () => {
    const { data } = await signedStore();
    const sealed = await json('seal', '--data', data, '--before', '2026-01-05');
    expect(sealed).toMatchObject({ segments: [{ file: 'segments/1-3.ledger', from: 1, to: 3 }] });
    expect(await json('seal', '--data', data, '--before', '2026-01-05')).toEqual({ segments: [] });
    expect(await json('verify', data)).toMatchObject({ size: 7, segments: 1 });
    expect((await json<{ rows: unknown[] }>('list', '--data', data)).rows).toHaveLength(7);
    expect(await json('verify', join(data, 'segments/1-3.ledger'))).toMatchObject({ of: 'export', from: 1, to: 3 });
  });
});
