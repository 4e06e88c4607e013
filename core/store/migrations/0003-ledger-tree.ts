import { hash, randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { isPostgres, refuseChange } from './both.ts';

/**
 * The Merkle tree over the ledger (RFC 6962, docs/formats/ledger.md). `hashes` of a row: its leaf's hash, then those of the
 * subtrees that it completes, from the bottom up: 64 bytes a row on average, written once, and every hash is found by its
 * subtree's last row. The tree of rows that are there already is computed here, in code of its own: a migration never changes.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('ledger_tree')
    .addColumn('seq', 'integer', (column) => column.primaryKey())
    .addColumn('hashes', 'blob', (column) => column.notNull())
    .execute();
  // The store's name in its checkpoints, for good.
  await sql`CREATE TABLE ledger_origin (origin text NOT NULL)`.execute(db);
  await sql`INSERT INTO ledger_origin VALUES (${`claviger/ledger/${randomBytes(8).toString('hex')}`})`.execute(db);
  // Rows that have left for a file of their own.
  await db.schema
    .createTable('ledger_segment')
    .addColumn('first', 'integer', (column) => column.primaryKey())
    .addColumn('last', 'integer', (column) => column.notNull())
    .addColumn('file', 'text', (column) => column.notNull())
    .addColumn('sha256', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('ledger_by_kind').on('ledger').columns(['kind', 'seq']).execute();
  await growTree(db);
  for (const table of ['ledger_tree', 'ledger_origin', 'ledger_segment']) {
    for (const change of ['UPDATE', 'DELETE'] as const) await refuseChange(db, table, change);
  }
  if (isPostgres(db)) return keepOrder(db);
  // A row leaves the table when its segment stands, and not before.
  await sql`DROP TRIGGER ledger_no_delete`.execute(db);
  await refuseChange(db, 'ledger', 'DELETE', 'WHEN OLD.seq > (SELECT coalesce(max(last), 0) FROM ledger_segment)');
}

/** Where several nodes write, the database itself sees to it that numbers have no gap: each row of the tree is the next one, and has its row. Rows leave for no segment there. */
async function keepOrder(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE FUNCTION keep_order() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM ledger_tree) OR NOT EXISTS (SELECT 1 FROM ledger WHERE seq = NEW.seq) THEN
      RAISE EXCEPTION 'row % of the ledger is not the next one', NEW.seq;
    END IF;
    RETURN NEW;
  END $$`.execute(db);
  await sql`CREATE TRIGGER ledger_tree_order BEFORE INSERT ON ledger_tree
    FOR EACH ROW EXECUTE FUNCTION keep_order()`.execute(db);
}

type Row = { seq: number; at: string; kind: string; ceremony: string | null; body: string };

async function growTree(db: Kysely<unknown>): Promise<void> {
  const edge: Buffer[] = [];
  for (let last = 0; ;) {
    const { rows } = await sql<Row>`
      SELECT seq, at, kind, ceremony, body FROM ledger WHERE seq > ${last} ORDER BY seq LIMIT 1000`.execute(db);
    if (rows.length === 0) return;
    for (const { seq, at, kind, ceremony, body } of rows) {
      if (seq !== last + 1) throw new Error(`row ${last + 1} of the ledger is missing`);
      const leaf = `{"at":${JSON.stringify(at)},"body":${body},"ceremony":${JSON.stringify(ceremony)},"kind":${JSON.stringify(kind)},"seq":${seq}}`;
      const hashes = [hash('sha256', `\0${leaf}`, 'buffer')];
      for (let place = seq; place % 2 === 0; place /= 2) {
        const [left, right] = [edge.pop(), hashes.at(-1)];
        if (!left || !right) throw new Error('the tree has no edge');
        hashes.push(hash('sha256', Buffer.concat([Buffer.of(1), left, right]), 'buffer'));
      }
      edge.push(hashes.at(-1) ?? Buffer.alloc(0));
      await sql`INSERT INTO ledger_tree VALUES (${seq}, ${Buffer.concat(hashes)})`.execute(db);
      last = seq;
    }
  }
}
