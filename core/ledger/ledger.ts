import canonicalize from 'canonicalize';
import type { Kysely } from 'kysely';
import { Refusal } from '../contract/errors.ts';
import type { ReadCertificate } from '../pki/read-certificate.ts';
import type { Store } from '../store/open.ts';
import type { Tables } from '../store/schema.ts';
import { change, statement } from '../store/statement.ts';
import { type Checkpoint, checkpointOf } from './checkpoint.ts';
import { type SignedHead, exportRows, signedHead } from './export.ts';
import { type Kinds, type LedgerBody, LEDGER_KINDS, misfit } from './kinds.ts';
import { type TreeHead, consistencyProof, inclusionProof } from './proof.ts';
import { type RowFilter, readRows } from './read.ts';
import { type LedgerRow, type NewRow, type RowText, leafOf } from './row.ts';
import { readSubtrees } from './subtrees.ts';
import { checkLeaves } from './self-check.ts';
import { Frontier, cover, leafHash, rootOf } from './tree.ts';

export type { LedgerRow, NewRow } from './row.ts';

/** The append-only ledger in a store: rows, and the Merkle tree over them (RFC 6962). Row `seq` is leaf `seq - 1`. */
export type Ledger = {
  /**
   * Appends rows that belong together, all or none. Durable when it answers: the transaction is synced to disk. What is appended at
   * the same time shares a transaction, and a caller whose rows are refused fails alone. A row of no known kind, or whose
   * body does not fit its kind, is a broken invariant and nothing is written. OUTPUT_FULL, OUTPUT_UNWRITABLE, STORE_DAMAGED.
   * `also`: what else stands or falls with these rows; it is told the number of the first. It may run more than once.
   */
  append(rows: NewRow[], also?: Also): Promise<LedgerRow[]>;
  /** Rows in order, from the store and its sealed segments. FILE_MISSING, LEDGER_ALTERED for a segment. */
  read(filter?: RowFilter): Promise<LedgerRow[]>;
  /** The store's name in its checkpoints. */
  origin(): Promise<string>;
  head(): Promise<TreeHead>;
  /** The tree of the first `size` rows, all of them if it is not given, as a text to be signed. LEDGER_ROW_UNKNOWN. */
  checkpoint(size?: number): Promise<Checkpoint>;
  /** RFC 6962 2.1.1: that row `seq` is among the first `size` rows. LEDGER_ROW_UNKNOWN. */
  proveInclusion(seq: number, size?: number): Promise<Uint8Array[]>;
  /** RFC 6962 2.1.2: that the first `oldSize` rows are the beginning of the first `size` rows. LEDGER_ROW_UNKNOWN. */
  proveConsistency(oldSize: number, size?: number): Promise<Uint8Array[]>;
  /** That the rows are those of which the tree was made. LEDGER_ALTERED. */
  checkLeaves(): Promise<void>;
  /** The newest signed checkpoint. LEDGER_NOT_SIGNED if there is none, or it does not cover row `seq`. */
  signed(seq?: number): Promise<SignedHead>;
  /**
   * Writes rows `from` to `to` to a file that can be verified without the rest (docs/formats/ledger.md). Answers its SHA-256.
   * `recipient`: encrypted to that certificate. LEDGER_NOT_SIGNED, LEDGER_ROW_UNKNOWN, EXPORT_LARGE (of one that is encrypted), OUTPUT_EXISTS and its like.
   */
  export(range: { from: number; to: number }, path: string, recipient?: ReadCertificate | null): Promise<string>;
  /**
   * Moves the rows up to `to` that are still in the store to segments: files in its folder, or, where several nodes share the store, files that go into the database. Others append and read
   * meanwhile. Each file is verified, and the row that names it and its hash is durable, before its rows leave. One sealing at a time. LEDGER_NOT_SIGNED, OUTPUT_FULL and its like;
   * LEDGER_SEALING where another node is at it, STORE_OVERTAKEN where it has been.
   */
  seal(to: number): Promise<Segment[]>;
  /** The same for the signed rows from before a time (ISO 8601, UTC). `ended`: no further segment is begun. */
  sealBefore(at: string, ended?: AbortSignal): Promise<Segment[]>;
};

export type Segment = LedgerBody<'ledger.sealed'>;

