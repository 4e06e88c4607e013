import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LocalKms } from '../../core/kms/local.ts';
import { guardedCopy, wipe } from '../../core/process/guarded.ts';
import { contextOf, seal, unseal } from '../../core/vault/envelope.ts';
import { NEVER } from '../../core/vault/rows.ts';
import { Rotations } from '../../core/vault/rotation/rotations.ts';
import type { NextKeys } from '../../core/vault/rotation/next-key.ts';
import { sampleVault } from '../vault/sample-vault.ts';

/**
 * A hundred thousand secrets of 1 KiB: phases 2 to 4 of a rotation of the KEK, on a disk, beside the encryptions that it cannot do without, in memory and in one loop:
 * `npm run bench:rotation`. `-- --json` prints the figures.
 */
const SECRETS = Number(process.env['SECRETS'] ?? 100_000);
const VALUE_BYTES = 1024;
const ROUNDS = 3;
/** Seconds, or times the bare encryptions. */
const GOAL = { seconds: 3, times: 2 };

const keyOf = (name: string) => guardedCopy(createHash('sha256').update(name).digest());
const idOf = (number: number) => `7d444840-9dc0-41d1-b245-${number.toString(16).padStart(12, '0')}`;

/** What a rotation has to do with keys: each data key opened, wrapped anew, opened again, and its value with it. */
async function bare(count: number): Promise<number> {
  const [from, to] = [new LocalKms(idOf(1), keyOf('from')), new LocalKms(idOf(2), keyOf('to'))];
  const secrets = await Promise.all(
    Array.from({ length: count }, async (_, number) => {
      const identity = { owner: 'bench', environment: 'production', name: String(number), id: idOf(number) } as const;
      const context = contextOf(identity, 1);
      return { context, sealed: await seal(from, context, new Uint8Array(VALUE_BYTES)) };
    }),
  );
  const began = performance.now();
  for (const [index, { context, sealed }] of secrets.entries()) {
    // What a cipher leaves is freed between turns, there as here.
    if (index % 250 === 0) await nextTurn();
    const key = await from.decrypt(sealed.dataKeys[0] ?? new Uint8Array(0), context);
    const dataKey = await to.encrypt(key, context);
    wipe(key);
    const { iv, ciphertext } = sealed;
    wipe(await unseal(to, context, { dataKey, iv, ciphertext }));
  }
  return (performance.now() - began) / 1000;
}

async function rotation(): Promise<number[]> {
  const home = mkdtempSync(join(tmpdir(), 'claviger-bench-rotation-'));
  try {
    const { vault, store, caller, close } = await sampleVault(home);
    const { db } = store;
    const ada = await caller('ada');
    const at = new Date().toISOString();
    for (let first = 0; first < SECRETS; first += 500) {
      const numbers = Array.from({ length: 500 }, (_, index) => first + index);
      const sealed = await Promise.all(
        numbers.map((number) =>
          seal(
            vault.parts.kms,
            contextOf({ owner: 'bench', environment: 'production', name: String(number), id: idOf(number) }, 1),
            new Uint8Array(VALUE_BYTES),
          ),
        ),
      );
      await db.transaction().execute(async (transaction) => {
        for (const [index, number] of numbers.entries()) {
          const one = sealed[index];
          if (!one) throw new Error('every value was sealed');
          const { iv, ciphertext, dataKeys, keyId, algorithm } = one;
          const identity = { id: idOf(number), owner: 'bench', environment: 'production', name: String(number) };
          const said = {
            category: 'system-configuration',
            description: '',
            version: 1,
            created_at: at,
            updated_at: at,
          };
          await transaction
            .insertInto('vault_secret')
            .values({ ...identity, ...said, accessed_at: NEVER, rotation_due: null })
            .execute();
          const version = { secret: identity.id, version: 1 };
          await transaction
            .insertInto('vault_version')
            .values({ ...version, algorithm, iv, ciphertext, created_at: at, created_by: 'bench' })
            .execute();
          const data_key = dataKeys[0] ?? new Uint8Array(0);
          await transaction
            .insertInto('vault_data_key')
            .values({ ...version, key_id: keyId, data_key })
            .execute();
        }
      });
    }
    // What makes a key takes as long as a passphrase or a token does, and is not what is measured.
    let made = 0;
    const keys: NextKeys = {
      plan: () => '{}',
      check: () => Promise.resolve(),
      make: (place) => {
        made += 1;
        return Promise.resolve({ kms: new LocalKms(idOf(SECRETS + made), keyOf(`${made}`)), place, backup: null });
      },
      open: () => Promise.reject(new Error('nothing is opened again')),
      destroy: () => Promise.resolve(),
    };
    const rotations = new Rotations(vault, keys, (error) => {
      throw error;
    });
    const seconds: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const began = performance.now();
      await rotations.rotateKey(ada, { secret: null });
      await rotations.settled();
      seconds.push((performance.now() - began) / 1000);
      const shown = await rotations.status(ada);
      if (shown?.phase !== 'grace') throw new Error(`${shown?.phase ?? ''} ${shown?.stopped ?? ''}`);
      await rotations.finish(ada, true);
      await rotations.settled();
    }
    await close();
    return seconds;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const median = (all: number[]) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? NaN;
const before = await bare(SECRETS);
const rotated = median(await rotation());
const bound = (before + (await bare(SECRETS))) / 2;
const times = rotated / bound;
const met = rotated <= GOAL.seconds || times <= GOAL.times;
const figure = {
  secrets: SECRETS,
  valueBytes: VALUE_BYTES,
  seconds: rotated,
  bareSeconds: bound,
  times,
  goal: GOAL,
  met,
};
const line = `${SECRETS} secrets rotated in ${rotated.toFixed(1)} s; bare encryptions ${bound.toFixed(1)} s; ${times.toFixed(2)} times; ${met ? 'met' : 'not met'}`;
process.stdout.write(`${process.argv.includes('--json') ? JSON.stringify(figure, null, 2) : line}\n`);
