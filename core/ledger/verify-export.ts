import { Refusal } from '../contract/errors.ts';
import type { LedgerVerification } from '../contract/ledger.ts';
import { sameBytes } from '../pki/same-bytes.ts';
import type { ReadCertificate } from '../pki/read-certificate.ts';
import { filePieces } from '../store/lines.ts';
import { type Checkpoint, ORIGIN, type PaperCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { bytesOf, keyFact, nextKey, signatureFault } from './keys.ts';
import type { Kinds } from './kinds.ts';
import { NOT_HANDED_OVER, RowCheck, altered, comparePaper, sameOrigin } from './row-check.ts';
import { type SliceHeader, openSlice } from './slice.ts';
import { Frontier, HASH_BYTES, cover, leafHash } from './tree.ts';

/** An export: header, keys, signature, every row, and the root that they lead to. */
export async function verifyExport(
  path: string,
  kinds: Kinds,
  paper: PaperCheckpoint | null,
): Promise<LedgerVerification> {
  const invalid = (detail: string) => new Refusal('LEDGER_FILE_INVALID', { path, detail });
  const slice = await openSlice(filePieces(path), (seq, detail) =>
    seq === null ? invalid(detail) : altered(seq, detail),
  );
  try {
    const { header } = slice;
    const { from, to } = header;
    const { checkpoint, keys } = checkHeader(header, invalid);
    const frontier = new Frontier(from - 1, hashesOf(header.before, 0, from - 1, invalid));
    let paperRoot = paper?.size === from - 1 ? frontier.root() : null;
    const check = new RowCheck(kinds);
    header.keys.forEach(({ signature }, index) => {
      if (index > 0 && signature === null) check.warnings.push({ seq: from, detail: NOT_HANDED_OVER });
    });
    for await (const rows of slice.pages) {
      for (const row of rows) {
        const seq = frontier.size + 1;
        const leaf = leafHash(row.leaf);
        if (Buffer.from(leaf).toString('base64') !== row.leafHash) throw altered(seq, 'it is not what its hash says');
        if (row.seq !== seq) throw altered(seq, `row ${row.seq} stands in its place`);
        if (seq > to) throw altered(seq, 'there are more rows than the header says');
        check.check(seq, row.at, row.kind, row.body);
        frontier.append(leaf);
        if (paper?.size === seq) paperRoot = frontier.root();
      }
    }
    if (frontier.size < to) throw altered(frontier.size + 1, 'it is missing');
    const after = hashesOf(header.after, to, checkpoint.size, invalid);
    cover(to, checkpoint.size).forEach(({ level }, index) => {
      frontier.append(after[index] ?? new Uint8Array(), level);
    });
    if (!sameBytes(frontier.root(), checkpoint.root)) {
      throw altered(from, 'the rows do not lead to the root that was signed');
    }
    if (paper) {
      sameOrigin(paper, checkpoint.origin);
      const root = paper.size === checkpoint.size ? checkpoint.root : paperRoot;
      if (!root) throw new Refusal('CHECKPOINT_OUTSIDE', { paper: paper.size, from: from - 1, to });
      comparePaper(paper, checkpoint.origin, root);
    }
    return {
      ...{ of: 'export', origin: checkpoint.origin, from, to, size: checkpoint.size },
      root: Buffer.from(checkpoint.root).toString('base64'),
      signer: keys.map(keyFact).at(-1) ?? null,
      ...{ signed: checkpoint.size, notYetSigned: 0, checkpoints: 1, keys: keys.map(keyFact), segments: 0 },
      ...{ paper: paper?.size ?? null, warnings: check.warnings },
    };
  } finally {
    await slice.close();
  }
}

/** Everything of the header but its hashes, which the rows must lead to. */
function checkHeader(
  header: SliceHeader,
  invalid: (detail: string) => Refusal,
): { checkpoint: Checkpoint; keys: ReadCertificate[] } {
  const checkpoint = parseCheckpoint(header.checkpoint.body);
  if (!checkpoint || !ORIGIN.test(checkpoint.origin)) throw invalid('its checkpoint is none');
  if (header.from > header.to || header.to > checkpoint.size) throw invalid('its checkpoint does not cover its rows');
  const keys: ReadCertificate[] = [];
  for (const [index, row] of header.keys.entries()) {
    const key = nextKey(keys.at(-1) ?? null, row);
    if (typeof key === 'string') throw invalid(`ledger key ${index + 1}: ${key}`);
    keys.push(key);
  }
  const signer = keys.at(-1);
  if (!signer) throw invalid('it has no ledger key');
  const fault = signatureFault(signer, new TextEncoder().encode(header.checkpoint.body), header.checkpoint.signature);
  if (fault !== null) throw invalid(`its checkpoint: ${fault}`);
  return { checkpoint, keys };
}

/** Hashes of a cover, as many as there must be. */
function hashesOf(texts: string[], from: number, to: number, invalid: (detail: string) => Refusal): Uint8Array[] {
  const hashes = texts.map((text) => bytesOf(text));
  const wanted = cover(from, to).length;
  if (hashes.length !== wanted || hashes.some((hash) => hash?.length !== HASH_BYTES)) {
    throw invalid('its hashes are not those of the tree around its rows');
  }
  return hashes.filter((hash) => hash !== null);
}
