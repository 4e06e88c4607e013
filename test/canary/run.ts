import { ROOT, WALKS, type Walk, walkAll } from './ceremonies.ts';
import { Ground } from './ground.ts';
import { searchAll } from './leaks.ts';

/**
 * Walks every shipped ceremony with marked secrets, on the software token and the root's on SoftHSM, and searches everything:
 * `npm run test:canary`. `-- SCRIPT...`: only stores in which one of these is walked.
 */
type Run = { on: 'software' | 'softhsm'; walks: Walk[] };

const wanted = process.argv.slice(2);
const runs: Run[] = [
  ...WALKS.map((walks): Run => ({ on: 'software', walks })),
  { on: 'softhsm' as const, walks: [ROOT] },
].filter(({ walks }) => wanted.length === 0 || walks.some(({ script }) => wanted.includes(script)));
const say = (text: string) => process.stdout.write(`${text}\n`);
let walked = 0;
let leaked = 0;

for (const { on, walks } of runs) {
  const ground = new Ground();
  try {
    const token = on === 'softhsm' ? ground.softHsm() : undefined;
    const canaries = await walkAll(ground, walks, token);
    const { files, bytes, leaks } = searchAll(ground, canaries);
    for (const { place, view, canary, form } of leaks) say(`LEAK  ${place} (${view}): ${canary} as ${form}`);
    for (const name of new Set(ground.temporary)) say(`LEAK  the temporary folder: ${name}`);
    walked += walks.length;
    leaked += leaks.length + ground.temporary.length;
    say(
      `${on}, ${walks.map(({ script }) => script).join(', ')}: ${canaries.length} secrets, ${files} files, ${(bytes / 2 ** 20).toFixed(0)} MiB`,
    );
  } finally {
    ground.remove();
  }
}
say(`ceremonies ${walked}, leaks ${leaked}`);
if (leaked > 0 || walked === 0) process.exitCode = 1;
