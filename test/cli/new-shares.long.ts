import { execFileSync } from 'node:child_process';
import { createDecipheriv } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Answers } from '../../core/cli/answers.ts';
import type { CustodyOverview } from '../../core/contract/reports.ts';
import { custodyRegister } from '../../core/contract/custody.ts';
import { scanPdf } from '../../core/print/scan.ts';
import { shareLines } from '../../core/shares/lines.ts';
import { makeSoftHsm, pkcs11Tool } from '../hsm/softhsm.ts';
import { REPOSITORY } from '../shipped.ts';
import { cheapScript, claviger, temporaryFolder } from './claviger.ts';
import { writeTokenFile } from './token-file.ts';

const CEREMONIES = join(REPOSITORY, 'resources/ceremonies');

type Fact = { kind: string; label?: string; value?: string; verdict?: string; detail?: string };
type View = { out: string; records: { step: string; facts: Fact[] }[] };
type Place = { folder: string; token: string | null; checkpoint: string | null };
type Change = (text: string) => string;
const same: Change = (text) => text;

/** Passphrases cost little; everything else is byte for byte as it is shipped. */
const CHEAPER: Record<string, Change> = {
  'replace-share': (text) => text.replace('{ share: 2 }', '{ share: 2, scryptLog2N: 10 }'),
  're-share': (text) => text.replace('action: re-share', 'action: re-share\n    parameters: { scryptLog2N: 10 }'),
  'rotate-master-key': (text) =>
    text.replace('{ label: master-key-2027 }', '{ label: master-key-2027, scryptLog2N: 10 }'),
};

function scriptOf({ folder }: Place, name: string, change: Change): string {
  if (name === 'root-and-issuing') return cheapScript(folder);
  const path = join(folder, `${name}.yaml`);
  const text = readFileSync(join(CEREMONIES, `${name}.yaml`), 'utf8');
  const cheap = CHEAPER[name]?.(text) ?? text;
  expect(cheap === text).toBe(CHEAPER[name] === undefined);
  writeFileSync(path, change(cheap));
  return path;
}

async function ceremony(place: Place, name: string, into: string, change: { script?: Change; answers?: Change } = {}) {
  const answers = join(place.folder, `${into}-answers.yaml`);
  const sample = readFileSync(join(CEREMONIES, 'answers', `${name}.yaml`), 'utf8');
  writeFileSync(answers, (change.answers ?? same)(sample));
  const script = scriptOf(place, name, change.script ?? same);
  const { status, stdout, stderr } = await claviger([
    ...['ceremony', 'run', script, '--data', join(place.folder, 'data'), '--out', join(place.folder, into)],
    ...['--answers', answers, '--json', ...(place.token === null ? [] : ['--token', place.token])],
    ...(place.checkpoint === null ? [] : ['--checkpoint', place.checkpoint]),
  ]);
  expect(status, stdout + stderr).toBe(0);
  const { out, records } = JSON.parse(stdout) as View;
  place.checkpoint = join(out, 'checkpoint.txt');
  return { out, stderr, facts: (step: string) => records.find((record) => record.step === step)?.facts ?? [] };
}

/** A printed sheet with its passphrase, as the independent reader takes it. */
async function sheet(out: string, number: number, passphrase: string | undefined) {
  const [text = ''] = await scanPdf(readFileSync(join(out, `sheets/share-${number}.pdf`)));
  const lines = shareLines(text).map(({ number: line, groups, check }) => [line, ...groups, check].join(' '));
  return { text, passphrase: passphrase ?? '', lines };
}

/** The master key that some sheets give, by test/shares/check_share.py. */
function masterKeyBy(manifestOut: string, shares: Awaited<ReturnType<typeof sheet>>[]): string {
  const manifest: unknown = JSON.parse(readFileSync(join(manifestOut, 'manifest.json'), 'utf8'));
  const input = JSON.stringify({ manifest, shares });
  const program = join(REPOSITORY, 'test/shares/check_share.py');
  const read = JSON.parse(execFileSync('/usr/bin/python3', [program], { input, encoding: 'utf8' })) as {
    masterKey: string;
  };
  return read.masterKey;
}

/** What OpenSSL unwraps under a master key (RFC 5649): the PKCS#8 of a CA key. Throws for another key. */
function unwrapped(masterKey: string, blob: string): Buffer {
  const iv = Buffer.from('a65959a6', 'hex');
  const decipher = createDecipheriv('id-aes256-wrap-pad', Buffer.from(masterKey, 'hex'), iv);
  return Buffer.concat([decipher.update(readFileSync(blob)), decipher.final()]);
}