/** Changes in the transaction of some rows, of which the first is number `first`. */
export type Also = (db: Kysely<Tables>, first: number) => Promise<void>;

/** Rows of one caller on their way, what else belongs into their transaction, and who waits for them. */
type Batch = {
  rows: Omit<RowText, 'seq'>[];
  also: Also;
  done: (first: number) => void;
  failed: (error: unknown) => void;
};

/** The ledger of a store. `clock` gives each row its time, `kinds` the rows there are besides the ledger's own. */
export function openLedger(store: Store, clock: () => Date, kinds: Kinds): Ledger {
  const known: Kinds = { ...kinds, ...LEDGER_KINDS };
  let frontier: Frontier | null = null;
  let reading: Promise<Frontier> | null = null;
  let waiting: Batch[] = [];
  let writing: Promise<void> | null = null;
  let sealing: Promise<unknown> = Promise.resolve();

  async function edge(): Promise<Frontier> {
    if (store.shared) return edgeIn(store.db);
    if (frontier) return frontier;
    // One reading for all who ask: what a later commit has put there stays.
    reading ??= readFrontier(store.db).finally(() => (reading = null));
    const read = await reading;
    return (frontier ??= read);
  }

  /** Where others append too, what is known here holds for as long as no row was added: none is ever changed. */
  async function edgeIn(db: Kysely<Tables>): Promise<Frontier> {
    const known = frontier;
    return known && known.size === (await sizeIn(db)) ? known : readFrontier(db);
  }

  async function sizeOf(size: number | undefined): Promise<number> {
    const { size: present } = await edge();
    if (size !== undefined && (size > present || size < 0 || !Number.isInteger(size))) {
      throw new Refusal('LEDGER_ROW_UNKNOWN', { seq: size, size: present });
    }
    return size ?? present;
  }

  /** One transaction, one sync. Answers the first number of each batch. */
  async function commit(batches: Batch[]): Promise<number[]> {
    const alone = store.shared ? null : await edge();
    try {
      return await store.write(async (db) => {
        const { grown, firsts } = await db.transaction().execute(async (transaction) => {
          // The order is the database's: nobody else appends while this transaction lasts.
          const grown = (alone ?? (await edgeIn(transaction))).copy();
          const { rows, tree, firsts } = numbered(batches, grown);
          await insert(transaction, rows, tree);
          for (const [index, { also }] of batches.entries()) await also(transaction, firsts[index] ?? 0);
          return { grown, firsts };
        });
        frontier = grown;
        return firsts;
      });
    } catch (error) {
      // What the disk has now is read anew before the next row.
      frontier = null;
      throw error;
    }
  }

  async function settle(batches: Batch[]): Promise<void> {
    try {
      const firsts = await commit(batches);
      batches.forEach(({ done }, index) => {
        done(firsts[index] ?? 0);
      });
    } catch (error) {
      // Each on its own: whoever can be written is, and the others hear why not.
      if (batches.length > 1) for (const batch of batches) await settle([batch]);
      else batches[0]?.failed(error);
    }
  }

  async function drain(): Promise<void> {
    // The callers of this turn come along.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batches = waiting;
      waiting = [];
      await settle(batches);
    }
    writing = null;
  }

  async function append(rows: NewRow[], also: Also = () => Promise.resolve()): Promise<LedgerRow[]> {
    const at = clock().toISOString();
    const texts = rows.map((row) => ({ at, ...row, body: bodyText(known, row) }));
    const first = await new Promise<number>((done, failed) => {
      waiting.push({ rows: texts, also, done, failed });
      writing ??= drain();
    });
    return rows.map((row, index) => ({ ...row, at, seq: first + index }));
  }

  /** Segment after segment, up to the row that `upTo` names before each; null: no further. */
  function sealEach(upTo: () => Promise<number | null>): Promise<Segment[]> {
    const sealed = sealing.then(async () => {
      const segments = await store.alone('ledger seal', (lost) => sealAlone(upTo, lost));
      if (!segments) throw new Refusal('LEDGER_SEALING');
      return segments;
    });
    sealing = sealed.catch(() => undefined);
    return sealed;
  }

  /** `lost`: another node may have begun where this one is; of two that seal the same rows the database takes one. */
  async function sealAlone(upTo: () => Promise<number | null>, lost: AbortSignal): Promise<Segment[]> {
    const { endSegment, moveRows, writeSegment } = await import('./segment.ts');
    const segments: Segment[] = [];
    for (;;) {
      const to = lost.aborted ? null : await upTo();
      const segment = to === null ? null : await writeSegment(store, to, known);
      if (!segment) return segments;
      await append([{ kind: 'ledger.sealed', ceremony: null, body: segment }], (db) => moveRows(store, db, segment));
      await endSegment(store, segment);
      segments.push(segment);
    }
  }

  return {
    append,
    read: (filter = {}) => readRows(store, filter),
    origin: () => readOrigin(store.db),
    async head() {
      const present = await edge();
      return { size: present.size, root: present.root() };
    },
    async checkpoint(wanted) {
      const size = await sizeOf(wanted);
      const root = rootOf(await readSubtrees(store.db, cover(0, size)));
      return checkpointOf(await readOrigin(store.db), { size, root });
    },
    async proveInclusion(seq, wanted) {
      const size = await sizeOf(wanted);
      if (seq < 1 || seq > size) throw new Refusal('LEDGER_ROW_UNKNOWN', { seq, size });
      return inclusionProof(seq - 1, size, (subtrees) => readSubtrees(store.db, subtrees));
    },
    checkLeaves: () => checkLeaves(store),
    async proveConsistency(oldSize, wanted) {
      const size = await sizeOf(wanted);
      if (oldSize < 0 || oldSize > size) throw new Refusal('LEDGER_ROW_UNKNOWN', { seq: oldSize, size });
      return consistencyProof(oldSize, size, (subtrees) => readSubtrees(store.db, subtrees));
    },
    signed: (seq) => signedHead(store, seq),
    export: (range, path, recipient = null) =>
      exportRows(store, range, { path, mode: 0o644, overwrite: false }, recipient),
    seal: (to) => sealEach(() => Promise.resolve(to)),
    sealBefore: (at, ended) =>
      sealEach(async () => {
        if (ended?.aborted) return null;
        const { lastBefore } = await import('./segment.ts');
        return lastBefore(store, at, (await signedHead(store)).size);
      }),
  };
}

