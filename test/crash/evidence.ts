import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import Database from 'better-sqlite3';
import { SOFTHSM_MODULE, USER_PIN } from '../hsm/softhsm.ts';
import type { Ground } from './ground.ts';
import { type Job, sampleAnswers } from './shipped.ts';

export type Row = { seq: number; at: string; kind: string; ceremony: string | null; body: string };
type FileSeen = { sha256: string; inode: number };

/** What lies on the disk and in the tokens, read by other hands than core's. */
export type Evidence = {
  rows: Row[];
  /** Texts of the encrypted shares in the store. */
  shares: string[];
  /** Of every output folder, by a path that names the folder too. */
  files: Map<string, FileSeen>;
};

export function evidenceOf(ground: Ground): Evidence {
  return { ...storeOf(ground.data), files: filesOf(ground.live) };
}

function storeOf(data: string): { rows: Row[]; shares: string[] } {
  const path = join(data, 'claviger.db');
  if (!existsSync(path)) return { rows: [], shares: [] };
  const database = new Database(path, { readonly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all();
    const read = (table: string, what: string) =>
      tables.includes(table) ? database.prepare(`SELECT ${what} FROM ${table} ORDER BY 1`) : null;
    const rows = read('ledger', 'seq, at, kind, ceremony, body')?.all() ?? [];
    const shares = read('sealed_share', 'text')?.pluck().all() ?? [];
    return { rows: rows as Row[], shares: shares as string[] };
  } finally {
    database.close();
  }
}

function filesOf(live: string): Map<string, FileSeen> {
  const folders = readdirSync(live).filter((name) => name.startsWith('out-'));
  const found = folders.flatMap((folder) =>
    readdirSync(join(live, folder), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()),
  );
  return new Map(
    found.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
      return [relative(live, path), { sha256, inode: statSync(path).ino }];
    }),
  );
}

/** Whether any file of the store still holds one of these texts, in a free page or in the log. */
export function storeHolds(ground: Ground, texts: string[]): boolean {
  const files = readdirSync(ground.data).filter((name) => name.startsWith('claviger.db'));
  return files.some((name) => {
    const bytes = readFileSync(join(ground.data, name));
    return texts.some((text) => bytes.includes(text));
  });
}

/** Everything in the tokens, a line each, sorted. */
export function tokensOf(ground: Ground, job: Job): string[] {
  return (job.token === 'software' ? softwareToken(ground) : softHsm(ground, job)).sort();
}

function softwareToken({ live, data }: Ground): string[] {
  const folder = join(live, 'token');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const keys = names.map((name) => {
    if (!/^key-.*\.json$/.test(name)) return `file ${name.replace(/[0-9a-f]{32}/, 'ID')}`;
    const { header } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
      header: { kind: string; label: string; attributes: unknown };
    };
    return `${header.kind} ${header.label} ${JSON.stringify(header.attributes)}`;
  });
  // Of the throw-away token of a rehearsal nothing stays.
  const ceremonies = existsSync(join(data, 'tokens')) ? readdirSync(join(data, 'tokens')) : [];
  return [
    ...keys,
    ...ceremonies.flatMap((id) => (existsSync(join(data, 'tokens', id, 'rehearsal')) ? ['rehearsal'] : [])),
  ];
}

function softHsm(ground: Ground, { born, script }: Job): string[] {
  const tool = (...words: string[]) => ground.run('pkcs11-tool', ['--module', SOFTHSM_MODULE, ...words]);
  const slots = [...tool('--list-slots').matchAll(/token label +: (.+)/g)].map(([, label = '']) => label.trim());
  const pin = born ? (sampleAnswers(script).pin ?? '') : USER_PIN;
  return slots.flatMap((label) => {
    const listed = tool('--token-label', label, '--login', '--pin', pin, '--list-objects');
    const objects = listed.split(/^(?=\S)/m).filter((block) => / label: /.test(block));
    return [
      `token ${label}`,
      // The number of a data object is its handle, which another session numbers otherwise; that of its application grows with
      // each time that it is written (core/hsm/pkcs11/data-objects.ts).
      ...objects.map((block) => {
        const lasting = block.replaceAll(/^ +ID:.*$|EC_POINT.*$|(?<=^Data object) \d+|(?<='claviger) \d+/gm, '');
        return `${label}: ${lasting.replaceAll(/\s+/g, ' ')}`;
      }),
    ];
  });
}
