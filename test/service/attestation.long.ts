import { execFileSync } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { setAttestation, shareAttestation } from '../../core/ceremony/attestation.ts';
import { TokenProcess } from '../../core/hsm/process/client.ts';
import { manifestSchema } from '../../core/hsm/process/protocol.ts';
import { scanPdf } from '../../core/print/scan.ts';
import { openShare } from '../../core/shares/envelope.ts';
import { parseShare } from '../../core/shares/share.ts';
import { scanMemory } from '../hsm/process-memory.ts';
import { refused } from '../hsm/refused.ts';
import { readCsv } from '../reports/read-csv.ts';
import { afterRoot, answersOf, at, toStep } from './after-root.ts';

const ground = afterRoot();
const answers = answersOf('attestation');
const passphrases = answers.passphrases ?? [];

function childrenOf(pid: number | undefined): number[] {
  const found = execFileSync('sh', ['-c', `pgrep -P ${pid} || true`], { encoding: 'utf8' });
  return found.split('\n').filter(Boolean).map(Number);
}

const textOfShare = async (number: number) => {
  const [text = ''] = await scanPdf(readFileSync(join(ground.made, `sheets/share-${number}.pdf`)));
  return text;
};
const manifest = () => manifestSchema.parse(JSON.parse(readFileSync(join(ground.made, 'manifest.json'), 'utf8')));
const bytesOf = (text: string) => new TextEncoder().encode(text);

test('five custodians, five processes: each is given one passphrase, opens one share, and has ended before the next begins', async () => {
  const { core } = ground;
  let view = await ground.begin('attestation', 'share-1');
  const plain: Record<string, Uint8Array> = {};
  for (const [index, passphrase] of passphrases.entries()) {
    const opened = await openShare(parseShare(await textOfShare(index + 1)), bytesOf(passphrase));
    plain[`y of share ${index + 1}`] = Uint8Array.from(opened.subarray(0, 32));
  }
  const spoken = Object.fromEntries(passphrases.map((text, index) => [`passphrase ${index + 1}`, bytesOf(text)]));
  const others = childrenOf(core.pid);
  const lived: number[] = [];
  for (const number of [1, 2, 3, 4, 5]) {
    const here = at(core, view);
    // Nobody of the step before is left.
    expect(childrenOf(core.pid)).toEqual(others);
    expect(await here.show(`share-${number}`, { scanSheet: number })).toBeNull();
    expect(await here.type(`passphrase-${number}`, passphrases[number - 1] ?? '')).toBeNull();
    const [fresh, another] = childrenOf(core.pid).filter((pid) => !others.includes(pid));
    expect(another).toBeUndefined();
    expect(lived).not.toContain(fresh);
    lived.push(fresh ?? 0);
    // As soon as it has started and taken it in, it holds that passphrase once, and no other.
    const held = () => scanMemory(fresh ?? 0, spoken).found.map(({ needle }) => needle);
    await expect.poll(held, { timeout: 20_000 }).toEqual([`passphrase ${number}`]);
    expect(await here.perform()).toBeNull();
    expect(existsSync(`/proc/${fresh}`)).toBe(false);
    view = await here.view();
  }
  expect(new Set(lived).size).toBe(5);
  // What is left alive, core and the token's process, never saw a plain share.
  for (const pid of [core.pid ?? 0, ...others]) expect(scanMemory(pid, plain).found).toEqual([]);
});

test('a process that has opened a share, or a token, opens no share', async () => {
  const one = TokenProcess.start();
  const open = async (number: number) => {
    const passphrase = await one.sendSecret(bytesOf(passphrases[number - 1] ?? ''));
    return one.call('attestShare', { manifest: manifest(), share: { text: await textOfShare(number), passphrase } });
  };
  expect(manifest().shares.map(({ x }) => x)).toContain((await open(1)).x);
  expect((await refused('INPUT_INVALID', () => open(2)))['detail']).toContain('a process of its own');
  await one.close();
  const held = TokenProcess.start();
  await held.call('open', { location: { kind: 'software', folder: join(ground.folder, 'none'), token: 'none' } });
  const passphrase = await held.sendSecret(bytesOf(passphrases[0] ?? ''));
  const share = { text: await textOfShare(1), passphrase };
  await refused('INPUT_INVALID', () => held.call('attestShare', { manifest: manifest(), share }));
  await held.close();
});

/** OpenSSL alone, with nothing but what the ceremonies left. */
function verifySignature(out: string, file: string): void {
  const authority = join(ground.made, 'root.crt');
  const words = ['-binary', '-inform', 'DER', '-in', `${file}.p7s`, '-content', file, '-CAfile', authority];
  execFileSync('openssl', ['cms', '-verify', ...words, '-out', '/dev/null'], { cwd: out, stdio: 'pipe' });
}

const read = (out: string, file: string): unknown => JSON.parse(readFileSync(join(out, file), 'utf8'));

