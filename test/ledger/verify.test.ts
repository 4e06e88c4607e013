import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { checkpointWords } from '../../core/ledger/checkpoint.ts';
import { type NewRow, openLedger } from '../../core/ledger/ledger.ts';
import { leafOf } from '../../core/ledger/row.ts';
import { Frontier, leafHash } from '../../core/ledger/tree.ts';
import { openStore } from '../../core/store/open.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { refused } from '../hsm/refused.ts';
import { sampleAuthority } from '../pki/sample-authority.ts';
import {
  KINDS,
  type SampleLedger,
  appendCheckpoint,
  appendKey,
  certify,
  note,
  sampleLedger,
  selfSignedKey,
  signature,
  verify,
} from './sample-ledger.ts';

/** Ten rows: a key, seven notes, a checkpoint of eight rows, a note. The store is closed. */
async function finished(): Promise<SampleLedger & { text: string }> {
  const sample = await sampleLedger(7);
  const text = await appendCheckpoint(sample.ledger, sample.key);
  await sample.ledger.append([note('after', 'c')]);
  await sample.store.close();
  return { ...sample, text };
}

/** Does what a forger does: the triggers are of no avail. */
function tamper(folder: string, ...statements: string[]): void {
  const database = new Database(join(folder, 'claviger.db'));
  for (const { name } of database.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all() as {
    name: string;
  }[]) {
    database.exec(`DROP TRIGGER ${name}`);
  }
  for (const statement of statements) database.exec(statement);
  database.close();
}

/** Makes the stored tree anew over whatever rows there are now: a careful forger. */
function regrow(folder: string): void {
  const database = new Database(join(folder, 'claviger.db'));
  database.exec('DELETE FROM ledger_tree');
  const frontier = new Frontier();
  for (const row of database.prepare('SELECT * FROM ledger ORDER BY seq').all()) {
    const hashes = Buffer.concat(frontier.append(leafHash(leafOf(row as Parameters<typeof leafOf>[0]))));
    database.prepare('INSERT INTO ledger_tree VALUES (?, ?)').run((row as { seq: number }).seq, hashes);
  }
  database.exec(`UPDATE sqlite_sequence SET seq = (SELECT max(seq) FROM ledger) WHERE name = 'ledger'`);
  database.close();
}

async function badRow(folder: string, checkpoint?: string): Promise<[unknown, string]> {
  const params = await refused('LEDGER_ALTERED', () => verify(folder, checkpoint));
  return [params['seq'], String(params['detail'])];
}

describe('a ledger in order', () => {
  test('is verified from its rows up, and what is not yet signed is told', async () => {
    const { folder, key, text } = await finished();
    const verified = await verify(folder);
    expect(verified).toMatchObject({ of: 'store', from: 1, to: 10, signed: 8, notYetSigned: 2, checkpoints: 1 });
    expect(verified.keys).toHaveLength(1);
    expect(verified.keys[0]).toMatchObject({ subject: 'CN=Ledger key', issuer: 'CN=Ledger key' });
    expect(verified.origin).toBe(text.split('\n')[0]);
    expect(verified.warnings).toEqual([]);
    const store = await openStore(folder);
    const ledger = openLedger(store, () => new Date(), KINDS);
    await appendCheckpoint(ledger, key);
    expect((await ledger.head()).size).toBe(11);
    await store.close();
    expect(await verify(folder)).toMatchObject({ signed: 10, notYetSigned: 1, checkpoints: 2 });
  });

  test('may be empty, or without any key', async () => {
    const folder = join(temporaryFolder(), 'data');
    await (await openStore(folder)).close();
    expect(await verify(folder)).toMatchObject({ from: 0, to: 0, size: 0, signed: 0, notYetSigned: 0, keys: [] });
    const store = await openStore(folder);
    await openLedger(store, () => new Date(), KINDS).append([note('a')]);
    await store.close();
    expect(await verify(folder)).toMatchObject({ size: 1, signed: 0, notYetSigned: 1 });
  });

  test('is read as a crash left it, its log not yet in the database', async () => {
    const { folder, ledger, store } = await sampleLedger(5);
    const copy = temporaryFolder();
    for (const file of ['claviger.db', 'claviger.db-wal']) copyFileSync(join(folder, file), join(copy, file));
    expect(await verify(copy)).toMatchObject({ size: 6 });
    await refused('STORE_BUSY', () => verify(folder));
    expect((await ledger.head()).size).toBe(6);
    await store.close();
  });

  test('a clock that went back is a warning that names the row', async () => {
    const folder = join(temporaryFolder(), 'data');
    const store = await openStore(folder);
    const times = ['2026-01-02', '2026-01-01', '2026-01-03'];
    const ledger = openLedger(store, () => new Date(times.shift() ?? ''), KINDS);
    for (const text of ['a', 'b', 'c']) await ledger.append([note(text)]);
    await store.close();
    expect((await verify(folder)).warnings.map(({ seq }) => seq)).toEqual([2]);
  });
});

