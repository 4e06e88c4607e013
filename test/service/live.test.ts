import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answers } from '../../core/cli/answers.ts';
import { sameDevice } from '../../core/ceremony/disk.ts';
import type { CeremonyView } from '../../core/contract/ceremony.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { CoreProcess } from '../../core/service/client.ts';
import { writeTokenFile } from '../cli/token-file.ts';
import { sampleAnswers, scriptText } from '../crash/shipped.ts';
import { makeSoftHsm } from '../hsm/softhsm.ts';
import { toStep } from './after-root.ts';

/**
 * Shipped ceremonies as they are live: a PKCS#11 token, two media (a disk and memory), the machine's checks as strict as they are then, and a
 * recipient that brings a certificate. Each begins where the root was made, whose store and tokens are put back for it.
 */

const folder = mkdtempSync(join(tmpdir(), 'claviger-live-'));
const medium = mkdtempSync('/dev/shm/claviger-live-');
const data = join(folder, 'data');
const root = join(folder, 'root-and-issuing');
let hsm: ReturnType<typeof makeSoftHsm>;
let token: string;

/** A whole ceremony, of which every file lies on both media. */
async function live(name: string, at: string, begin: object, given: Partial<Answers> = {}): Promise<CeremonyView> {
  const script = join(folder, `${name}.yaml`);
  writeFileSync(script, scriptText(name));
  const [out, second] = [join(folder, name), join(medium, name)];
  const core = CoreProcess.start({ data: at });
  try {
    const begun = valueOf(await core.call('ceremony.begin', { script, out, copy: second, token, ...begin }));
    expect(begun.mode).toBe('live');
    const view = await toStep(core, begun, null, { ...sampleAnswers(name), ...given });
    expect(view.status).toBe('completed');
    execFileSync('diff', ['-r', out, second]);
    const words = ['-inform', 'DER', '-in', 'transcript.json.p7s', '-content', 'transcript.json'];
    const trusted = ['-CAfile', join(root, 'root.crt'), '-out', '/dev/null'];
    execFileSync('openssl', ['cms', '-verify', ...words, ...trusted], { cwd: out, stdio: 'pipe' });
    return view;
  } finally {
    await core.close();
  }
}

/** With its modes: a store that others may read is refused. */
function copy(from: string, to: string): void {
  execFileSync('cp', ['-a', from, to]);
}

/** Store and tokens as they were saved. */
function putBack(what: 'empty' | 'made'): void {
  rmSync(data, { recursive: true, force: true });
  rmSync(join(hsm.folder, 'tokens'), { recursive: true });
  copy(join(folder, what, 'tokens'), join(hsm.folder, 'tokens'));
  if (what === 'made') copy(join(folder, what, 'data'), data);
}

beforeAll(async () => {
  expect(sameDevice(folder, medium)).toBe(false);
  hsm = makeSoftHsm(['ceremony', 'rehearsal']);
  for (const name of ['empty', 'made']) mkdirSync(join(folder, name));
  copy(join(hsm.folder, 'tokens'), join(folder, 'empty/tokens'));
  token = writeTokenFile(folder, (text) => `mode: live\n${text}`);
  const recipient = join(folder, 'recipient.crt');
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384', '-nodes', '-days', '30'];
  const usage = ['-subj', '/CN=Importer', '-addext', 'keyUsage=critical,keyAgreement'];
  const files = ['-keyout', join(folder, 'recipient.key'), '-out', recipient];
  execFileSync('openssl', ['req', '-x509', ...curve, ...usage, ...files], { stdio: 'pipe' });
  await live('root-and-issuing', data, { checkpointLost: 'the first ceremony' }, { recipient });
  copy(join(hsm.folder, 'tokens'), join(folder, 'made/tokens'));
  copy(data, join(folder, 'made/data'));
}, 300_000);
afterAll(() => {
  hsm.remove();
  for (const path of [folder, medium]) rmSync(path, { recursive: true, force: true });
});

test('recovery-rehearsal', { timeout: 300_000 }, async () => {
  putBack('made');
  await live('recovery-rehearsal', data, { checkpoint: readFileSync(join(root, 'checkpoint.txt'), 'utf8') });
});

test('disaster-recovery, on tokens that are empty again', { timeout: 300_000 }, async () => {
  putBack('empty');
  const { texts } = sampleAnswers('disaster-recovery');
  const brought = { texts: { ...texts, medium: join(medium, 'root-and-issuing') } };
  await live('disaster-recovery', join(folder, 'new-data'), { checkpointLost: 'the store is gone' }, brought);
});