test('what is signed names who was there, is checked by OpenSSL, and the backups prove themselves to anyone', async () => {
  const view = await ground.begin('attestation', null);
  expect(view.status).toBe('completed');
  const record = setAttestation.parse(read(view.out, 'attestation.json'));
  verifySignature(view.out, 'attestation.json');
  expect(record).toMatchObject({ conclusion: 'all', subsetsChecked: 10, setId: manifest().setId });
  expect(record.proves[1]).toBe(
    'Any 3 of these shares recover the master key: when the set was made, each of its 10 subsets of 3 shares was combined and gave the key-check value.',
  );
  for (const { share, x, custodian } of record.shares) {
    const file = `attestation/share-${share}.json`;
    verifySignature(view.out, file);
    const own = shareAttestation.parse(read(view.out, file));
    const commitment = manifest().shares.find((candidate) => candidate.x === x)?.commitment;
    expect(own).toMatchObject({ share, x, custodian, commitment, outcome: { is: 'attested' } });
  }
  for (const { label, challenge, signature } of record.backups) {
    const certificate = readFileSync(join(ground.made, label === 'root-2026' ? 'root.crt' : 'issuing.crt'));
    const signed = Buffer.from(signature ?? '', 'base64');
    expect(verify('SHA384', Buffer.from(challenge, 'base64'), createPublicKey(certificate), signed)).toBe(true);
  }
  expect(record.backups.map(({ label }) => label)).toEqual(['root-2026', 'issuing-2026']);
  // The transcript tells it too, and the next register holds the new bags.
  verifySignature(view.out, 'transcript.json');
  expect(readFileSync(join(view.out, 'transcript.json'), 'utf8')).toContain('Any 3 of these shares recover');
  expect(read(view.out, 'custody.json')).toMatchObject({ number: 2 });
  // So do the reports.
  const told = await ground.core.call('report.rehearsals', {});
  const attested = told.ok ? told.value.rehearsals.filter(({ ceremony }) => ceremony === view.id) : [];
  expect(attested).toMatchObject([{ kind: 'attestation', shares: [1, 2, 3, 4, 5], outcome: 'completed' }]);
  expect(attested[0]?.keys.map(({ label }) => label)).toEqual(['root-2026', 'issuing-2026']);
});

test.each([
  {
    absent: { 'absent-2': 'on leave' },
    conclusion: 'threshold',
    proven: 'Any 3 of the attested shares recover the master key',
    not: 'Anything of the shares that were not shown: 2 (Chen Wei).',
  },
  {
    absent: { 'absent-1': 'ill', 'absent-3': 'abroad', 'absent-5': 'left' },
    conclusion: 'below',
    proven: '2 of 5 shares were attested',
    not: 'That the master key can be recovered: fewer shares were attested than recover it.',
  },
])('who is absent is named, and the conclusion is $conclusion', async ({ absent, conclusion, proven, not }) => {
  const view = await ground.begin('attestation', 'bags', { texts: absent });
  const record = setAttestation.parse(read(view.out, 'attestation.json'));
  expect(record.conclusion).toBe(conclusion);
  expect(record.proves.join('\n')).toContain(proven);
  expect(record.doesNotProve).toContain(not);
  if (conclusion === 'below') expect(record.proves.join('\n')).not.toContain('recover the master key:');
  for (const [ask, reason] of Object.entries(absent)) {
    const number = Number(ask.split('-')[1]);
    const file = `attestation/share-${number}.json`;
    expect(shareAttestation.parse(read(view.out, file)).outcome).toEqual({ is: 'absent', reason });
    verifySignature(view.out, file);
    expect(record.shares.find(({ share }) => share === number)?.attested).toBe(false);
  }
  // The reports name them too.
  const [out, csv] = [join(ground.folder, `${conclusion}.pdf`), join(ground.folder, `${conclusion}.csv`)];
  const told = await ground.core.call('report.rehearsals', { out, csv });
  const [attested] = told.ok ? told.value.rehearsals.filter(({ ceremony }) => ceremony === view.id) : [];
  const reasons = new Map(Object.entries(absent).map(([ask, reason]) => [Number(ask.split('-')[1]), reason]));
  const missing = record.shares.filter((share) => !share.attested);
  expect(attested?.absent).toEqual(
    missing.map(({ share, custodian }) => ({ share, custodian, reason: reasons.get(share) })),
  );
  const [line] = readCsv(csv).filter(({ ceremony }) => ceremony === view.id);
  const text = execFileSync('pdftotext', ['-layout', out, '-'], { encoding: 'utf8' });
  for (const { share, custodian, reason } of attested?.absent ?? []) {
    expect(line?.['absent']).toContain(`${share} ${custodian}: ${reason}`);
    expect(text).toMatch(new RegExp(`Share ${share} +not shown: ${custodian} was absent, ${reason}`));
  }
});

test('a backup file that is another one is refused when it is named, and one that opens to nothing is found in the token', async () => {
  const { core } = ground;
  const here = at(core, await ground.begin('attestation', 'backups'));
  const altered = join(ground.folder, 'altered.kwp');
  writeFileSync(
    altered,
    readFileSync(join(ground.made, 'backup/root-2026.kwp')).map((byte, index) => (index === 9 ? byte ^ 1 : byte)),
  );
  expect(await here.show('backup-root-2026', { text: altered })).toMatchObject({ code: 'BACKUP_CHANGED' });
  const swapped = join(ground.made, 'backup/issuing-2026.kwp');
  expect(await here.show('backup-root-2026', { text: swapped })).toMatchObject({ code: 'BACKUP_CHANGED' });
  const view = await toStep(core, await here.view(), 'conclusion', answers);
  expect(view.records.at(-1)?.facts.filter((fact) => fact.kind === 'check')).toHaveLength(2);
});

test('who has another role that day does not attest a share as well', async () => {
  const { core } = ground;
  const participants = { ...answers.participants, witness: ['amara  diallo'] };
  const here = at(core, await ground.begin('attestation', 'share-1', { participants }));
  expect(await here.show('share-1', { scanSheet: 1 })).toBeNull();
  expect(await here.type('passphrase-1', passphrases[0] ?? '')).toBeNull();
  expect(await here.perform()).toMatchObject({ code: 'DUAL_CONTROL', params: { person: 'Amara Diallo' } });
  // Absent, for today.
  expect(await here.show('absent-1', { text: 'is the witness today' })).toBeNull();
  expect(await here.perform()).toBeNull();
});