describe('keys and signatures', () => {
  test('a key is certified by the root later, and changed, each time by a row that the key before has signed', async () => {
    const { folder, store, ledger, key } = await sampleLedger(2);
    await appendCheckpoint(ledger, key);
    const authority = await sampleAuthority('EC-P256');
    const certified = { signer: key.signer, ...(await certify(authority, key.signer)) };
    await appendKey(ledger, certified, key);
    await appendCheckpoint(ledger, certified);
    const successor = selfSignedKey('Another ledger key');
    await appendKey(ledger, successor, certified);
    await appendCheckpoint(ledger, successor);
    await store.close();
    const { keys, checkpoints } = await verify(folder);
    expect(checkpoints).toBe(3);
    expect(keys.map(({ subject, issuer }) => subject === issuer)).toEqual([true, false, true]);
  });

  test('who signed is told by a checkpoint, not by the last key that was named', async () => {
    const forged = await sampleLedger(3);
    await appendCheckpoint(forged.ledger, forged.key);
    // A hand-over needs nothing of whom it names: the true key's certificate is public.
    const named = selfSignedKey('The true key');
    await appendKey(forged.ledger, named, forged.key);
    await forged.store.close();
    const { signer, keys } = await verify(forged.folder);
    expect(signer?.sha256).toBe(keys[0]?.sha256);
    expect(signer?.sha256).not.toBe(keys[1]?.sha256);
  });

  test('training goes on with a key that was not handed over, and says so; nothing else does', async () => {
    const folder = join(temporaryFolder(), 'training');
    const training = await openStore(folder);
    const own = openLedger(training, () => new Date(), KINDS);
    const [one, other] = [selfSignedKey('TRAINING one'), selfSignedKey('TRAINING other')];
    await appendKey(own, one, null);
    await appendKey(own, other, null);
    await appendCheckpoint(own, other);
    await training.close();
    const { warnings, signer } = await verify(folder);
    expect(warnings).toEqual([{ seq: 2, detail: 'its training key was not handed over' }]);
    expect(signer?.subject).toBe('CN=TRAINING other');
  });

  const attempts: [string, (sample: SampleLedger) => Promise<NewRow>, string][] = [
    [
      'a key that the key before has not signed',
      ({ key }) => Promise.resolve(keyRow(key.certificate, null)),
      'the key before it has not signed it',
    ],
    [
      'a key of training where none was before',
      () => Promise.resolve(keyRow(selfSignedKey('TRAINING x').certificate, null)),
      'the key before it has not signed it',
    ],
    [
      'a key that a stranger has signed',
      async () => {
        const stranger = selfSignedKey('Stranger');
        return keyRow(stranger.certificate, await signature(stranger, stranger.certificate));
      },
      'not signed by the ledger key',
    ],
    [
      'a checkpoint that a stranger has signed',
      async ({ ledger }) => {
        const { text } = await ledger.checkpoint();
        const signed = await signature(selfSignedKey('Stranger'), new TextEncoder().encode(text));
        return { kind: 'ledger.checkpoint', ceremony: null, body: { body: text, signature: signed } };
      },
      'not signed by the ledger key',
    ],
    [
      'a checkpoint whose signature is of another text',
      async ({ ledger, key }) => {
        const { text } = await ledger.checkpoint();
        const signed = await signature(key, new TextEncoder().encode((await ledger.checkpoint(1)).text));
        return { kind: 'ledger.checkpoint', ceremony: null, body: { body: text, signature: signed } };
      },
      'the content is not what was signed',
    ],
    [
      'a checkpoint of another ledger',
      async ({ key }) => {
        const other = await sampleLedger(3);
        const { text } = await other.ledger.checkpoint();
        await other.store.close();
        const signed = await signature(key, new TextEncoder().encode(text));
        return { kind: 'ledger.checkpoint', ceremony: null, body: { body: text, signature: signed } };
      },
      'of another ledger',
    ],
  ];
  test.each(attempts)('%s is found, and the row named', async (_, make, says) => {
    const sample = await sampleLedger(3);
    const row = await make(sample);
    await sample.ledger.append([row]);
    await sample.store.close();
    const [seq, detail] = await badRow(sample.folder);
    expect(seq).toBe(5);
    expect(detail).toContain(says);
  });

  test('an earlier checkpoint does not come again', async () => {
    const { folder, store, ledger, key } = await sampleLedger(3);
    await appendCheckpoint(ledger, key);
    await appendCheckpoint(ledger, key, 2);
    await store.close();
    expect(await badRow(folder)).toEqual([6, 'its checkpoint is of 2 rows, out of turn']);
  });
});

