import { ROOT, WALKS, walkAll } from './ceremonies.ts';
import { Ground } from './ground.ts';
import { searchAll } from './leaks.ts';

/** Walks every shipped ceremony with marked secrets, on the software token and the root's on SoftHSM, and searches everything. */

const say = (text: string) => process.stdout.write(`${text}\n`);
let leaked = 0;
const runs = [...WALKS.map((walks) => ({ on: 'software', walks })), { on: 'softhsm', walks: [ROOT] }];
for (const { on, walks } of runs) {
  const ground = new Ground();
  try {
    const token = on === 'softhsm' ? ground.softHsm() : undefined;
    const canaries = await walkAll(ground, walks, token);
    const { files, bytes, leaks } = searchAll(ground, canaries);
    for (const { place, view, canary, form } of leaks) say(`LEAK  ${place} (${view}): ${canary} as ${form}`);
    for (const name of new Set(ground.temporary)) say(`LEAK  the temporary folder: ${name}`);
    leaked += leaks.length + ground.temporary.length;
    say(
      `${on}, ${walks.map(({ script }) => script).join(', ')}: ${canaries.length} secrets, ${files} files, ${(bytes / 2 ** 20).toFixed(0)} MiB`,
    );
  } finally {
    ground.remove();
  }
}
say(`leaks ${leaked}`);
if (leaked > 0) process.exitCode = 1;
