import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CustodyRegister, custodyRegister } from '../../core/contract/custody.ts';
import { makeSoftHsm } from '../hsm/softhsm.ts';
import { REPOSITORY } from '../shipped.ts';
import { cheapScript, claviger, temporaryFolder } from './claviger.ts';
import { writeTokenFile } from './token-file.ts';

const CEREMONIES = join(REPOSITORY, 'resources/ceremonies');

type Fact = { kind: string; label?: string; value?: string; detail?: string };
type View = { out: string; records: { step: string; facts: Fact[] }[] };
type Place = { folder: string; token: string | null; checkpoint: string | null };

/** One ceremony of the command line; `change` rewrites the sample answers. */
async function ceremony(
  place: Place,
  name: string,
  into: string,
  change: (answers: string) => string = (same) => same,
) {
  const answers = join(place.folder, `${into}-answers.yaml`);
  writeFileSync(answers, change(readFileSync(join(CEREMONIES, 'answers', `${name}.yaml`), 'utf8')));
  const script = name === 'root-and-issuing' ? cheapScript(place.folder) : join(CEREMONIES, `${name}.yaml`);
  return claviger([
    ...['ceremony', 'run', script, '--data', join(place.folder, 'data'), '--out', join(place.folder, into)],
    ...['--answers', answers, '--json', ...(place.token === null ? [] : ['--token', place.token])],
    ...(place.checkpoint === null ? [] : ['--checkpoint', place.checkpoint]),
  ]);
}

async function finished(...run: Parameters<typeof ceremony>) {
  const { status, stdout, stderr } = await ceremony(...run);
  expect(status, stdout + stderr).toBe(0);
  const { out, records } = JSON.parse(stdout) as View;
  run[0].checkpoint = join(out, 'checkpoint.txt');
  return { out, facts: (step: string) => records.find((record) => record.step === step)?.facts ?? [] };
}

/** Ends the ceremony that is under way. */
async function abort({ folder }: Place): Promise<void> {
  const data = ['--data', join(folder, 'data'), '--json'];
  const who = ['--person', 'Jonas Weber', '--reason', 'refused'];
  expect((await claviger(['ceremony', 'abort', ...who, ...data])).status).toBe(0);
}