function keyRow(certificate: Uint8Array, signed: string | null): NewRow {
  const body = { certificate: Buffer.from(certificate).toString('base64'), signature: signed };
  return { kind: 'ledger.key', ceremony: null, body };
}

describe('what was tampered with is found, and the first bad row named', () => {
  const changes: [string, string[], number, string][] = [
    ['a body', [`UPDATE ledger SET body = '{"text":"forged"}' WHERE seq = 4`], 4, 'not what the tree says'],
    ['a time', [`UPDATE ledger SET at = '2026-01-01T00:02:00.001Z' WHERE seq = 3`], 3, 'not what the tree says'],
    ['a ceremony', ['UPDATE ledger SET ceremony = NULL WHERE seq = 5'], 5, 'not what the tree says'],
    ['a body made bytes', ['UPDATE ledger SET body = CAST(body AS BLOB) WHERE seq = 5'], 5, 'not what the tree says'],
    ['a hash', [`UPDATE ledger_tree SET hashes = zeroblob(32) WHERE seq = 7`], 7, 'not what the tree says'],
    ['a hash that is gone', ['DELETE FROM ledger_tree WHERE seq = 6'], 6, 'not what the tree says'],
    ['a deleted row', ['DELETE FROM ledger WHERE seq = 6'], 6, 'it is missing'],
    ['the first row deleted', ['DELETE FROM ledger WHERE seq = 1'], 1, 'it is missing'],
    ['rows cut off', ['DELETE FROM ledger WHERE seq > 7'], 8, 'it is missing'],
    [
      'rows cut off with their hashes',
      ['DELETE FROM ledger WHERE seq > 7', 'DELETE FROM ledger_tree WHERE seq > 7'],
      8,
      'it is missing',
    ],
    [
      'swapped rows',
      [
        'UPDATE ledger SET seq = 100 WHERE seq = 4',
        'UPDATE ledger SET seq = 4 WHERE seq = 5',
        'UPDATE ledger SET seq = 5 WHERE seq = 100',
      ],
      4,
      'not what the tree says',
    ],
    [
      'a row replayed',
      ['INSERT INTO ledger SELECT 11, at, kind, ceremony, body FROM ledger WHERE seq = 3'],
      11,
      'not what the tree says',
    ],
    ['another name', [`UPDATE ledger_origin SET origin = 'claviger/ledger/0000000000000000'`], 9, 'of another ledger'],
    ['a name that is none', [`UPDATE ledger_origin SET origin = 'x'`], 1, 'the name of the ledger'],
  ];
  test.each(changes)('%s', async (_, statements, row, says) => {
    const { folder } = await finished();
    tamper(folder, ...statements);
    const [seq, detail] = await badRow(folder);
    expect(seq).toBe(row);
    expect(detail).toContain(says);
  });

  const forgeries: [string, string[], string][] = [
    ['changed', [`UPDATE ledger SET body = '{"text":"forged"}' WHERE seq = 4`], 'row 1 to row 8 are not those'],
    [
      'left out, and the others moved up',
      [
        'DELETE FROM ledger WHERE seq = 4',
        ...[5, 6, 7, 8, 9, 10].map((seq) => `UPDATE ledger SET seq = ${seq - 1} WHERE seq = ${seq}`),
      ],
      'out of turn',
    ],
    [
      'replayed before it was signed',
      [
        ...[10, 9, 8, 7].map((seq) => `UPDATE ledger SET seq = ${seq + 1} WHERE seq = ${seq}`),
        'INSERT INTO ledger SELECT 7, at, kind, ceremony, body FROM ledger WHERE seq = 3',
      ],
      'row 1 to row 8 are not those',
    ],
  ];
  test.each(forgeries)('a signed row %s, and the whole tree made anew', async (_, statements, says) => {
    const { folder } = await finished();
    tamper(folder, ...statements);
    regrow(folder);
    expect((await badRow(folder))[1]).toContain(says);
  });

  test('a row that was never signed can be forged, and is told as such', async () => {
    const { folder } = await finished();
    tamper(folder, `UPDATE ledger SET body = '{"text":"forged"}' WHERE seq = 10`);
    expect((await badRow(folder))[0]).toBe(10);
    regrow(folder);
    expect(await verify(folder)).toMatchObject({ signed: 8, notYetSigned: 2 });
  });

  test('a database that is none, and a folder without one', async () => {
    const { folder } = await finished();
    tamper(folder, 'DROP TABLE ledger_tree');
    await refused('STORE_DAMAGED', () => verify(folder));
    await refused('FILE_MISSING', () => verify(temporaryFolder()));
    await refused('FILE_MISSING', () => verify('/nowhere'));
  });
});