/** A body as canonical JSON that fits its kind. */
function bodyText(kinds: Kinds, { kind, body }: NewRow): string {
  const text = canonicalize(body);
  if (text === undefined) throw new Error('a ledger row needs a body');
  // What is checked is what will be read.
  const wrong = misfit(kinds, kind, JSON.parse(text));
  if (wrong !== null) throw new Error(`a ledger row does not fit its kind: ${wrong}`);
  return text;
}

/** Rows with their numbers, what they add to the tree, which grows by them, and the first number of each batch. */
function numbered(batches: Batch[], grown: Frontier) {
  const rows: RowText[] = [];
  const tree: Tables['ledger_tree'][] = [];
  const firsts = batches.map((batch) => {
    const first = grown.size + 1;
    for (const unnumbered of batch.rows) {
      const row = { seq: grown.size + 1, ...unnumbered };
      rows.push(row);
      tree.push({ seq: row.seq, hashes: Buffer.concat(grown.append(leafHash(leafOf(row)))) });
    }
    return first;
  });
  return { rows, tree, firsts };
}

const ADD_ROW = statement((db, { seq, at, kind, ceremony, body }: RowText) =>
  db.insertInto('ledger').values({ seq, at, kind, ceremony, body }),
);
const ADD_HASHES = statement((db, { seq, hashes }: Tables['ledger_tree']) =>
  db.insertInto('ledger_tree').values({ seq, hashes }),
);

async function insert(db: Kysely<Tables>, rows: RowText[], tree: Tables['ledger_tree'][]): Promise<void> {
  for (const row of rows) await change(db, ADD_ROW, row);
  for (const hashes of tree) await change(db, ADD_HASHES, hashes);
}

async function sizeIn(db: Kysely<Tables>): Promise<number> {
  const last = await db.selectFrom('ledger_tree').select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst();
  return last?.seq ?? 0;
}

async function readFrontier(db: Kysely<Tables>): Promise<Frontier> {
  const size = await sizeIn(db);
  return new Frontier(size, await readSubtrees(db, cover(0, size)));
}

async function readOrigin(db: Kysely<Tables>): Promise<string> {
  return (await db.selectFrom('ledger_origin').select('origin').executeTakeFirstOrThrow()).origin;
}