/** A register whose signature OpenSSL accepts, from the files alone, as docs/formats/custody.md says. */
function verified(out: string, root: string): CustodyRegister {
  const files = ['-in', 'custody.json.p7s', '-content', 'custody.json', '-CAfile', root, '-out', '/dev/null'];
  const command = ['cms', '-verify', '-binary', '-inform', 'DER', ...files];
  execFileSync('openssl', command, { cwd: out, stdio: 'pipe' });
  const altered = join(out, '../altered-custody.json');
  const text = readFileSync(join(out, 'custody.json'), 'utf8');
  writeFileSync(altered, text.replace(/"seal":"S-/, '"seal":"T-'));
  expect(() => execFileSync('openssl', [...command, '-content', altered], { cwd: out, stdio: 'pipe' })).toThrow(
    /verif/i,
  );
  return custodyRegister.parse(JSON.parse(text));
}

function sha256sum(path: string): string {
  return execFileSync('sha256sum', [path], { encoding: 'utf8' }).slice(0, 64);
}

/** A share is handed over, and the sheet that was printed for the one who had it serves the one who has it. */
async function handOver(place: Place): Promise<void> {
  const made = await finished(place, 'root-and-issuing', 'made');
  const root = join(made.out, 'root.crt');
  const first = verified(made.out, root);
  expect(first).toMatchObject({ number: 1, previous: null, changes: [] });
  expect(first.shares[1]).toMatchObject({
    custodian: 'Chen Wei',
    sheet: { place: 'Zürich, safe 3', bag: 'A-1002', seal: 'S-5002' },
    card: { place: 'Basel, deposit box 61', bag: 'A-1102', seal: 'S-5102' },
  });
  expect(first.papers.map(({ item }) => item)).toEqual(['backup-root-2026', 'backup-issuing-2026', 'manifest']);
  const sheet = sha256sum(join(made.out, 'sheets/share-2.pdf'));

  const changed = await finished(place, 'custody-change', 'changed');
  const second = verified(changed.out, root);
  expect(second).toMatchObject({ number: 2, previous: sha256sum(join(made.out, 'custody.json')) });
  expect(second.shares[1]).toMatchObject({
    custodian: 'Lena Fischer',
    sheet: { seal: 'S-8002' },
    card: { seal: 'S-8102' },
  });
  expect(second.shares.filter(({ share }) => share !== 2)).toEqual(first.shares.filter(({ share }) => share !== 2));
  expect(second.changes).toEqual([
    {
      item: 'share-2',
      handOver: { from: 'Chen Wei', to: 'Lena Fischer' },
      moved: ['sheet', 'card'],
      sealedAnew: ['sheet', 'card'],
      reason: 'Chen Wei leaves the company',
    },
    {
      ...{ item: 'backup-root-2026', handOver: null, moved: ['sheet'], sealedAnew: [] },
      reason: 'the vault in Turku is rebuilt',
    },
  ]);
  const paper = execFileSync('pdftotext', ['-layout', join(changed.out, 'sheets/custody.pdf'), '-'], {
    encoding: 'utf8',
  });
  for (const line of [
    'Chen Wei hands it over, signature',
    'Lena Fischer takes it, signature',
    'A-3102',
    'Oulu, safe 2',
  ]) {
    expect(paper).toContain(line);
  }
  expect(changed.facts('custody')).toContainEqual({
    ...{ kind: 'check', label: 'Share 2, hand-over', verdict: 'go' },
    detail: 'Chen Wei gave it away and Lena Fischer took it; both said so here',
  });

  // Who gave the share away is no custodian any more.
  const old = await ceremony(place, 'recovery-rehearsal', 'old', (answers) =>
    answers.replace('Nadia Okafor', 'Chen Wei'),
  );
  expect(old.status).not.toBe(0);
  expect(old.stdout + old.stderr).toContain('CUSTODIAN_UNKNOWN');
  await abort(place);

  const rehearsed = await finished(place, 'recovery-rehearsal', 'rehearsed', (answers) =>
    answers.replace('Nadia Okafor', 'Lena Fischer').replace('share-3:', 'share-2:'),
  );
  expect(rehearsed.facts('rehearsal')).toContainEqual({ kind: 'row', label: 'Shares used', value: '1, 2, 5' });
  expect(sha256sum(join(made.out, 'sheets/share-2.pdf'))).toBe(sheet);
  const third = verified(rehearsed.out, root);
  expect(third).toMatchObject({ number: 3, previous: sha256sum(join(changed.out, 'custody.json')) });
  expect(third.changes.map(({ item, sealedAnew }) => [item, sealedAnew])).toEqual(
    [1, 2, 5].map((share) => [`share-${share}`, ['sheet', 'card']]),
  );
  expect(third.shares.map(({ sheet: { seal } }) => seal)).toEqual(['S-6001', 'S-6003', 'S-5003', 'S-5004', 'S-6005']);
  expect(third.papers).toEqual(second.papers);

  // What is left of the keys when they are destroyed is where the newest register says.
  const ended = await finished(place, 'key-destruction', 'ended');
  const left = ended
    .facts('destroy')
    .flatMap(({ value, detail }) => value ?? detail ?? [])
    .join('\n');
  expect(left).toContain('Lena Fischer, Thun, deposit box 9; bag A-2103, seal S-6103');
  expect(left).toContain('Oulu, safe 2; bag A-1201, seal S-5201');
  expect(left).not.toContain('Chen Wei');
}

describe('a share goes to another custodian', { timeout: 300_000 }, () => {
  test('on the training token', async () => {
    await handOver({ folder: temporaryFolder(), token: null, checkpoint: null });
  });

  test('on SoftHSM 2', async () => {
    const softHsm = makeSoftHsm(['ceremony', 'rehearsal']);
    try {
      const folder = temporaryFolder();
      await handOver({ folder, token: writeTokenFile(folder), checkpoint: null });
    } finally {
      softHsm.remove();
    }
  });
});