describe('a checkpoint on paper', () => {
  test('is contained: as text, as words, of an earlier tree, of no rows', async () => {
    const { folder, text } = await finished();
    const store = await openStore(folder);
    const ledger = openLedger(store, () => new Date(), KINDS);
    const early = await ledger.checkpoint(3);
    const none = await ledger.checkpoint(0);
    await store.close();
    const words = checkpointWords(early).join(' ');
    const papers: [string, number][] = [
      [text, 8],
      [`  ${text.replaceAll('\n', ' \n ')}`, 8],
      [early.text, 3],
      [`3 ${words}`, 3],
      [`3\n${words.toUpperCase()}`, 3],
    ];
    for (const [paper, size] of papers) expect((await verify(folder, paper)).paper, paper).toBe(size);
    expect((await verify(folder, none.text)).paper).toBe(0);
  });

  test('finds a ledger that was rolled back to an older copy', async () => {
    const sample = await sampleLedger(3);
    await appendCheckpoint(sample.ledger, sample.key);
    const old = await sample.ledger.checkpoint();
    await sample.store.close();
    const copy = temporaryFolder();
    copyFileSync(join(sample.folder, 'claviger.db'), join(copy, 'claviger.db'));
    const store = await openStore(sample.folder);
    const ledger = openLedger(store, () => new Date('2026-02-01'), KINDS);
    await ledger.append([note('later'), note('and later')]);
    await appendCheckpoint(ledger, sample.key);
    const { text } = await ledger.checkpoint();
    await store.close();
    expect(await verify(copy, old.text)).toMatchObject({ paper: 5 });
    expect(await refused('LEDGER_ROLLED_BACK', () => verify(copy, text))).toEqual({ size: 5, paper: 8, missing: 3 });
    expect((await verify(sample.folder, text)).paper).toBe(8);
  });

  test('finds a ledger that went another way after it was printed', async () => {
    const sample = await sampleLedger(3);
    await sample.store.close();
    const copy = join(temporaryFolder(), 'data');
    await (await openStore(copy)).close();
    copyFileSync(join(sample.folder, 'claviger.db'), join(copy, 'claviger.db'));
    const texts = [];
    for (const folder of [sample.folder, copy]) {
      const store = await openStore(folder);
      const ledger = openLedger(store, () => new Date('2026-02-01'), KINDS);
      await ledger.append([note(folder)]);
      texts.push((await ledger.checkpoint()).text);
      await store.close();
    }
    const [one = '', other = ''] = texts;
    expect((await verify(sample.folder, one)).paper).toBe(5);
    expect(await refused('LEDGER_FORKED', () => verify(sample.folder, other))).toEqual({ paper: 5 });
  });

  test('of another ledger, and what is no checkpoint', async () => {
    const { folder } = await finished();
    const other = await finished();
    expect((await refused('LEDGER_OTHER', () => verify(folder, other.text)))['paper']).toBe(other.text.split('\n')[0]);
    const words = Array.from({ length: 16 }, () => 'aardvark adroitness').join(' ');
    for (const [paper, says] of [
      ['', 'neither'],
      ['lorem ipsum', 'neither'],
      ['3 aardvark', '32 words, not 1'],
      [`3 ${words.replace('adroitness', 'aardvark')}`, 'word 2 (aardvark)'],
      [`3 ${words.replace('aardvark', 'ardvark')}`, 'word 1 (ardvark)'],
    ] as const) {
      const params = await refused('CHECKPOINT_INVALID', () => Promise.resolve().then(() => verify(folder, paper)));
      expect(params['detail']).toContain(says);
    }
    await refused('LEDGER_FORKED', () => verify(folder, `3 ${words}`));
  });
});

