import { execFileSync } from 'node:child_process';
import { X509Certificate, createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { setAttestation } from '../../core/ceremony/attestation.ts';
import { makeSoftHsm, pkcs11Tool } from '../hsm/softhsm.ts';
import { REPOSITORY } from '../shipped.ts';
import { cheapScript, claviger, temporaryFolder } from './claviger.ts';
import { writeTokenFile } from './token-file.ts';

const CEREMONIES = join(REPOSITORY, 'resources/ceremonies');
const script = (name: string) => join(CEREMONIES, `${name}.yaml`);
const answersOf = (name: string) => join(CEREMONIES, 'answers', `${name}.yaml`);

type Fact = { kind: string; label?: string; value?: string; verdict?: string; detail?: string };
type View = { status: string; out: string; records: { step: string; facts: Fact[] }[] };

/** One store, the token file of its token (null for the training token), and the newest signed checkpoint's file. */
type Place = { folder: string; token: string | null; checkpoint?: string };

/** Runs a shipped ceremony to its end; `texts` answers what the sample answers leave open. */
async function run(place: Place, name: string, texts: Record<string, string> = {}, file = script(name), into = name) {
  const answers = join(place.folder, `${into}-answers.yaml`);
  const sample = readFileSync(answersOf(name), 'utf8').replace(/^texts:\n( {2}.*\n)+/m, '');
  const lines = Object.entries(texts).map(([ask, text]) => `  ${ask}: ${JSON.stringify(text)}\n`);
  writeFileSync(
    answers,
    lines.length === 0 ? readFileSync(answersOf(name), 'utf8') : `${sample}texts:\n${lines.join('')}`,
  );
  const finished = await claviger([
    ...['ceremony', 'run', file, '--data', join(place.folder, 'data'), '--out', join(place.folder, into)],
    ...['--answers', answers, '--json', ...(place.token === null ? [] : ['--token', place.token])],
    ...(place.checkpoint === undefined ? [] : ['--checkpoint', place.checkpoint]),
  ]);
  expect(finished.stderr).not.toContain('unexpected');
  expect(finished.status, finished.stdout + finished.stderr).toBe(0);
  const view = JSON.parse(finished.stdout) as View;
  expect(view.status).toBe('completed');
  if (existsSync(join(view.out, 'checkpoint.txt.p7s'))) place.checkpoint = join(view.out, 'checkpoint.txt');
  const facts = (step: string) => view.records.find((record) => record.step === step)?.facts ?? [];
  return { out: view.out, facts };
}

function openssl(folder: string, ...words: string[]): string {
  return execFileSync('openssl', words, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function verifyTranscript(folder: string, out: string, authority: string): void {
  const content = ['-in', join(out, 'transcript.json.p7s'), '-content', join(out, 'transcript.json')];
  openssl(folder, 'cms', '-verify', '-inform', 'DER', ...content, '-CAfile', authority, '-out', '/dev/null');
}

/** What a bundle holds, opened by OpenSSL alone. */
function openBundle(
  folder: string,
  bundle: string,
  recipient: string,
  root: string,
): { names: string[]; manifest: string } {
  const [signed, tar] = [`${bundle}.signed`, `${bundle}.tar`];
  const keys = ['-recip', `${recipient}.crt`, '-inkey', `${recipient}.key`];
  openssl(folder, 'cms', '-decrypt', '-inform', 'DER', '-in', bundle, ...keys, '-out', signed);
  openssl(folder, 'cms', '-verify', '-inform', 'DER', '-in', signed, '-CAfile', root, '-out', tar);
  const names = execFileSync('tar', ['tf', tar], { cwd: folder, encoding: 'utf8' }).trim().split('\n');
  return { names, manifest: execFileSync('tar', ['xOf', tar, 'manifest.json'], { cwd: folder, encoding: 'utf8' }) };
}

/** A request and a recipient of a system somewhere else, made by OpenSSL. */
function otherSystem(folder: string): { request: string; key: string; recipient: string } {
  const request = join(folder, 'other.csr');
  const key = join(folder, 'other.key');
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384', '-nodes'];
  const subject = ['-subj', '/C=PT/O=Example Trust Services/CN=Example Issuing I2'];
  openssl(folder, 'req', '-new', ...curve, '-keyout', key, ...subject, '-sha384', '-out', request);
  const recipient = join(folder, 'recipient');
  const usage = ['-addext', 'keyUsage=critical,keyAgreement', '-days', '30'];
  const made = ['-keyout', `${recipient}.key`, '-out', `${recipient}.crt`, '-subj', '/CN=Other system'];
  openssl(folder, 'req', '-x509', ...curve, ...made, ...usage);
  return { request, key, recipient };
}

function serialOf(certificate: string): string {
  return new X509Certificate(readFileSync(certificate)).serialNumber;
}

/** Everything that a CA does in its life, in one store, each act looked at with programs that are not ours. */
async function lifeOfACa(place: Place, meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  const { folder } = place;
  const made = await run(place, 'root-and-issuing', {}, cheapScript(folder));
  const root = join(made.out, 'root.crt');
  await meanwhile();
  const { request, key, recipient } = otherSystem(folder);

  const issued = await run(place, 'issue-intermediate', { request, recipient: `${recipient}.crt` });
  const certificate = join(issued.out, 'issuing-2.crt');
  expect(openssl(folder, 'verify', '-x509_strict', '-CAfile', root, certificate)).toContain('OK');
  const x509 = new X509Certificate(readFileSync(certificate));
  expect(x509.publicKey.equals(createPublicKey(createPrivateKey(readFileSync(key))))).toBe(true);
  expect(x509.subject.split('\n').at(-1)).toBe('CN=TRAINING Example Issuing I2');
  expect(openssl(folder, 'x509', '-in', certificate, '-noout', '-ext', 'basicConstraints')).toContain(
    'CA:TRUE, pathlen:0',
  );
  expect(issued.facts('keys').filter(({ verdict }) => verdict === 'go')).toHaveLength(3);
  verifyTranscript(folder, issued.out, root);
  const bundle = openBundle(folder, join(issued.out, 'bundle.cms'), recipient, root);
  expect(bundle.names).toContain('issuing-2.crt');
  expect(JSON.parse(bundle.manifest)).toMatchObject({ sequence: 2 });

  const serial = x509.serialNumber;
  const first = await run(
    place,
    'crl',
    { revocations: `${serial.toLowerCase()} cessationOfOperation` },
    script('crl'),
    'crl-1',
  );
  const list = join(first.out, 'root.crl');
  const checked = ['verify', '-x509_strict', '-crl_check', '-CRLfile', list, '-CAfile', root];
  expect(openssl(folder, ...checked, join(made.out, 'issuing.crt'))).toContain('OK');
  expect(() => openssl(folder, ...checked, certificate)).toThrow(/certificate revoked/);
  verifyTranscript(folder, first.out, root);

  // The next list carries the first one's entry on, and takes more from a file.
  const exporter = serialOf(join(made.out, 'export.crt'));
  const file = join(folder, 'revocations.yaml');
  writeFileSync(
    file,
    `claviger: 1\nrevocations:\n  - { serial: '${exporter}', reason: superseded }\n  - { serial: '00:ab:cd', reason: keyCompromise }\n`,
  );
  const second = await run(place, 'crl', { 'revocation-file': file }, script('crl'), 'crl-2');
  const text = openssl(second.out, 'crl', '-inform', 'DER', '-in', 'root.crl', '-noout', '-text');
  expect(text).toMatch(/X509v3 CRL Number:\s+2\n/);
  const entries = [...text.matchAll(/Serial Number: ([0-9A-F]+)[^]*?Reason Code:\s+(.*)/g)].map(
    ([, ...found]) => found,
  );
  expect(entries).toEqual([
    [serial, 'Cessation Of Operation'],
    [exporter, 'Superseded'],
    ['ABCD', 'Key Compromise'],
  ]);

  const rehearsed = await run(place, 'recovery-rehearsal');
  const proven = rehearsed.facts('rehearsal').filter(({ verdict }) => verdict === 'go');
  expect(proven.map(({ detail }) => detail)).toEqual(
    Array.from({ length: 2 }, () => 'the recovered key signed a fresh challenge that verifies under the certificate'),
  );
  expect(rehearsed.facts('rehearsal')).toContainEqual({ kind: 'row', label: 'Shares used', value: '1, 3, 5' });
  verifyTranscript(folder, rehearsed.out, root);

  const attested = await run(place, 'attestation');
  const record = setAttestation.parse(JSON.parse(readFileSync(join(attested.out, 'attestation.json'), 'utf8')));
  expect(record.conclusion).toBe('all');
  expect(record.shares.map((share) => share.attested)).toEqual([true, true, true, true, true]);
  expect(attested.facts('backups').filter(({ verdict }) => verdict === 'go')).toHaveLength(2);
  verifyTranscript(folder, attested.out, root);

  const exercised = await run(place, 'exercise');
  expect(exercised.facts('recovery')).toContainEqual(expect.objectContaining({ label: 'Key check', verdict: 'go' }));
  expect(existsSync(join(exercised.out, 'sheets/share-1.pdf'))).toBe(false);
  verifyTranscript(folder, exercised.out, root);

  const exported = await run(place, 'export');
  const whole = openBundle(folder, join(exported.out, 'bundle.cms'), join(exported.out, 'recipient'), root);
  expect(JSON.parse(whole.manifest)).toMatchObject({ sequence: 3 });
  expect(whole.names.sort()).toEqual(
    [
      ...['manifest.json', 'share-set.json', 'backup/root-2026.kwp', 'backup/issuing-2026.kwp', 'root.crl'],
      ...['root.crt', 'issuing.crt', 'issuing-2.crt', 'ledger.crt', 'export.crt'],
    ].sort(),
  );

  const ended = await run(place, 'key-destruction');
  const gone = ended.facts('destroy').filter(({ detail }) => detail === 'destroyed, and absent by label and by id');
  expect(gone.map(({ label }) => label)).toEqual(['root-2026', 'issuing-2026', 'master-key-2026']);
  expect(existsSync(join(made.out, 'backup/root-2026.kwp'))).toBe(false);
}

/** Master key and vault KEK, without a CA. */
async function lifeOfAVault(place: Place): Promise<void> {
  const { folder } = place;
  const cheap = join(folder, 'vault.yaml');
  const text = readFileSync(script('vault-initialisation'), 'utf8');
  const label = '{ label: vault-master-2026 }';
  expect(text).toContain(label);
  writeFileSync(cheap, text.replace(label, '{ label: vault-master-2026, scryptLog2N: 10 }'));
  const { out, facts } = await run(place, 'vault-initialisation', {}, cheap);
  expect(facts('vault-key')).toContainEqual({ kind: 'row', label: 'Algorithm', value: 'AES-256' });
  const held =
    facts('vault-key')
      .find((fact) => fact.label === 'In the token')
      ?.value?.split(', ') ?? [];
  expect(held).toEqual(expect.arrayContaining(['encrypt', 'decrypt', 'sensitive', 'wrap with trusted']));
  for (const never of ['wrap', 'unwrap', 'sign', 'derive']) expect(held).not.toContain(never);
  expect(facts('rehearsal')).toContainEqual({
    kind: 'check',
    label: 'vault-kek-2026',
    verdict: 'go',
    detail: 'the recovered key opened a fresh challenge that the original had encrypted',
  });
  // 32 bytes wrapped by RFC 5649 are 40.
  expect(readFileSync(join(out, 'backup/vault-kek-2026.kwp'))).toHaveLength(40);
  openssl(out, 'verify', '-x509_strict', '-CAfile', 'ledger.crt', 'ledger.crt');
  verifyTranscript(folder, out, join(out, 'ledger.crt'));
  const printed = execFileSync('pdftotext', ['-layout', join(out, 'sheets/share-1.pdf'), '-'], { encoding: 'utf8' });
  expect(printed).toContain('Share set');
  expect(printed).not.toContain('Root in words');
}

/** Store and token are gone: what is left are the files of one medium and the sheets, the newest list and the newest bundle. */
async function afterTheFire(lost: Place, fresh: Place): Promise<void> {
  const made = await run(lost, 'root-and-issuing', {}, cheapScript(lost.folder));
  const root = join(made.out, 'root.crt');
  const exporter = serialOf(join(made.out, 'export.crt'));
  const before = await run(lost, 'crl', { revocations: `${exporter} superseded` });
  const sent = await run(lost, 'export');
  rmSync(join(lost.folder, 'data'), { recursive: true });
  const recovered = await run(fresh, 'disaster-recovery', {
    medium: made.out,
    'list-root-2026': join(before.out, 'root.crl'),
    'number-issuing-2026': '0',
    bundle: join(sent.out, 'bundle.cms'),
    'bundle-number': '2',
  });
  const proven = recovered.facts('recovery').filter(({ detail }) => detail?.includes('verifies under its certificate'));
  expect(proven.map(({ label }) => label)).toEqual(['root-2026', 'issuing-2026']);
  openssl(fresh.folder, 'verify', '-x509_strict', '-CAfile', root, join(recovered.out, 'ledger-2.crt'));
  verifyTranscript(fresh.folder, recovered.out, root);
  // The next register goes on after the one that was brought.
  const sha256 = createHash('sha256')
    .update(readFileSync(join(made.out, 'custody.json')))
    .digest('hex');
  const register: unknown = JSON.parse(readFileSync(join(recovered.out, 'custody.json'), 'utf8'));
  expect(register).toMatchObject({ number: 2, previous: sha256 });
  // The set that was brought is the one that stands: none of its sheets is an old one.
  expect(register).not.toHaveProperty('stillValid');

  // Life goes on in the new store, on the new token.
  const changed = (name: string) => {
    const path = join(fresh.folder, `${name}.yaml`);
    const text = readFileSync(script(name), 'utf8');
    writeFileSync(path, text.replaceAll('ledger-2026', 'ledger-2027').replaceAll('export-2026', 'export-2027'));
    return path;
  };
  const file = join(fresh.folder, 'revocations.yaml');
  const revoked = serialOf(join(made.out, 'ledger.crt'));
  writeFileSync(file, `claviger: 1\nrevocations:\n  - { serial: '${revoked}', reason: superseded }\n`);
  const listed = await run(fresh, 'crl', { 'revocation-file': file }, changed('crl'));
  const checked = ['verify', '-crl_check', '-CRLfile', join(listed.out, 'root.crl'), '-CAfile', root];
  expect(openssl(fresh.folder, ...checked, join(made.out, 'issuing.crt'))).toContain('OK');
  expect(() => openssl(fresh.folder, ...checked, join(made.out, 'ledger.crt'))).toThrow(/certificate revoked/);
  // It counts on, and nothing comes off the list.
  const text = openssl(fresh.folder, 'crl', '-inform', 'DER', '-in', join(listed.out, 'root.crl'), '-noout', '-text');
  expect(text).toMatch(/X509v3 CRL Number:\s+2\n/);
  expect([...text.matchAll(/Serial Number: ([0-9A-F]+)/g)].map(([, serial]) => serial)).toEqual([exporter, revoked]);
  const next = await run(fresh, 'export', {}, changed('export'));
  const online = join(fresh.folder, 'online');
  for (const [{ out }, sequence] of [
    [sent, 2],
    [next, 3],
  ] as const) {
    const bundle = [join(out, 'bundle.cms'), '--key', join(out, 'recipient.key')];
    const imported = await claviger(['bundle', 'import', ...bundle, '--to', 'directory', online, '--json']);
    expect(imported.status, imported.stderr).toBe(0);
    expect(JSON.parse(imported.stdout)).toMatchObject({ sequence });
  }
  const attested = await run(fresh, 'attestation', {}, changed('attestation'));
  const record = setAttestation.parse(JSON.parse(readFileSync(join(attested.out, 'attestation.json'), 'utf8')));
  expect(record).toMatchObject({ conclusion: 'all', subsetsChecked: 0 });
  expect(record.doesNotProve[0]).toContain('no log of its subsets is in this store');
  expect(attested.facts('backups').filter(({ verdict }) => verdict === 'go')).toHaveLength(2);
}

describe('every shipped ceremony, one after the other in one store', { timeout: 400_000 }, () => {
  test('on the training token: what the next one needs is found, though a vault was made on another in between', async () => {
    const place = { folder: temporaryFolder(), token: null };
    await lifeOfACa(place, () => lifeOfAVault(place));
  });

  test('on SoftHSM 2', async () => {
    const softHsm = makeSoftHsm(['ceremony', 'rehearsal']);
    try {
      const folder = temporaryFolder();
      const token = writeTokenFile(folder);
      await lifeOfACa({ folder, token });
      const held = pkcs11Tool('ceremony', '--list-objects');
      for (const label of ['ledger-2026', 'export-2026']) expect(held).toContain(label);
      for (const label of ['root-2026', 'issuing-2026', 'master-key-2026']) expect(held).not.toContain(label);
      expect(pkcs11Tool('rehearsal', '--list-objects').trim()).toBe('');
    } finally {
      softHsm.remove();
    }
  });

  test('after the fire: sheets and one medium are enough, in an empty store on a training token', async () => {
    await afterTheFire({ folder: temporaryFolder(), token: null }, { folder: temporaryFolder(), token: null });
  });

  test('after the fire, into another token of SoftHSM 2: its keys are what the lost ones were', async () => {
    const softHsm = makeSoftHsm(['ceremony', 'rehearsal', 'new']);
    try {
      const [lost, fresh] = [temporaryFolder(), temporaryFolder()];
      const token = writeTokenFile(fresh, (text) => text.replace('token: ceremony', 'token: new'));
      await afterTheFire({ folder: lost, token: writeTokenFile(lost) }, { folder: fresh, token });
      const held = pkcs11Tool('new', '--list-objects');
      const objects = held.split(/\n(?=\S)/);
      const ofLabel = (label: string) => objects.find((object) => object.includes(label)) ?? '';
      for (const label of ['root-2026', 'issuing-2026']) {
        expect(ofLabel(label)).toContain('Usage:      sign');
        expect(ofLabel(label)).toContain('Access:     sensitive, extractable');
      }
      expect(ofLabel('master-key-2026')).toContain('Usage:      wrap, unwrap');
    } finally {
      softHsm.remove();
    }
  });

  test('a vault on SoftHSM 2', async () => {
    const softHsm = makeSoftHsm(['ceremony', 'rehearsal']);
    try {
      const folder = temporaryFolder();
      await lifeOfAVault({ folder, token: writeTokenFile(folder) });
      expect(pkcs11Tool('ceremony', '--list-objects')).toContain('vault-kek-2026');
      expect(pkcs11Tool('rehearsal', '--list-objects').trim()).toBe('');
    } finally {
      softHsm.remove();
    }
  });
});
