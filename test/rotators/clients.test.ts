import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DEFAULT_POLICY } from '../../core/contract/vault.ts';
import { Renewals } from '../../core/vault/renewal.ts';
import { setPlan } from '../../core/vault/renewal-plans.ts';
import { DATABASE, bytes, sampleVault } from '../vault/sample-vault.ts';
import { logIn, loginOf, startPostgres } from '../store/postgres-server.ts';

const CLIENTS = 16;
const ROTATIONS = 5;
const ADMINISTRATOR = { owner: 'ops', environment: 'production', name: 'administrator' } as const;

test('sixteen clients log in all the time while a database password rotates five times, and none is ever turned away', async () => {
  const server = await startPostgres();
  const home = mkdtempSync(join(tmpdir(), 'claviger-clients-'));
  const { vault, caller, somebody, close } = await sampleVault(home);
  onTestFinished(async () => {
    await close();
    server.stop();
    rmSync(home, { recursive: true });
  });
  const first = { username: 'app_a', password: 'the first password of app_a' };
  await server.sql('postgres', `CREATE ROLE app_a LOGIN PASSWORD '${first.password}'; CREATE ROLE app_b LOGIN`);
  const ada = await caller('ada');
  await vault.policies.change(ada, 2, { ...DEFAULT_POLICY, rate: { perSecret: 1_000_000, perPrincipal: 1_000_000 } });
  const app = await somebody('app', ['READ', 'WRITE'], { system: true });
  const rotator = await somebody('rotator', ['READ', 'ROTATE'], { system: true });
  const category = 'database-password';
  await vault.secrets.put(app, { identity: DATABASE, category }, bytes(JSON.stringify(first)));
  const administrator = bytes(JSON.stringify(server.administrator));
  await vault.secrets.put(app, { identity: ADMINISTRATOR, category }, administrator);
  await setPlan(vault, ada, DATABASE, {
    plan: {
      rotator: {
        ...{ name: 'postgres', host: server.host, port: server.port, database: 'postgres', roles: ['app_a', 'app_b'] },
        ...{ administrator: 'ops/production/administrator', seconds: 60 },
      },
      after: null,
    },
  });

  const logins = Array.from({ length: CLIENTS }, () => 0);
  const used = new Set<string>();
  const turnedAway: unknown[] = [];
  let going = true;
  let heard = () => {};
  const client = async (number: number) => {
    while (going) {
      try {
        const { value } = await vault.secrets.get(app, { identity: DATABASE });
        used.add(await logIn(server, loginOf(value)));
      } catch (error) {
        turnedAway.push(error);
      }
      logins[number] = (logins[number] ?? 0) + 1;
      heard();
    }
  };
  /** Until each client has gone through two whole turns: the second began after this did. */
  const everybody = async () => {
    const before = [...logins];
    while (logins.some((count, number) => count < (before[number] ?? 0) + 2)) {
      await new Promise<void>((resolve) => (heard = resolve));
    }
  };
  const clients = logins.map((_, number) => client(number));
  const renewals = new Renewals(vault, join(home, 'programs'));
  for (let rotation = 0; rotation < ROTATIONS; rotation += 1) {
    await everybody();
    expect(await renewals.rotate(rotator, { identity: DATABASE })).toMatchObject({ state: 'activated' });
  }
  await everybody();
  going = false;
  await Promise.all(clients);
  expect(turnedAway).toEqual([]);
  expect([...used].sort()).toEqual(['app_a', 'app_b']);
  expect(await vault.secrets.versions(app, { identity: DATABASE })).toHaveLength(ROTATIONS + 1);
  // Every version but the newest two was overwritten in the server, which was told none of them.
  expect(server.log()).not.toMatch(/FATAL/);
});
