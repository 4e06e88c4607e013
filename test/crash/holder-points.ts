import fs, { existsSync, writeSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { aroundCommits } from './commits.ts';

type Method = (this: unknown, ...input: unknown[]) => unknown;

/**
 * Numbers on the moments at which a holder can die, put on from outside before its modules are loaded: before each call that changes a file, in the middle of what is written piece by piece, and around
 * each commit of what is watched. Each is a line of standard output; at number `at` (0: at none) the process kills itself. They count from `begin` on.
 */
export function holderPoints(
  at: string,
  watched: (source: string) => string,
): { say: (line: string) => void; begin: () => void; point: (label: string) => void } {
  const say = (line: string) => void writeSync(1, `${line}\n`);
  let counting = false;
  let count = 0;
  function point(label: string): void {
    if (!counting) return;
    count += 1;
    say(`point ${count} ${label}`);
    if (count === Number(at)) process.kill(process.pid, 'SIGKILL');
  }

  async function* inHalves(pieces: AsyncIterable<string>): AsyncGenerator<string> {
    for await (const piece of pieces) {
      yield piece.slice(0, piece.length >> 1);
      point('half of a piece');
      yield piece.slice(piece.length >> 1);
    }
  }

  const methods = promises as unknown as Record<string, Method>;
  for (const name of ['open', 'rename', 'unlink', 'link', 'mkdir', 'writeFile']) {
    const original = methods[name] as Method;
    methods[name] = async function (...input) {
      if (input[1] !== 'r') point(`${name} ${String(input[0]).replace(/.*\//, '')}`);
      const answer: unknown = await Reflect.apply(original, this, input);
      if (name !== 'open') return answer;
      const file = answer as { writeFile: Method };
      const write = file.writeFile.bind(file);
      file.writeFile = (content, ...how) =>
        write(
          typeof content === 'object' && content !== null && Symbol.asyncIterator in content
            ? inHalves(content as AsyncIterable<string>)
            : content,
          ...how,
        );
      return file;
    };
  }
  const { mkdirSync } = fs;
  fs.mkdirSync = ((path: string, how?: fs.MakeDirectoryOptions) => {
    if (!existsSync(path)) point(`mkdir ${path.replace(/.*\//, '')}`);
    return mkdirSync(path, how);
  }) as typeof mkdirSync;
  syncBuiltinESMExports();
  aroundCommits(watched, point);
  return { say, begin: () => void (counting = true), point };
}
