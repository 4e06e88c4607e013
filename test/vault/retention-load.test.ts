import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Transport } from '../../core/client/transport.ts';
import type { CommandOutput } from '../../core/contract/commands.ts';
import { DEFAULT_POLICY } from '../../core/contract/vault.ts';
import { openLedger } from '../../core/ledger/ledger.ts';
import { verifyLedger } from '../../core/ledger/verify.ts';
import { SecretBox } from '../../core/process/secret-channel.ts';
import { Changes } from '../../core/service/changes.ts';
import { handle, handlersOf } from '../../core/service/handlers.ts';
import { HolderProcess } from '../../core/service/holder-client.ts';
import { KINDS } from '../../core/service/kinds.ts';
import { openStore } from '../../core/store/open.ts';
import { STORE_FILE } from '../../core/store/postgres-place.ts';
import { vaultRow, record } from '../../core/vault/parts.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { appendCheckpoint, appendKey, selfSignedKey } from '../ledger/sample-ledger.ts';
import { openPipe } from './open-pipe.ts';
import { PASSPHRASE, makeVault, serve } from './served-vault.ts';
import { bytes, textOf } from './sample-vault.ts';

/** A vault that is served while old rows of its ledger go to segments. */

const CLIENTS = 16;
const OLD_ROWS = 1500;
const OLD = { owner: 'billing', environment: 'production', name: 'old' } as const;
const identity = (name: string) => ({ owner: 'billing', environment: 'production', name }) as const;

/** What the holder of some years ago has left: reads of one secret in 2020, and their checkpoint. */
async function age(data: string): Promise<number> {
  const store = await openStore(data);
  const ledger = openLedger(store, () => new Date('2020-01-01T00:00:00Z'), KINDS);
  const { id } = await store.db
    .selectFrom('vault_secret')
    .select('id')
    .where('name', '=', 'old')
    .executeTakeFirstOrThrow();
  const by = { principal: 'billing', address: 'unix:0', agent: 'years ago' };
  const about = { secret: id, principal: null };
  const read = { action: 'get', ...OLD, secret: id, version: 1, purpose: null, request: null };
  const row = vaultRow('vault.access', { ...read, allowed: true, reason: null, ...by }, about);
  await record(
    ledger,
    Array.from({ length: OLD_ROWS }, () => row),
  );
  const key = selfSignedKey();
  await appendKey(ledger, key, null);
  await appendCheckpoint(ledger, key);
  const { size } = await ledger.head();
  await store.close();
  return size;
}

/** What reports and the trail say of those years. */
async function told(data: string) {
  const { handlers, close } = handlersOf({
    ...{ data, box: new SecretBox(openPipe()), changes: new Changes(), clock: () => new Date() },
    random: (length) => new Uint8Array(randomBytes(length)),
  });
  const call = (command: string, input: unknown) =>
    handle(handlers, command, input, { address: 'pipe', agent: 'test', credential: null });
  const { lines, months } = (await call('report.access', { before: '2021-01-01' })) as CommandOutput<'report.access'>;
  const list = { secret: OLD, before: '2021-01-01', limit: 3 };
  const { rows: listed } = (await call('ledger.list', list)) as CommandOutput<'ledger.list'>;
  await close();
  return { lines, months, listed };
}

