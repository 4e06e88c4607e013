import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSoftHsm } from './hsm/softhsm.ts';
import { REPOSITORY } from './shipped.ts';

/**
 * Types every command of README.md, block after block as it stands there, into a folder that holds the product and nothing else. The first
 * command that fails ends it. Blocks with a language are files to write, or ask a person and stay open (the vault's, which docs/ops/secrets.md has whole), and `npm ci` is what brought this folder about.
 */

/** What a checkout has that the commands need. */
const PRODUCT = ['package.json', 'node_modules', 'core', 'resources'];

const page = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');
const blocks = [...page.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
  .filter(([, language = '', block = '']) => language === '' && !block.includes('npm ci'))
  .map(([, , block = '']) => block);
const commands = blocks.flatMap((block) => block.match(/^(npx claviger|openssl|softhsm2-util)/gm) ?? []);

const folder = mkdtempSync(join(tmpdir(), 'claviger-readme-'));
const softHsm = makeSoftHsm([]);
let failed = false;
try {
  for (const name of PRODUCT) symlinkSync(join(REPOSITORY, name), join(folder, name));
  for (const block of blocks) {
    process.stdout.write(block);
    const typed = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', block], { cwd: folder, encoding: 'utf8' });
    failed = typed.status !== 0;
    if (failed) {
      process.stdout.write(`${typed.stdout}${typed.stderr}`);
      break;
    }
  }
} finally {
  softHsm.remove();
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(
  failed ? 'README: a command failed\n' : `README: ${blocks.length} blocks, ${commands.length} commands\n`,
);
process.exitCode = failed ? 1 : 0;