function signedRegister(out: string, root: string) {
  const files = ['-in', 'custody.json.p7s', '-content', 'custody.json', '-CAfile', root, '-out', '/dev/null'];
  execFileSync('openssl', ['cms', '-verify', '-binary', '-inform', 'DER', ...files], { cwd: out, stdio: 'pipe' });
  return custodyRegister.parse(JSON.parse(readFileSync(join(out, 'custody.json'), 'utf8')));
}

function transcriptText(out: string): string {
  return readFileSync(join(out, 'transcript.json'), 'utf8');
}

const answersOf = (name: string) =>
  parse(readFileSync(join(CEREMONIES, 'answers', `${name}.yaml`), 'utf8')) as Answers & { passphrases: string[] };

/** What `claviger custody` tells. */
async function standings({ folder }: Place): Promise<CustodyOverview['sets']> {
  const { status, stdout } = await claviger(['custody', '--data', join(folder, 'data'), '--json']);
  expect(status).toBe(0);
  return (JSON.parse(stdout) as CustodyOverview).sets;
}

/** A share is replaced, the set is shared anew, and the master key is rotated, in one store. */
async function changingCustodians(place: Place): Promise<void> {
  const made = await ceremony(place, 'root-and-issuing', 'made');
  const root = join(made.out, 'root.crt');
  const first = answersOf('root-and-issuing').passphrases;

  const replaced = await ceremony(place, 'replace-share', 'replaced');
  const kept = answersOf('replace-share').passphrases;
  const shares = [await sheet(made.out, 1, kept[0]), await sheet(made.out, 5, kept[4])];
  const newSheet = await sheet(replaced.out, 2, kept[1]);
  const lostSheet = await sheet(made.out, 2, first[1]);
  const masterKey = masterKeyBy(made.out, [newSheet, ...shares]);
  // One share on two sheets: the lost one stays valid, which register, screen and transcript say.
  expect(masterKeyBy(made.out, [lostSheet, ...shares])).toBe(masterKey);
  expect(newSheet.text).not.toBe(lostSheet.text);
  const second = signedRegister(replaced.out, root);
  expect(second).toMatchObject({ number: 2, setId: signedRegister(made.out, root).setId });
  expect(second.shares[1]).toMatchObject({ share: 2, custodian: 'Lena Fischer', sheet: { seal: 'S-9002' } });
  expect(second.changes[1]).toMatchObject({
    ...{ item: 'share-2', handOver: null, replaced: { from: 'Chen Wei', to: 'Lena Fischer' } },
    reason: 'Chen Wei lost the sheet',
  });
  expect(second.stillValid?.sheets).toMatchObject([{ share: 2, epoch: 0, custodian: 'Chen Wei' }]);
  expect(replaced.stderr).toContain('The lost sheet stays valid');
  expect(transcriptText(replaced.out)).toContain('whoever finds the lost sheet and has its passphrase holds it');
  expect(transcriptText(replaced.out)).not.toContain(newSheet.text);
  const paper = execFileSync('pdftotext', ['-layout', join(replaced.out, 'sheets/custody.pdf'), '-'], {
    encoding: 'utf8',
  });
  expect(paper).toContain('Sheets in no bag that still open');
  expect(paper).toContain('Lena Fischer takes the new sheet, signature');
  expect(paper).not.toContain('Chen Wei hands it over');

  // The new sheet recovers with two others, on a second token.
  const rehearsed = await ceremony(place, 'recovery-rehearsal', 'rehearsed', {
    answers: (text) =>
      text
        .replace('Nadia Okafor', 'Lena Fischer')
        .replace('share-3:', 'share-2:')
        .replace(first[1] ?? '', kept[1] ?? ''),
  });
  expect(rehearsed.facts('rehearsal')).toContainEqual({ kind: 'row', label: 'Shares used', value: '1, 2, 5' });

  const [standing] = await standings(place);
  expect(standing?.shares[1]).toMatchObject({ custodian: 'Lena Fischer', proof: { by: 'recovery' } });
  expect(standing?.shares[3]).toMatchObject({ custodian: 'Pavel Novák', proof: { by: 'made' } });
  expect(standing?.stillValid).toMatchObject([{ share: 2, custodian: 'Chen Wei' }]);

  const reshared = await ceremony(place, 're-share', 'reshared', {
    answers: (text) => text.replace(first[1] ?? '', kept[1] ?? ''),
  });
  const anew = answersOf('re-share').passphrases;
  expect(reshared.facts('re-share')).toContainEqual({
    ...{ kind: 'row', label: 'Subsets checked', value: '20 of 20 give the key' },
  });
  const newShares = [];
  for (const number of [2, 4, 6]) newShares.push(await sheet(reshared.out, number, anew[number - 1]));
  // Sharing anew revokes nothing: the new sheets and the old ones give one key.
  expect(masterKeyBy(reshared.out, newShares)).toBe(masterKey);
  const third = signedRegister(reshared.out, root);
  expect(third).toMatchObject({ number: 1, previous: null });
  expect(third.shares.map(({ custodian }) => custodian)).toEqual(answersOf('re-share').participants.newCustodian);
  // The backups are where they were, and who held the old sheets is remembered.
  expect(third.papers.find(({ item }) => item === 'backup-root-2026')).toMatchObject({ seal: 'S-5201' });
  expect(third.stillValid?.says).toContain('Neither a new sheet nor sharing anew revokes one');
  expect(third.stillValid?.sheets.map(({ share, custodian }) => `${share} ${custodian}`)).toEqual([
    '2 Chen Wei',
    '2 Lena Fischer',
    '4 Pavel Novák',
  ]);
  const told = transcriptText(reshared.out);
  expect(told).toContain('Sharing anew does not revoke: enough of the old sheets');
  expect(told).toContain('destroyed before Inês Duarte');
  expect(told).toContain('still valid: its custodian could not come');
  expect(reshared.stderr).toContain('Sharing anew does not revoke');
  expect(reshared.facts('destroy').filter(({ verdict }) => verdict === 'go')).toHaveLength(3);

  const rotated = await ceremony(place, 'rotate-master-key', 'rotated', {
    script: (text) =>
      text.replace(
        '{ masterKey: master-key-2026 }',
        '{ masterKey: master-key-2026, policy: { threshold: 3, shareCount: 6 } }',
      ),
    answers: (text) => text.replace('texts:\n', 'texts:\n  sheet-6: destroyed\n'),
  });
  const last = answersOf('rotate-master-key').passphrases;
  const rotatedShares = [];
  for (const number of [1, 2, 3]) rotatedShares.push(await sheet(rotated.out, number, last[number - 1]));
  const newKey = masterKeyBy(rotated.out, rotatedShares);
  expect(newKey).not.toBe(masterKey);
  // The same CA key in both backups; each opens under its own master key alone.
  const [oldBlob, newBlob] = [join(made.out, 'backup/root-2026.kwp'), join(rotated.out, 'backup/root-2026.kwp')];
  expect(unwrapped(newKey, newBlob)).toEqual(unwrapped(masterKey, oldBlob));
  expect(() => unwrapped(masterKey, newBlob)).toThrow();
  expect(() => unwrapped(newKey, oldBlob)).toThrow();
  const retired = rotated.facts('retire');
  expect(retired).toContainEqual({
    ...{ kind: 'check', label: 'master-key-2026', verdict: 'go' },
    detail: 'destroyed, and absent by label and by id',
  });
  expect(retired.map(({ value }) => value)).toContain(`${oldBlob}, every copy of it, and its backup sheet`);
  expect(rotated.facts('rehearsal').filter(({ verdict }) => verdict === 'go')).toHaveLength(2);
  const fourth = signedRegister(rotated.out, root);
  expect(fourth.stillValid?.sheets.map(({ epoch, share }) => [epoch, share])).toEqual([
    [0, 2],
    [0, 2],
    [0, 4],
    [1, 2],
    [1, 4],
  ]);

  // One set stands of all that were made, and what is at large is not forgotten.
  const standing2027 = await standings(place);
  expect(standing2027).toMatchObject([{ masterKey: 'master-key-2027', epoch: 0, valid: 5 }]);
  expect(standing2027[0]?.stillValid).toHaveLength(5);

  // What comes later finds the newest: the new master key, its sheets and its backups.
  const again = await ceremony(place, 'recovery-rehearsal', 'again', {
    script: (text) => text.replace('master-key-2026', 'master-key-2027'),
    answers: (text) =>
      text.replace(/^passphrases:\n( {2}- .*\n)+/m, `passphrases:\n${last.map((each) => `  - ${each}\n`).join('')}`),
  });
  expect(again.facts('shares')).toContainEqual({ kind: 'row', label: 'Backups', value: 'root-2026, issuing-2026' });
  expect(again.facts('rehearsal').filter(({ verdict }) => verdict === 'go')).toHaveLength(2);
  expect(again.stderr).toContain(`${newBlob} is the backup in the ledger`);
}

test('custodians change on the training token', { timeout: 900_000 }, async () => {
  await changingCustodians({ folder: temporaryFolder(), token: null, checkpoint: null });
});

test('custodians change on SoftHSM 2', { timeout: 900_000 }, async () => {
  const softHsm = makeSoftHsm(['ceremony', 'rehearsal']);
  try {
    const folder = temporaryFolder();
    await changingCustodians({ folder, token: writeTokenFile(folder), checkpoint: null });
    const held = pkcs11Tool('ceremony', '--list-objects');
    expect(held).toContain('master-key-2027');
    expect(held).not.toContain('master-key-2026');
    expect(pkcs11Tool('rehearsal', '--list-objects').trim()).toBe('');
  } finally {
    softHsm.remove();
  }
});
