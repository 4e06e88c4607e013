import canonicalize from 'canonicalize';
import { Refusal } from '../contract/errors.ts';
import type { ReadCertificate } from '../pki/read-certificate.ts';
import type { Store } from '../store/open.ts';
import { parseCheckpoint } from './checkpoint.ts';
import type { LedgerBody } from './kinds.ts';
import { readRows } from './read.ts';
import type { LedgerRow } from './row.ts';
import { rowPages, segmentKeys, segmentsOf } from './rows.ts';
import { SLICE_FORMAT, type SliceFile, type SliceHeader, sealSlice, writeSlice } from './slice.ts';
import { readSubtrees } from './subtrees.ts';
import { cover } from './tree.ts';

/** The newest signed checkpoint: its row, how many rows it covers, and the keys up to it. */
export type SignedHead = {
  row: LedgerRow;
  size: number;
  checkpoint: LedgerBody<'ledger.checkpoint'>;
  keys: LedgerBody<'ledger.key'>[];
};

/** LEDGER_NOT_SIGNED if it does not cover row `seq`, or there is none. */
export async function signedHead(store: Store, seq = 1): Promise<SignedHead> {
  const [row] = await readRows(store, { kind: 'ledger.checkpoint', limit: 1 });
  const checkpoint = row?.body as LedgerBody<'ledger.checkpoint'> | undefined;
  const size = (checkpoint && parseCheckpoint(checkpoint.body)?.size) ?? 0;
  if (!row || !checkpoint || size < seq) throw new Refusal('LEDGER_NOT_SIGNED', { signed: size, seq });
  return { row, size, checkpoint, keys: await keysUpTo(store, row.seq) };
}

/** Every ledger key up to a row. The newest segment names those before its checkpoint; no older one is read. */
async function keysUpTo(store: Store, seq: number): Promise<LedgerBody<'ledger.key'>[]> {
  const rows = await readRows(store, { kind: 'ledger.key', to: seq, inStore: true });
  const stored = rows.map(({ body }) => body as LedgerBody<'ledger.key'>);
  const [newest] = (await segmentsOf(store)).slice(-1);
  const sealed = newest ? await segmentKeys(store, newest) : [];
  // Those between the segment's end and its checkpoint are in both.
  const known = new Set(sealed.map((key) => canonicalize(key)));
  return [...sealed, ...stored.filter((key) => !known.has(canonicalize(key)))];
}

/**
 * Writes rows `from` to `to` with the newest signed checkpoint and the way to its root, encrypted to a certificate if one is given. Answers the file's SHA-256.
 * LEDGER_NOT_SIGNED, LEDGER_ROW_UNKNOWN, OUTPUT_EXISTS and its like.
 */
export async function exportRows(
  store: Store,
  { from, to }: { from: number; to: number },
  file: SliceFile,
  recipient: ReadCertificate | null = null,
): Promise<string> {
  const { size, checkpoint, keys } = await signedHead(store, Math.max(from, to));
  if (from < 1 || from > to) throw new Refusal('LEDGER_ROW_UNKNOWN', { seq: from, size: to });
  const base64 = async (first: number, last: number) =>
    (await readSubtrees(store.db, cover(first, last))).map((hash) => Buffer.from(hash).toString('base64'));
  const header: SliceHeader = {
    ...{ format: SLICE_FORMAT, from, to, checkpoint, keys },
    ...{ before: await base64(0, from - 1), after: await base64(to, size) },
  };
  const pages = rowPages(store, from, to);
  return recipient ? sealSlice(file, header, pages, recipient) : writeSlice(file, header, pages);
}
