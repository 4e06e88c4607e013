import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withoutRepeats } from './ceremonies.ts';
import type { Canary } from './forms.ts';
import { Ground } from './ground.ts';
import { searchAll } from './leaks.ts';
import { drawn } from './marked.ts';
import { cacheKeyIn, keepRedis } from './redis-left.ts';
import { turnsGround } from './turns-ground.ts';
import type { TurnsSecret } from './turns.ts';
import { heardOf, keysIn, recipientOf, useLedger } from './vault-evidence.ts';

/** Nothing secret of a vault that rotates its keys and its secrets, is opened in an emergency, and shares what it caches, is in what it leaves or says, nor with whom it speaks. */

const KINDS_OF: Record<TurnsSecret, Canary['kind']> = {
  passphrase: 'passphrase',
  'wrong passphrase': 'passphrase',
  password: 'password',
  'keeper password': 'password',
  'redis password': 'password of Redis',
  'mail password': 'password',
  'session value': 'value',
  'next session value': 'value',
  'program value': 'value',
  'first login': 'password',
  administrator: 'password',
  'emergency value': 'value',
  'late value': 'value',
};

test(
  'through rotations of keys and secrets, an emergency and a shared cache, nothing secret is in what a vault leaves or says',
  { timeout: 600_000 },
  async () => {
    const ground = new Ground();
    onTestFinished(() => {
      ground.remove();
    });
    const { home, left } = ground;
    const names = Object.keys(KINDS_OF) as TurnsSecret[];
    const secrets = Object.fromEntries(names.map((name) => [name, Buffer.from(drawn(32))])) as Record<TurnsSecret, Buffer>; // prettier-ignore
    const turns = await turnsGround(ground, secrets);
    onTestFinished(turns.close);
    const input = ground.bring('walk.json', JSON.stringify(turns.walk));
    const walked = await ground.run([input], join(import.meta.dirname, 'turns-walk.ts'), { listen: false });
    expect(walked.status, walked.stderr).toBe(0);
    expect(walked.stdout).toContain('"walked"');
    await keepRedis(turns.redis, turns.redisFolder, join(left, 'redis'));
    turns.keepPostgres();

    // Every key that there was at any moment, opened in a copy.
    const moments = readdirSync(left).filter((name) => name.startsWith('moment-'));
    const keys: Canary[] = [];
    for (const name of moments) {
      const copy = join(home, 'opened', name);
      mkdirSync(join(home, 'opened'), { recursive: true });
      execFileSync('cp', ['-a', join(left, name), copy]);
      // The store refuses a folder that others may read.
      chmodSync(copy, 0o700);
      keys.push(...(await keysIn(copy, secrets.passphrase)));
    }
    keys.push(
      await cacheKeyIn(
        turns.redis,
        keys.filter(({ name }) => name.startsWith('KEK ')),
      ),
    );
    const { certificate } = recipientOf(ground);
    await useLedger(ground, ground.data, certificate);

    const heard = heardOf(turns.walk.heard);
    expect(heard.map(({ name }) => name)).toEqual([
      ...['codes of ada', 'session', 'token', 'session', 'drawn session 1', 'drawn session 2', 'drawn for a program'],
      ...['drawn login 1', 'drawn login 2', 'codes of keeper', 'session of keeper'],
    ]);
    const given = turns.given();
    // That of the version, one for each failure, and none twice.
    expect(given).toHaveLength(4);
    const canaries = withoutRepeats([
      ...names.map((name): Canary => ({ kind: KINDS_OF[name], name, bytes: secrets[name] })),
      ...heard,
      ...given.map((bytes, index): Canary => ({ kind: 'value', name: `given to a program ${index}`, bytes })),
      ...keys,
    ]);
    // The first KEK, the one that was rolled back, and the one that is left.
    expect(canaries.filter(({ name }) => name.startsWith('KEK '))).toHaveLength(3);
    expect(canaries.filter(({ name }) => name.startsWith('data key ')).length).toBeGreaterThan(40);

    const { leaks, allowed, files } = searchAll(ground, canaries);
    expect(leaks).toEqual([]);
    expect(files).toBeGreaterThan(100);
    expect(new Set(allowed.map(({ place }) => place))).toEqual(new Set(['left/wire/redis-to', 'left/redis/memory']));

    // All of it happened.
    const said = (name: string) => readFileSync(join(left, name), 'latin1');
    for (const name of ['notices.jsonl', 'paged.jsonl']) expect(said(name)).toContain('"event":"ended"');
    expect(said('mailbox')).toContain('der Notzugriff von keeper ist vorbei');
    expect(said('told.jsonl')).toContain('"event":"rotated"');
    expect(said('postgres/log')).toMatch(/ALTER ROLE "app_b" PASSWORD 'SCRAM-SHA-256/);
    for (const name of ['wire/redis-to', 'redis/dump.rdb', 'redis/memory']) expect(said(name)).toContain('claviger:');
    for (const wire of ['postgres-to', 'postgres-from', 'redis-from']) expect(said(`wire/${wire}`)).not.toBe('');

    // The search finds what does stand there: a value that Redis is given, and one at the end of each file.
    const planted = { home, left: join(home, 'planted'), said: join(home, 'planted-said') };
    for (const folder of [planted.left, planted.said]) mkdirSync(folder);
    await turns.redis.as((client) => client.set('planted', secrets['session value']));
    await keepRedis(turns.redis, turns.redisFolder, join(planted.left, 'redis'));
    const [log = ''] = readdirSync(join(left, 'redis/appendonlydir')).filter((name) => name.endsWith('.incr.aof'));
    const inRedis = ['redis/dump.rdb', `redis/appendonlydir/${log}`, 'redis/memory'];
    const kept = [
      ...['wire/redis-from', 'wire/postgres-to', 'postgres/log', 'notices.jsonl', 'told.jsonl'],
      ...['slice.ledger', 'rotation.csv', 'vault.backup', `${moments[0] ?? ''}/claviger.db-wal`],
    ];
    for (const [index, name] of kept.entries()) {
      cpSync(join(left, name), join(planted.left, name), { recursive: true });
      const form = (['base64url', 'hex', 'utf16le'] as const)[index % 3] ?? 'hex';
      const text = form === 'utf16le' ? secrets['late value'].toString() : secrets['late value'].toString(form);
      writeFileSync(join(planted.left, name), Buffer.from(text, form === 'utf16le' ? form : 'ascii'), { flag: 'a' });
    }
    // A mail breaks its lines.
    const text = secrets['late value'].toString();
    const mail = JSON.stringify({ content: `it is ${text.slice(0, 9)}=\r\n${text.slice(9)}.` });
    writeFileSync(join(planted.left, 'mailbox'), `${mail}\n`);
    for (const [index, { bytes }] of canaries.entries()) {
      const form = (['hex', 'base64'] as const)[index % 2] ?? 'hex';
      const line = `said: ${Buffer.from(bytes).toString(form)};`;
      writeFileSync(join(planted.said, `said-${index}`), Buffer.concat([randomBytes(99), Buffer.from(line)]));
    }
    const found = searchAll(planted, canaries).leaks;
    const at = (place: string) => new Set(found.filter((one) => one.place.endsWith(place)).map(({ canary }) => canary));
    for (const place of inRedis) expect(at(place), place).toContain('session value');
    for (const place of [...kept, 'mailbox']) expect(at(place), place).toContain('late value');
    for (const [index, { name }] of canaries.entries()) expect(at(`/said-${index}`)).toContain(name);
  },
);
