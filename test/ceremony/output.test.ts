import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeOutputFolders, openOutput } from '../../core/ceremony/output.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { refused } from '../hsm/refused.ts';

function twoMedia() {
  const folder = temporaryFolder();
  const out = join(folder, 'one');
  const copy = join(folder, 'two');
  makeOutputFolders(out, copy);
  return { out, copy, output: openOutput(out, copy) };
}

describe('two media', () => {
  test('hold the same bytes, in folders that only their owner reads', async () => {
    const { out, copy, output } = twoMedia();
    const written = await output.write('sheets/a.pdf', new TextEncoder().encode('paper'));
    expect(written.path).toBe('sheets/a.pdf');
    for (const folder of [out, copy]) expect(readFileSync(join(folder, 'sheets/a.pdf'), 'utf8')).toBe('paper');
    await refused('OUTPUT_EXISTS', () => output.write('sheets/a.pdf', new Uint8Array(1)));
  });

  test('a file that is on the second only is in the way as well, and stays', async () => {
    const { out, copy, output } = twoMedia();
    writeFileSync(join(copy, 'root.crt'), 'foreign');
    expect(output.exists('root.crt')).toBe(true);
    await refused('OUTPUT_EXISTS', () => output.write('root.crt', new Uint8Array(1)));
    expect(readFileSync(join(copy, 'root.crt'), 'utf8')).toBe('foreign');
    // What the first already got is the runner's to remove.
    expect(output.remove('other')).toBe(false);
    expect(existsSync(join(out, 'root.crt'))).toBe(true);
  });

  test('one that was pulled is named before anything is written to the other', async () => {
    const { out, copy, output } = twoMedia();
    rmSync(copy, { recursive: true });
    expect(await refused('OUTPUT_MISSING', () => output.write('root.crt', new Uint8Array(1)))).toEqual({
      path: join(copy, 'root.crt'),
    });
    expect(readdirSync(out)).toEqual([]);
  });

  test('are cleared of a try that did not end, half-written files too', async () => {
    const { out, copy, output } = twoMedia();
    await output.write('root.crt', new Uint8Array(1));
    writeFileSync(join(copy, '.root.crt.0123456789ab.tmp'), 'half');
    expect(output.remove('root.crt')).toBe(true);
    expect([...readdirSync(out), ...readdirSync(copy)]).toEqual([]);
  });

  test('cannot be one folder, nor folders that hold something', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'out');
    await refused('OUTPUT_EXISTS', () => {
      makeOutputFolders(out, `${folder}/./out`);
    });
    mkdirSync(join(folder, 'full/of'), { recursive: true });
    await refused('OUTPUT_EXISTS', () => {
      makeOutputFolders(out, join(folder, 'full'));
    });
    await refused('OUTPUT_MISSING', () => {
      makeOutputFolders(out, join(folder, 'not/there'));
    });
    // Nothing was made where one of them could not be.
    expect(existsSync(out)).toBe(false);
  });
});
