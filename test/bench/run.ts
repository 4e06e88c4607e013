import { parseArgs } from 'node:util';
import { benchmarkCache, cacheSection } from './cache.ts';
import { benchmarkLedger, ledgerSection } from './ledger.ts';
import { writeSection } from './page.ts';
import { benchmarkPool, costFigures, poolSection } from './pool.ts';
import { type Figure, table } from './rounds.ts';
import { LARGEST, SIZES, benchmarkVault } from './vault.ts';
import { vaultSection } from './vault-section.ts';

/**
 * Token processes, ledger, vault and its cache, each beside its bound in the same run: `npm run bench`. `-- --only pool`, `ledger`, `vault` or `cache`: one of them; `--full`: the vault
 * with a million secrets, too; `--sizes 1000,5000`: with so many; `--json`: the figures as an array; `--write`: what was measured goes into docs/benchmarks.md.
 */

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    sizes: { type: 'string' },
    full: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const sizes = values.sizes?.split(',').map(Number) ?? (values.full ? [...SIZES, LARGEST] : SIZES);
if (sizes.some((size) => !Number.isInteger(size) || size < 1000)) throw new Error('--sizes: numbers from 1000 on');

type Part = { title: string; measured: () => Promise<{ figures: Figure[]; section: string }> };
const parts: Record<string, Part> = {
  pool: {
    title: 'Token processes',
    measured: async () => {
      const { figures, costs } = await benchmarkPool();
      return { figures: [...figures, ...costFigures(costs)], section: poolSection(figures, costs) };
    },
  },
  ledger: {
    title: 'The ledger',
    measured: async () => {
      const figures = await benchmarkLedger();
      return { figures, section: ledgerSection(figures) };
    },
  },
  vault: {
    title: 'The vault',
    measured: async () => {
      const figures = await benchmarkVault(sizes);
      return { figures: Object.values(figures).flat(), section: vaultSection(figures, sizes) };
    },
  },
  cache: {
    title: 'The cache of a vault',
    measured: async () => {
      const figures = await benchmarkCache();
      return { figures: figures.spared, section: cacheSection(figures) };
    },
  },
};

const { only } = values;
if (only !== undefined && !Object.hasOwn(parts, only)) throw new Error(`--only: ${Object.keys(parts).join(', ')}`);
const all: Figure[] = [];
for (const [name, { title, measured }] of Object.entries(parts)) {
  if (only !== undefined && name !== only) continue;
  const { figures, section } = await measured();
  all.push(...figures);
  if (values.write) writeSection(title, section);
}
process.stdout.write(`${values.json ? JSON.stringify(all, null, 2) : table(all)}\n`);