describe('an export', () => {
  test('shows its rows, and the tree of a paper that it reaches', async () => {
    const { folder, store, ledger, key } = await sampleLedger(7);
    await appendCheckpoint(ledger, key);
    const path = join(folder, 'slice.ledger');
    await ledger.export({ from: 3, to: 5 }, path);
    const heads = await Promise.all([1, 2, 3, 5, 6, 8, 9].map((size) => ledger.checkpoint(size)));
    await store.close();
    expect(await verify(path)).toMatchObject({ of: 'export', from: 3, to: 5, size: 8, signed: 8, paper: null });
    for (const { size, text } of heads) {
      if ([2, 3, 5, 8].includes(size)) expect((await verify(path, text)).paper).toBe(size);
      else expect((await refused('CHECKPOINT_OUTSIDE', () => verify(path, text)))['paper']).toBe(size);
    }
    const [words] = heads.map((head) => checkpointWords(head).join(' '));
    expect(await refused('LEDGER_FORKED', () => verify(path, `3 ${words ?? ''}`))).toEqual({ paper: 3 });
    const other = await finished();
    await refused('LEDGER_OTHER', () => verify(path, other.text));
    writeFileSync(path, 'something else\n');
    await refused('LEDGER_FILE_INVALID', () => verify(path));
  });

  test('is made of signed rows only, in order, and never over another file', async () => {
    const { folder, store, ledger, key } = await sampleLedger(3);
    const path = join(folder, 'slice.ledger');
    expect(await refused('LEDGER_NOT_SIGNED', () => ledger.export({ from: 1, to: 2 }, path))).toMatchObject({
      signed: 0,
    });
    await appendCheckpoint(ledger, key);
    await refused('LEDGER_NOT_SIGNED', () => ledger.export({ from: 1, to: 5 }, path));
    await refused('LEDGER_ROW_UNKNOWN', () => ledger.export({ from: 3, to: 2 }, path));
    await refused('LEDGER_ROW_UNKNOWN', () => ledger.export({ from: 0, to: 2 }, path));
    await ledger.export({ from: 1, to: 2 }, path);
    await refused('OUTPUT_EXISTS', () => ledger.export({ from: 1, to: 4 }, path));
    await store.close();
  });
});