// What 16 clients do takes its time on a machine that does much else.
test(
  'old rows go to segments while 16 clients store and read: nothing is refused, nothing is lost',
  { timeout: 300_000 },
  async () => {
    const folder = temporaryFolder();
    const data = join(folder, 'vault');
    const made = await makeVault(folder);
    // As many as a machine can do.
    const rate = { perSecret: 1_000_000, perPrincipal: 1_000_000 };
    await made.ada('vault.changePolicy', { version: 2, policy: { ...DEFAULT_POLICY, rate } });
    const storing = { category: 'system-configuration' };
    const first = new Transport({ socket: await serve(made.holder, folder) });
    await first.call('vault.put', { ...OLD, ...storing }, { value: bytes('old') });
    first.close();
    await made.holder.close();
    const size = await age(data);
    const before = await told(data);

    const holder = HolderProcess.start({ data });
    await holder.transport.call('vault.unlock', {}, { secret: bytes(PASSPHRASE) });
    const socket = await serve(holder, folder);
    let over = false;
    let [begun, between] = [0, 0];
    let sealing = false;
    const all = Promise.withResolvers<undefined>();
    const stored = await Promise.all([
      ...Array.from({ length: CLIENTS }, async (_, number) => {
        const transport = new Transport({ socket });
        const names: string[] = [];
        // Each once before, all the time meanwhile, and once after.
        for (let last = false; !last;) {
          last = over;
          const name = `${number}/${names.length}`;
          await transport.call('vault.put', { ...identity(name), ...storing }, { value: bytes(name) });
          const { secret } = await transport.call('vault.get', identity(name));
          expect(textOf(secret ?? bytes(''))).toBe(name);
          if (names.push(name) === 1 && (begun += 1) === CLIENTS) all.resolve(undefined);
          if (sealing) between += 1;
        }
        transport.close();
        return names;
      }),
      (async () => {
        await all.promise;
        const keeper = new Transport({ socket });
        sealing = true;
        const { output } = await keeper.call('vault.seal', { olderThan: '2021-01-01' });
        keeper.close();
        sealing = false;
        over = true;
        return output.segments.map(({ from, to }) => `${from}-${to}`);
      })(),
    ]);
    const segments = stored.pop() ?? [];
    const names = stored.flat();
    expect(segments).toEqual([expect.stringMatching(/^1-/)]);
    expect(between).toBeGreaterThan(0);
    await holder.close();

    const verified = await verifyLedger(data, { kinds: KINDS, paper: null });
    // What was signed is whole, in its files; each use has its row.
    expect(verified).toMatchObject({ segments: 1, signed: size - 1 });
    const store = await openStore(data);
    const ledger = openLedger(store, () => new Date(), KINDS);
    for (const kind of ['vault.stored', 'vault.access']) {
      const rows = await ledger.read({ kind, from: size + 1 });
      const told = new Set(rows.map(({ body }) => (body as { name: string }).name));
      expect(
        names.filter((name) => !told.has(name)),
        kind,
      ).toEqual([]);
    }
    expect((await store.db.selectFrom('ledger').select('seq').orderBy('seq').limit(1).execute())[0]?.seq).toBe(size);
    await store.close();

    // What left still answers: by the trail, and in reports.
    const after = await told(data);
    expect(after).toEqual(before);
    expect(after.listed.map(({ at }) => at)).toEqual(Array.from({ length: 3 }, () => '2020-01-01T00:00:00.000Z'));
  },
);

test('a holder that is killed while it seals begins again by itself, and nothing is lost', async () => {
  const folder = temporaryFolder();
  const data = join(folder, 'vault');
  const made = await makeVault(folder);
  const retention = { ledgerDays: 90 };
  await made.ada('vault.changePolicy', { version: 2, policy: { ...DEFAULT_POLICY, retention } });
  const first = new Transport({ socket: await serve(made.holder, folder) });
  await first.call('vault.put', { ...OLD, category: 'system-configuration' }, { value: bytes('old') });
  first.close();
  await made.holder.close();
  const size = await age(data);
  const shared = existsSync(join(data, STORE_FILE));
  const segments = join(data, shared ? '.sealing' : 'segments');
  mkdirSync(segments, { mode: 0o700 });
  const written = once(watch(segments), 'change');

  const killed = HolderProcess.start({ data });
  const unlocking = killed.transport.call('vault.unlock', {}, { secret: bytes(PASSPHRASE) }).catch(() => null);
  await written;
  process.kill(killed.pid ?? 0, 'SIGKILL');
  expect(await killed.ended).toBe('SIGKILL');
  await unlocking;
  await killed.close();
  expect(readdirSync(segments)).not.toEqual([]);

  const again = HolderProcess.start({ data });
  await again.transport.call('vault.unlock', {}, { secret: bytes(PASSPHRASE) });
  const keeper = new Transport({ socket: await serve(again, folder) });
  // Its turn comes after what the holder does by itself; there is nothing of that time.
  expect((await keeper.call('vault.seal', { olderThan: '1990-01-01' })).output).toEqual({ segments: [] });
  const { output } = await keeper.call('vault.health', {});
  expect(output.ledger).toMatchObject({ signed: size - 1, sealed: size - 1 });
  const { secret } = await keeper.call('vault.get', OLD);
  expect(textOf(secret ?? bytes(''))).toBe('old');
  keeper.close();
  await again.close();
  expect(readdirSync(segments)).toEqual(shared ? [] : [`1-${size - 1}.ledger`]);
  expect(await verifyLedger(data, { kinds: KINDS, paper: null })).toMatchObject({ segments: 1, signed: size - 1 });
});
