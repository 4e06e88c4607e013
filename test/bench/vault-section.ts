import { writeFileSync } from 'node:fs';
import { lineChart } from './chart.ts';
import { type Figure, table } from './rounds.ts';
import type { VaultFigures } from './vault.ts';

const CHART = new URL('../../docs/images/benchmark-vault.svg', import.meta.url);

/** The vault's part of docs/benchmarks.md, and its chart. */
export function vaultSection({ latency, together, growth, beside, peers }: VaultFigures, sizes: number[]): string {
  const milliseconds = (rate: number) => 1000 / rate;
  const named = (figures: Figure[], what: string) =>
    sizes.map((size) => {
      const found = figures.find(({ name }) => name === `${what}, ${size} secrets`);
      return { x: size, y: milliseconds(found?.median ?? NaN) };
    });
  const sync = latency[0]?.bound ?? NaN;
  writeFileSync(
    CHART,
    lineChart({
      title: 'One operation (ms) by the number of secrets',
      lines: [
        ...['store', 'new version', 'retrieve', 'list of 100', 'audit, last 100', 'health'].map((name) => ({
          name,
          points: named(latency, name),
        })),
        { name: 'one sync (the bound)', points: sizes.map((x) => ({ x, y: milliseconds(sync) })) },
      ],
    }),
  );
  return `![Milliseconds of each operation by the number of secrets](images/benchmark-vault.svg)

One caller, one operation after the other; operations a second at the median of a round's calls, beside a page of 4 KiB appended to a file and synced with fdatasync(2) (the bound). A goal of 0.67 is 1.5 syncs at most. What only reads
stands beside a thousand a second, one millisecond each:

${table(latency)}

64 callers at once, who share commits, beside one caller (the bound), all calls of a round:

${table(together)}

${growth.length > 0 ? `The largest vault beside the smallest (the bound); 0.83 is 1.2 times as long:\n\n${table(growth)}\n\n` : ''}Beside better-sqlite3 alone, two tables and the same settings, one transaction of a value and a row, or a hundred rows read (the bound):

${table(beside)}

The encryption alone, a value of 1 KiB there and back, beside AES-256-GCM of Node alone (the bound), and as others do it in this process:

${table(peers)}

- **The vault** is core/vault as the holder has it: grants, policy, locks and counts looked up, ledger row and Merkle tree, data key and KEK (local), SQLite with synchronous FULL. The way to the holder's socket is not in it.
- **Store** is a new secret of 1 KiB; **new version** one more of a secret that is there; **retrieve** opens a value after its ledger row is durable. Secrets are chosen at random. The vaults were filled with sealed secrets and
  their ledger rows, and hold as many as is said while they are measured.
- **In memory**: a vault's files are read through before each round of its calls. A million secrets are 2.6 GB, and the machine of these figures, a virtual one, takes memory back from files that were not used for some seconds; a
  page that has to be read from its disk takes 0.1 to 0.3 ms.
- **A sync** of a file that grows makes the file system write its journal as well; one in place does not (first row). SQLite's log is written in place once it has its size, and a commit there has ten to twenty pages.
- **The others**: @aws-crypto/client-node without its default signature; jose with a content key wrapped by A256GCMKW; age-encryption to an X25519 recipient. Each makes a fresh data key. This vault's includes its guarded memory.
- Medians of 9 rounds, in turns with the bound, and the median of the rounds' ratios. Where the load average is above the number of processors, what takes more processor time than its bound looks worse than it is.
`;
}
