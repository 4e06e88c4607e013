import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkpointWords, parseCheckpoint } from '../../core/ledger/checkpoint.ts';
import { verifyConsistency } from '../../core/ledger/proof.ts';
import { ANSWERS, REPOSITORY } from '../shipped.ts';
import { cheapScript, claviger, temporaryFolder } from './claviger.ts';

const CRL = join(REPOSITORY, 'resources/ceremonies/crl.yaml');
const CRL_ANSWERS = join(REPOSITORY, 'resources/ceremonies/answers/crl.yaml');

test('a ceremony leaves a signed checkpoint on paper, and the next one begins by proving that it is contained', async () => {
  const folder = temporaryFolder();
  const data = join(folder, 'data');
  const root = ['ceremony', 'run', cheapScript(folder), '--answers', ANSWERS];
  const crl = ['ceremony', 'run', CRL, '--answers', CRL_ANSWERS];
  const run = (words: string[], name: string, more: string[] = []) =>
    claviger([...words, '--data', data, '--out', join(folder, name), '--json', ...more]);
  const codeOf = (finished: { stdout: string }) =>
    (JSON.parse(finished.stdout) as { error?: { code: string } }).error?.code;

  expect((await run(root, 'one')).status).toBe(0);
  const out = join(folder, 'one');
  const text = readFileSync(join(out, 'checkpoint.txt'), 'utf8');
  const signed = [
    '-binary',
    '-inform',
    'DER',
    '-in',
    'checkpoint.txt.p7s',
    '-content',
    'checkpoint.txt',
    '-CAfile',
    'root.crt',
  ];
  execFileSync('openssl', ['cms', '-verify', ...signed, '-out', '/dev/null'], { cwd: out, stdio: 'pipe' });
  const checkpoint = parseCheckpoint(text);
  if (!checkpoint) throw new Error('checkpoint.txt is no checkpoint');
  const words = checkpointWords(checkpoint);

  // The paper: the code holds the text, and the words stand beside it.
  const transcript = join(out, 'transcript.pdf');
  const picture = join(folder, 'transcript');
  execFileSync('pdftoppm', ['-r', '150', '-png', transcript, picture]);
  const pages = execFileSync('pdfinfo', [transcript], { encoding: 'utf8' }).match(/Pages:\s+(\d+)/)?.[1] ?? '';
  const scan = (page: string) => {
    try {
      return execFileSync('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', `${picture}-${page}.png`], {
        encoding: 'utf8',
      });
    } catch {
      return '';
    }
  };
  const scanned = Array.from({ length: Number(pages) }, (_, page) =>
    scan(String(page + 1).padStart(pages.length, '0')),
  );
  expect(scanned.join('').trim()).toBe(text.trim());
  const printed = execFileSync('pdftotext', ['-layout', transcript, '-'], { encoding: 'utf8' });
  for (const word of words) expect(printed).toContain(word);

  // Without the paper, or with another, the next one does not begin.
  expect(codeOf(await run(crl, 'two'))).toBe('CHECKPOINT_NEEDED');
  const typed = (size: number, spoken: string[]) => ['--checkpoint', [size, ...spoken].join(' ')];
  expect(codeOf(await run(crl, 'two', typed(checkpoint.size - 1, words)))).toBe('CHECKPOINT_OLDER');
  // Words of even and of odd bytes are two lists: an exchange between them is seen at once, one within a list is another root.
  const [one = '', two = '', three = '', ...rest] = words;
  expect(codeOf(await run(crl, 'two', typed(checkpoint.size, [three, two, one, ...rest])))).toBe('LEDGER_FORKED');
  expect(codeOf(await run(crl, 'two', typed(checkpoint.size, words.toReversed())))).toBe('CHECKPOINT_INVALID');
  cpSync(data, join(folder, 'older'), { recursive: true });
  const second = await run(crl, 'two', typed(checkpoint.size, words));
  expect(second.status, second.stderr).toBe(0);
  expect(second.stderr).toContain('are the first of this ledger');

  // What the first row says is proof enough for whoever has only the row.
  const listed = await claviger(['ledger', 'list', '--data', data, '--kind', 'ceremony.begun', '--json']);
  const { rows } = JSON.parse(listed.stdout) as { rows: { body: { previous: Previous } }[] };
  const previous = rows.at(-1)?.body.previous;
  const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));
  if (!previous) throw new Error('the first row proves nothing');
  expect(previous.treeSize).toBeGreaterThan(checkpoint.size);
  const head = { size: previous.treeSize, root: bytes(previous.treeRoot) };
  expect(verifyConsistency(checkpoint, head, previous.proof.map(bytes))).toBe(true);
  expect(verifyConsistency({ ...checkpoint, size: checkpoint.size - 1 }, head, previous.proof.map(bytes))).toBe(false);

  // An older copy in its place is caught by the newer paper, and the token remembers too.
  const newer = join(folder, 'two/checkpoint.txt');
  rmSync(join(data, 'claviger.db'));
  for (const name of ['claviger.db-wal', 'claviger.db-shm']) rmSync(join(data, name), { force: true });
  cpSync(join(folder, 'older/claviger.db'), join(data, 'claviger.db'));
  expect(codeOf(await run(crl, 'three', ['--checkpoint', newer]))).toBe('LEDGER_ROLLED_BACK');
  const third = await run(crl, 'three', ['--checkpoint-lost', 'The folder is in another town.']);
  expect(third.status, third.stderr).toBe(0);
  expect(third.stderr).toMatch(/warning.*the token has seen \d+ rows and this ledger has \d+/);
  const told = JSON.parse(readFileSync(join(folder, 'three/transcript.json'), 'utf8')) as {
    incidents: { text: string }[];
  };
  expect(told.incidents[0]?.text).toBe('The last checkpoint was not shown: The folder is in another town.');
});

type Previous = { treeSize: number; treeRoot: string; proof: string[] };
