import { setImmediate } from 'node:timers/promises';
import { Refusal } from '../contract/errors.ts';
import type { LedgerVerification } from '../contract/ledger.ts';
import { sameBytes } from '../pki/same-bytes.ts';
import type { ReadCertificate } from '../pki/read-certificate.ts';
import type { Store } from '../store/open.ts';
import type { LedgerReader, RawRow } from '../store/ledger-reader.ts';
import { openLedgerReader } from '../store/read-only.ts';
import type { LedgerSegmentTable } from '../store/schema.ts';
import { type Checkpoint, ORIGIN, type PaperCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { keyFact, nextKey, signatureFault } from './keys.ts';
import { type Kinds, LEDGER_KINDS, type LedgerBody } from './kinds.ts';
import { type RowText, leafOf } from './row.ts';
import { segmentsOf } from './rows.ts';
import { NOT_HANDED_OVER, RowCheck, altered, comparePaper, sameOrigin } from './row-check.ts';
import { type Slice, openSlice } from './slice.ts';
import { type Growth, type GrowingTree, growingTree } from './growth.ts';
import { EMPTY_ROOT, HASH_BYTES, cover, rootOf } from './tree.ts';

const PAGE_ROWS = 1000;

/** A row on its way through the checks: its leaf, and its body when it is wanted. `body` throws if it is no JSON. */
type Candidate = { seq: number; at: string; kind: string; leaf: string; body: () => unknown };

/** A page whose hashes are on their way. `gap`: why the rows of its reading end there. */
type Sent = { first: number; rows: Candidate[]; gap: Refusal | null; growth: Promise<Growth> };

/** Told how many rows of how many are checked; the next page waits for its answer, and what it throws ends the verification. */
export type Pace = (done: number, total: number) => Promise<void>;

/** A store's ledger, rows of sealed segments included. */
export async function verifyStore(
  folder: string,
  kinds: Kinds,
  paper: PaperCheckpoint | null,
): Promise<LedgerVerification> {
  return verifyReader(await openLedgerReader(folder), kinds, paper, () => Promise.resolve());
}

/** The same for a store that is open in this process, up to the rows that are there when it begins. Where rows go to a segment meanwhile, from the beginning again. */
export async function verifyOpenStore(
  store: Store,
  kinds: Kinds,
  paper: PaperCheckpoint | null,
  pace: Pace,
): Promise<LedgerVerification> {
  for (;;) {
    const reader = await store.ledgerReader();
    try {
      return await verifyReader(reader, { ...kinds, ...LEDGER_KINDS }, paper, pace);
    } catch (error) {
      if (!(error instanceof Refusal) || (await segmentsOf(store)).length === reader.segments.length) throw error;
    }
  }
}

async function verifyReader(
  reader: LedgerReader,
  kinds: Kinds,
  paper: PaperCheckpoint | null,
  pace: Pace,
): Promise<LedgerVerification> {
  const tree = growingTree(reader.lastInTree, paper?.size ?? null);
  try {
    return await new StoreCheck(reader, tree, kinds, paper, pace).run();
  } finally {
    await tree.close();
    await reader.close();
  }
}

class StoreCheck {
  readonly #reader: LedgerReader;
  readonly #paper: PaperCheckpoint | null;
  readonly #check: RowCheck;
  readonly #tree: GrowingTree;
  readonly #pace: Pace;
  /** Rows that were given to the tree. */
  #size = 0;
  /** Of the rows that were checked. */
  #root: Uint8Array = EMPTY_ROOT;
  readonly #keys: ReadCertificate[] = [];
  #signed: Checkpoint | null = null;
  #signer: ReadCertificate | null = null;
  #checkpoints = 0;
  readonly #sealed: { seq: number; body: LedgerBody<'ledger.sealed'> }[] = [];
  #paperRoot: Uint8Array | null = null;

  constructor(reader: LedgerReader, tree: GrowingTree, kinds: Kinds, paper: PaperCheckpoint | null, pace: Pace) {
    this.#reader = reader;
    this.#tree = tree;
    this.#paper = paper;
    this.#check = new RowCheck(kinds);
    this.#pace = pace;
  }

  async run(): Promise<LedgerVerification> {
    const { origin, segments, lastInTree, lastGiven } = this.#reader;
    if (!ORIGIN.test(origin)) throw altered(1, 'the name of the ledger is none');
    if (this.#paper) sameOrigin(this.#paper, origin);
    if (this.#paper?.size === 0) this.#paperRoot = EMPTY_ROOT;
    for (const segment of segments) await this.#segment(segment);
    await this.#pages(this.#table());

    const size = this.#size;
    if (size < Math.max(lastInTree, lastGiven)) throw altered(size + 1, 'it is missing');
    this.#compareSegments(segments);
    if (this.#paper) this.#comparePaper(this.#paper);
    const signed = this.#signed?.size ?? 0;
    return {
      ...{ of: 'store', origin, from: Math.min(size, 1), to: size, size },
      root: Buffer.from(this.#root).toString('base64'),
      ...{ signed, notYetSigned: size - signed, checkpoints: this.#checkpoints },
      signer: this.#signer && keyFact(this.#signer),
      ...{ keys: this.#keys.map(keyFact), segments: segments.length },
      ...{ paper: this.#paper?.size ?? null, warnings: this.#check.warnings },
    };
  }

  /** The rows that are in the table. */
  async *#table(): AsyncGenerator<Candidate[], void> {
    const [first] = await this.#read(0, 1);
    const expected = this.#size + 1;
    if (first && first[0] < expected) throw altered(first[0], 'it stands in the table, and in a sealed segment');
    for (;;) {
      const rows = await this.#read(this.#size, PAGE_ROWS);
      if (rows.length === 0) return;
      yield rows.map(candidateOf);
      // Whoever else works in this process goes on in between.
      await setImmediate();
    }
  }

  async #read(after: number, limit: number): Promise<RawRow[]> {
    try {
      return await this.#reader.rows(after, limit);
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'STORE_DAMAGED') throw error;
      if (limit === 1) throw altered(after + 1, 'it cannot be read');
      // One by one, to the first that cannot be read.
      return this.#read(after, 1);
    }
  }

  async #segment(segment: LedgerSegmentTable): Promise<void> {
    const { file, first: from, last: to, sha256 } = segment;
    if (from !== this.#size + 1) throw altered(this.#size + 1, `no segment has it`);
    const slice = await openSlice(this.#reader.segment(segment), (seq, detail) =>
      seq === null ? new Refusal('LEDGER_SEGMENT_DAMAGED', { file, from, to }) : altered(seq, `${file}: ${detail}`),
    ).catch((error: unknown) => {
      const missing = error instanceof Refusal && error.code === 'FILE_MISSING';
      throw missing ? new Refusal('LEDGER_SEGMENT_MISSING', { file, from, to }) : error;
    });
    try {
      await this.#pages(candidatePages(slice));
      if (this.#size !== to) throw altered(Math.min(this.#size, to) + 1, `${file} does not end there`);
      if (slice.sha256() !== sha256) throw new Refusal('LEDGER_SEGMENT_DAMAGED', { file, from, to });
    } finally {
      await slice.close();
    }
  }

  /** Pages in their order: while the hashes of one are made, the one before it is checked. */
  async #pages(pages: AsyncGenerator<Candidate[], void>): Promise<void> {
    for (let before: Sent | null = null; ;) {
      const reading = pages.next();
      const next = await reading.catch(() => null);
      const sent: Sent | null = next?.value ? this.#send(next.value) : null;
      if (before) await this.#page(before);
      // A page that cannot be read is refused now and not sooner: the first bad row may have been in the one before.
      await reading;
      if (!sent) return;
      before = sent;
    }
  }

  /** Gives rows to the tree, as far as their numbers are in order. */
  #send(rows: Candidate[]): Sent {
    const first = this.#size + 1;
    const end = rows.findIndex(({ seq }, index) => seq !== first + index);
    const inOrder = end === -1 ? rows : rows.slice(0, end);
    this.#size += inOrder.length;
    const gap = end === -1 ? null : altered(this.#size + 1, 'it is missing');
    return { first, rows: inOrder, gap, growth: this.#tree.grow(inOrder.map(({ leaf }) => leaf)) };
  }

  /** First the tree, then what the rows say: up to the first row that the tree does not bear out. */
  async #page({ first, rows, gap, growth }: Sent): Promise<void> {
    const grown = await growth;
    const { bad, error } = await this.#compare(first, grown);
    for (const [index, row] of rows.entries()) {
      if (first + index === bad) break;
      const looking = this.#row(first + index, row);
      if (looking) await looking;
    }
    const refusal = error ?? gap;
    if (refusal) throw refusal;
    this.#root = grown.root;
    this.#paperRoot ??= grown.markedRoot;
    await this.#pace(first + rows.length - 1, Math.max(this.#reader.lastInTree, this.#reader.lastGiven));
  }

  /** Compares what rows add to the tree with the stored tree. */
  async #compare(first: number, { hashes, ends }: Growth): Promise<{ bad: number | null; error: Refusal | null }> {
    const made = Buffer.from(hashes.buffer);
    const last = first + ends.length - 1;
    if ((await this.#stored(first, last))?.equals(made.subarray(0, ends.at(-1) ?? 0)) === true)
      return { bad: null, error: null };
    for (const [index, to] of ends.entries()) {
      const own = made.subarray(ends[index - 1] ?? 0, to);
      if ((await this.#stored(first + index, first + index))?.equals(own) === true) continue;
      return { bad: first + index, error: altered(first + index, 'it is not what the tree says') };
    }
    return { bad: first, error: altered(first, 'the tree is not whole there') };
  }

  /** Null if they cannot be read. */
  async #stored(from: number, to: number): Promise<Buffer | null> {
    try {
      return await this.#reader.hashes(from, to);
    } catch (error) {
      if (error instanceof Refusal) return null;
      throw error;
    }
  }

  /** A promise where it takes more than the row. */
  #row(seq: number, row: Candidate): Promise<void> | void {
    let body: unknown;
    try {
      body = row.body();
    } catch {
      throw altered(seq, 'its body is not JSON');
    }
    this.#check.check(seq, row.at, row.kind, body);
    if (row.kind === 'ledger.key') this.#key(seq, body as LedgerBody<'ledger.key'>);
    if (row.kind === 'ledger.sealed') this.#sealed.push({ seq, body: body as LedgerBody<'ledger.sealed'> });
    if (row.kind === 'ledger.checkpoint') return this.#checkpoint(seq, body as LedgerBody<'ledger.checkpoint'>);
  }

  #key(seq: number, body: LedgerBody<'ledger.key'>): void {
    const key = nextKey(this.#keys.at(-1) ?? null, body);
    if (typeof key === 'string') throw altered(seq, key);
    if (body.signature === null && this.#keys.length > 0) this.#check.warnings.push({ seq, detail: NOT_HANDED_OVER });
    this.#keys.push(key);
  }

  async #checkpoint(seq: number, { body, signature }: LedgerBody<'ledger.checkpoint'>): Promise<void> {
    const checkpoint = parseCheckpoint(body);
    if (!checkpoint) throw altered(seq, 'its checkpoint is none');
    if (checkpoint.origin !== this.#reader.origin) throw altered(seq, 'its checkpoint is of another ledger');
    const before = this.#signed?.size ?? 0;
    if (checkpoint.size < before || checkpoint.size >= seq) {
      throw altered(seq, `its checkpoint is of ${checkpoint.size} rows, out of turn`);
    }
    const key = this.#keys.at(-1);
    if (!key) throw altered(seq, 'there was no ledger key yet');
    const fault = signatureFault(key, new TextEncoder().encode(body), signature);
    if (fault !== null) throw altered(seq, fault);
    // The signature is good: what is not as it says are the rows.
    if (!sameBytes(await this.#rootAt(checkpoint.size), checkpoint.root)) {
      throw altered(
        before + 1,
        `row ${before + 1} to row ${checkpoint.size} are not those that were signed in row ${seq}`,
      );
    }
    this.#signed = checkpoint;
    this.#signer = key;
    this.#checkpoints += 1;
  }

  /** From stored hashes: they have been compared with the rows. */
  async #rootAt(size: number): Promise<Uint8Array> {
    const hashes: Uint8Array[] = [];
    for (const { level, index } of cover(0, size)) {
      const last = (index + 1) * 2 ** level;
      hashes.push((await this.#reader.hashes(last, last)).subarray(level * HASH_BYTES, (level + 1) * HASH_BYTES));
    }
    return rootOf(hashes);
  }

  /** Every segment was sealed by a row, and every such row has its segment. */
  #compareSegments(segments: LedgerSegmentTable[]): void {
    for (const { first, last, file, sha256 } of segments) {
      const row = this.#sealed.find(({ body }) => body.from === first);
      if (row?.body.to !== last || row.body.file !== file || row.body.sha256 !== sha256) {
        throw altered(row?.seq ?? first, `${file} is not what was sealed`);
      }
    }
    const foreign = this.#sealed.find(({ body }) => !segments.some(({ first }) => first === body.from));
    if (foreign) throw altered(foreign.seq, `${foreign.body.file} was sealed and is not known`);
  }

  #comparePaper(paper: PaperCheckpoint): void {
    const size = this.#size;
    if (!this.#paperRoot) {
      throw new Refusal('LEDGER_ROLLED_BACK', { size, paper: paper.size, missing: paper.size - size });
    }
    comparePaper(paper, this.#reader.origin, this.#paperRoot);
  }
}

function candidateOf([seq, at, kind, ceremony, body]: RawRow): Candidate {
  // A damaged column that is no text gives another leaf, but for a body: JSON looks the same as a number or as bytes.
  const row = { seq, at, kind, ceremony, body } as RowText;
  const leaf = typeof body === 'string' ? leafOf(row) : '';
  return { seq, at: row.at, kind: row.kind, leaf, body: () => JSON.parse(row.body) as unknown };
}

/** A segment's rows, some at a time. */
async function* candidatePages({ pages }: Slice): AsyncGenerator<Candidate[], void> {
  for await (const rows of pages) {
    for (let start = 0; start < rows.length; start += PAGE_ROWS) {
      yield rows.slice(start, start + PAGE_ROWS).map((row) => ({ ...row, body: () => row.body }));
    }
  }
}
