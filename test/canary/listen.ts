import childProcess from 'node:child_process';
import fs from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';
import type { Writable } from 'node:stream';

/**
 * Loaded into a process of Claviger before its own code (`--import`), and by it into the processes below: keeps what goes
 * over their pipes, with what arguments and environment they began, what they remove before it is gone, and the store as it is before each
 * command. What goes over a secret channel is kept apart: it is what is searched for. The product has no hook for this.
 *
 * CANARY_SAID: folder for what is searched. CANARY_HEARD: file for what came over secret channels, in hex, one a line.
 */

const said = process.env['CANARY_SAID'] ?? '';
const heard = process.env['CANARY_HEARD'] ?? '';
const { appendFileSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync } = fs;
const { spawn } = childProcess;
const { execPath, pid } = process;
let count = 0;
const place = (name: string) => join(said, `${pid}-${++count}-${name}`);
const append = (path: string) => (chunk: string | Uint8Array) => {
  appendFileSync(path, chunk);
};

for (const what of ['cmdline', 'environ']) append(place(what))(readFileSync(`/proc/self/${what}`));

/** What a stream is given, and then does with it. */
function tee(stream: Writable, keep: (chunk: Uint8Array) => void, before: () => void = () => undefined): void {
  const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean;
  stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
    keep(Buffer.from(chunk as Uint8Array));
    before();
    return write(chunk, ...rest);
  }) as Writable['write'];
}

/** Frames of a secret channel (core/process/secret-channel.ts): ticket (16 bytes), length (2), secret. */
function hear(frame: Uint8Array): void {
  const length = ((frame[16] ?? 0) << 8) | (frame[17] ?? 0);
  const secret = frame.subarray(18);
  if (secret.length !== length) throw new Error('a frame of a secret channel in parts');
  appendFileSync(heard, `${Buffer.from(secret).toString('hex')}\n`);
}

/** The store's files as they are now: core waits for a command. */
function keepStore(data: string): void {
  const names = existsSync(data) ? readdirSync(data).filter((name) => /^claviger\.db(-wal)?$/.test(name)) : [];
  const moment = names.length > 0 ? place('store') : '';
  for (const name of names) {
    mkdirSync(moment, { recursive: true });
    copyFileSync(join(data, name), join(moment, name));
  }
}

childProcess.spawn = ((program: string, words: string[], options: childProcess.SpawnOptions) => {
  if (program !== execPath) throw new Error(`a program nobody listens to: ${program}`);
  const child = spawn(program, ['--import', import.meta.url, ...words], options);
  // A token process, from its source or built; core or a holder otherwise.
  const name = /hsm\/process\/main\.ts$|dist\/token\.js$/.test(words[0] ?? '') ? 'process' : 'service';
  const isCore = words[1] !== undefined;
  const { stdin, stdout, stdio } = child;
  const keepInput = append(place(`${name}-input`));
  if (stdin) {
    tee(stdin, keepInput, () => {
      if (isCore) keepStore(words[1] ?? '');
    });
  }
  stdout?.on('data', append(place(`${name}-output`)));
  const channel = stdio[3];
  if (channel) tee(channel as Writable, hear);
  return child;
}) as typeof spawn;

/** A copy of what is about to be removed or written over. */
function keepCopy(path: unknown): void {
  if (typeof path === 'string' && existsSync(path))
    cpSync(path, place(`removed-${basename(path)}`), { recursive: true });
}

type Method = (this: unknown, ...input: unknown[]) => unknown;
function before(owner: object, names: string[], act: (input: unknown[]) => void): void {
  const methods = owner as Record<string, Method>;
  for (const name of names) {
    const original = methods[name] as Method;
    methods[name] = function (...input) {
      act(input);
      return Reflect.apply(original, this, input);
    };
  }
}
for (const owner of [promises, fs]) {
  const suffix = owner === fs ? 'Sync' : '';
  before(owner, [`rm${suffix}`, `unlink${suffix}`, `rmdir${suffix}`], ([path]) => {
    keepCopy(path);
  });
  before(owner, [`rename${suffix}`], ([, to]) => {
    keepCopy(to);
  });
}
before(fs, ['rm', 'unlink', 'rmdir', 'rename'], ([path, to]) => {
  keepCopy(path);
  keepCopy(to);
});
syncBuiltinESMExports();
