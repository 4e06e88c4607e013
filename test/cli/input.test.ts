import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeSoftHsm } from '../hsm/softhsm.ts';
import { ANSWERS, REPOSITORY } from '../shipped.ts';
import { cheapScript, claviger, temporaryFolder } from './claviger.ts';
import { writeTokenFile } from './token-file.ts';

/** The ceremony up to the opened token. */
const short = (text: string) => text.slice(0, text.indexOf('  - id: master-key'));

test('a terminal whose input ends is told so, and the ceremony can be resumed', async () => {
  const folder = temporaryFolder();
  const words = ['--data', join(folder, 'data')];
  const script = cheapScript(folder, short);
  const ended = await claviger(['ceremony', 'run', script, ...words, '--out', join(folder, 'out')], {
    input: 'Jonas Weber\n',
  });
  expect(ended.stderr).toContain('INPUT_ENDED');
  expect(ended.status).toBe(1);
  const resumed = await claviger(['ceremony', 'resume', ...words, '--answers', ANSWERS]);
  expect(resumed.status).toBe(0);
});

test('PINs come on file descriptors', async () => {
  const softHsm = makeSoftHsm(['ceremony', 'rehearsal']);
  try {
    const folder = temporaryFolder();
    const token = writeTokenFile(folder, (text) =>
      text
        .replace('pin: { file: pin }', 'pin: { fd: 5 }')
        .replace('securityOfficerPin: { file: so-pin }', 'securityOfficerPin: { fd: 7 }'),
    );
    const script = cheapScript(folder, short);
    const launcher = join(REPOSITORY, 'core/cli/claviger.js');
    const run = `ceremony run ${script} --data ${folder}/data --out ${folder}/out --answers ${ANSWERS} --token ${token}`;
    // Whatever Node the caller has: an older one starts Node 24 and must hand the descriptors on.
    const command = `node ${launcher} ${run} 5<${folder}/pin 7<${folder}/so-pin`;
    const child = spawn('bash', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const status = await new Promise((resolve) => child.once('close', resolve));
    expect(text).toContain('3 of 3  Open the token');
    expect(text).toContain('Keys before: none');
    expect(status).toBe(0);
  } finally {
    softHsm.remove();
  }
});
