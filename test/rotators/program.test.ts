import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findProgram, runProgram } from '../../core/rotators/program.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { bytes } from '../vault/sample-vault.ts';

function programs(): string {
  const folder = join(temporaryFolder(), 'programs');
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

const why = (folder: string, name: string) => {
  try {
    return findProgram(folder, name);
  } catch (error) {
    return (error as { params: { why: string } }).params.why;
  }
};

test('only what the holder’s own user or root has put there is run', () => {
  const folder = programs();
  expect(why(join(folder, 'none'), 'rotate')).toBe('missing');
  expect(why(folder, 'rotate')).toBe('missing');
  writeFileSync(join(folder, 'rotate'), '#!/bin/sh\n', { mode: 0o600 });
  expect(why(folder, 'rotate')).toBe('kind');
  chmodSync(join(folder, 'rotate'), 0o700);
  expect(why(folder, 'rotate')).toBe(join(folder, 'rotate'));
  chmodSync(join(folder, 'rotate'), 0o720);
  expect(why(folder, 'rotate')).toBe('others');
  chmodSync(join(folder, 'rotate'), 0o700);
  chmodSync(folder, 0o777);
  expect(why(folder, 'rotate')).toBe('others');
  chmodSync(folder, 0o700);
  symlinkSync('/bin/sh', join(folder, 'linked'));
  expect(why(folder, 'linked')).toMatch(/^(kind|others)$/);
});

test('a program has the value on standard input and nowhere else, and its end decides', async () => {
  const folder = programs();
  const path = join(folder, 'rotate');
  const body = `#!/bin/sh
cat > '${folder}/input'
tr '\\0' '\\n' < /proc/$$/environ > '${folder}/environment'
tr '\\0' '\\n' < /proc/$$/cmdline > '${folder}/words'
echo "$1" >&2
cat '${folder}/input'
[ "$1" = apply ]
`;
  writeFileSync(path, body, { mode: 0o700 });
  process.env['CLAVIGER_OF_THIS_TEST'] = 'not for a program';
  expect(await runProgram(path, ['apply', 'a/testing/b'], bytes('the next value'), 60)).toBeNull();
  const said = (name: string) => readFileSync(join(folder, name), 'utf8');
  expect(said('input')).toBe('the next value');
  expect(said('words')).toBe(`/bin/sh\n${path}\napply\na/testing/b\n`);
  expect(said('environment')).toContain('PATH=');
  expect(said('environment')).not.toMatch(/the next value|not for a program/);
  expect(await runProgram(path, ['verify', 'a/testing/b'], bytes('x'), 60)).toBe('exit 1');
  expect(await runProgram(join(folder, 'none'), [], bytes('x'), 60)).toBe('ENOENT');
  writeFileSync(path, '#!/bin/sh\nexec tail -f /dev/null\n', { mode: 0o700 });
  expect(await runProgram(path, [], bytes('x'), 1)).toBe('SIGKILL');
});
