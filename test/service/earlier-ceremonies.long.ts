import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Answers, answersResponder } from '../../core/cli/answers.ts';
import type { Responder } from '../../core/cli/responder.ts';
import { giveAnswers } from '../../core/cli/run-ceremony.ts';
import type { CeremonyView } from '../../core/contract/ceremony.ts';
import { custodyRegister } from '../../core/contract/custody.ts';
import { type ErrorValue, Refusal } from '../../core/contract/errors.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { CoreProcess } from '../../core/service/client.ts';
import { cheapScript } from '../cli/claviger.ts';
import { writeTokenFile } from '../cli/token-file.ts';
import { makeSoftHsm, pkcs11Tool } from '../hsm/softhsm.ts';
import { REPOSITORY } from '../shipped.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** One store in which a root was made on SoftHSM, and what is refused to ceremonies that come after it. */

const CEREMONIES = join(REPOSITORY, 'resources/ceremonies');
let softHsm: ReturnType<typeof makeSoftHsm>;
let folder: string;
let token: string;
let core: CoreProcess;
let count = 0;

beforeAll(async () => {
  softHsm = makeSoftHsm(['ceremony', 'rehearsal']);
  folder = mkdtempSync(join(tmpdir(), 'claviger-earlier-'));
  token = writeTokenFile(folder);
  core = CoreProcess.start({ data: join(folder, 'data') });
  const made = await walk(core, { script: cheapScript(folder), name: 'root-and-issuing' });
  expect(made.error).toBeNull();
});
afterAll(async () => {
  await core.close();
  rmSync(folder, { recursive: true });
  softHsm.remove();
});

type Walk = {
  name: string;
  script?: string;
  change?: (script: string) => string;
  /** Called before somebody confirms a step, when everything is answered. */
  confirming?: (step: string) => void;
  answers?: Partial<Answers>;
  token?: string;
};

/** Walks a ceremony until it ends or something is refused; what was refused is aborted. */
async function walk(
  on: CoreProcess,
  walked: Walk,
): Promise<{ error: ErrorValue | null; step: string; view: CeremonyView }> {
  const { name, change } = walked;
  const answers = parse(readFileSync(join(CEREMONIES, 'answers', `${name}.yaml`), 'utf8')) as Answers;
  const file = walked.script ?? join(CEREMONIES, `${name}.yaml`);
  const script = join(folder, `script-${++count}.yaml`);
  const text = readFileSync(file, 'utf8');
  const changed = change?.(text) ?? text;
  expect(change === undefined || changed !== text).toBe(true);
  writeFileSync(script, changed);
  const { checkpoint } = valueOf(await on.call('app.info', {}));
  const lost = checkpoint ? { checkpointLost: 'not what is tested here' } : {};
  const place = { script, out: join(folder, `out-${count}`), token: walked.token ?? token, ...lost };
  let view = valueOf(await on.call('ceremony.begin', place));
  let step = '';
  const responder: Responder = {
    ...answersResponder({ ...answers, ...walked.answers }),
    confirm: () => {
      walked.confirming?.(step);
      return Promise.resolve(true);
    },
  };
  try {
    while (view.current) {
      step = view.current.id;
      await giveAnswers(on, view, responder);
      view = valueOf(await on.call('ceremony.perform', { ceremony: view.id, step }));
    }
    return { error: null, step, view };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    valueOf(await on.call('ceremony.abort', { ceremony: view.id, person: 'Jonas Weber', reason: 'refused' }));
    return { error: error.value, step, view };
  }
}

async function refusedAt(walked: Walk, step: string, code: string, on = core): Promise<ErrorValue | null> {
  const { error, step: at } = await walk(on, walked);
  expect([at, error?.code]).toEqual([step, code]);
  return error;
}

describe('keys of an earlier ceremony', () => {
  test('under a label that no ceremony made', async () => {
    const change = (text: string) => text.replaceAll('export-2026', 'rehearsed-2026');
    pkcs11Tool('ceremony', '--keypairgen', '--key-type', 'EC:secp384r1', '--label', 'rehearsed-2026', '--id', '77');
    await refusedAt({ name: 'issue-intermediate', change }, 'keys', 'KEY_UNRECORDED');
    for (const type of ['privkey', 'pubkey']) {
      pkcs11Tool('ceremony', '--delete-object', '--type', type, '--label', 'rehearsed-2026');
    }
    await refusedAt({ name: 'issue-intermediate', change }, 'keys', 'KEY_MISSING');
  });

  test('another key under the label of one that the ledger knows', async () => {
    for (const type of ['privkey', 'pubkey']) {
      pkcs11Tool('ceremony', '--delete-object', '--type', type, '--label', 'export-2026');
    }
    pkcs11Tool('ceremony', '--keypairgen', '--key-type', 'EC:secp384r1', '--label', 'export-2026', '--id', '78');
    const error = await refusedAt({ name: 'export' }, 'keys', 'KEY_DIFFERENT');
    expect(error?.params).toEqual({ label: 'export-2026' });
  });

  test('in a store that does not know them', async () => {
    const other = CoreProcess.start({ data: join(folder, 'other-data') });
    try {
      await refusedAt({ name: 'crl' }, 'keys', 'KEY_UNRECORDED', other);
    } finally {
      await other.close();
    }
  });

  test('that only an aborted ceremony made', async () => {
    const change = (text: string) => text.replace('{ empty: true }', '{ empty: false }').replaceAll('-2026', '-2027');
    const aborted = await walk(core, {
      name: 'root-and-issuing',
      script: join(folder, 'script.yaml'),
      change,
      answers: { custody: {} },
    });
    expect(aborted).toMatchObject({ step: 'bags', error: { code: 'ANSWER_MISSING' } });
    expect(pkcs11Tool('ceremony', '--list-objects')).toContain('root-2027');
    await refusedAt(
      { name: 'crl', change: (text) => text.replaceAll('root-2026', 'root-2027') },
      'keys',
      'KEY_UNRECORDED',
    );
  });
});

describe('a rehearsal years later', () => {
  const cheaply = { name: 'recovery-rehearsal' };
  const people = {
    ceremonyAdministrator: ['Jonas Weber'],
    operator: ['Mira Lindqvist'],
    witness: ['Inês Duarte'],
    auditor: ['Tomás Herrera'],
  };

  test('does not begin with fewer custodians than the threshold, nor with one who holds no share', async () => {
    const two = { participants: { ...people, custodian: ['Amara Diallo', 'Nadia Okafor'] } };
    const error = await refusedAt({ ...cheaply, answers: two }, 'roles', 'PARTICIPANTS_MISSING');
    expect(error?.params).toMatchObject({ role: 'custodian', needed: 3, present: 2 });
    const stranger = { participants: { ...people, custodian: ['Amara Diallo', 'Nadia Okafor', 'Somebody Else'] } };
    const unknown = await refusedAt({ ...cheaply, answers: stranger }, 'shares', 'CUSTODIAN_UNKNOWN');
    expect(unknown?.params).toEqual({ person: 'Somebody Else' });
  });

  test('does not take a script that says less than the share set, or another set', async () => {
    const less = (text: string) => text.replace('threshold: 3', 'threshold: 2').replace('custodian: 3', 'custodian: 2');
    const two = { participants: { ...people, custodian: ['Amara Diallo', 'Nadia Okafor'] } };
    const error = await refusedAt({ ...cheaply, change: less, answers: two }, 'shares', 'POLICY_DIFFERENT');
    expect(error?.params).toEqual({ asked: '2 of 5', made: '3 of 5' });
    const other = (text: string) => text.replace('masterKey: master-key-2026', 'masterKey: master-key-2020');
    await refusedAt({ ...cheaply, change: other }, 'shares', 'SHARES_UNRECORDED');
  });

  test('does not take a backup that was changed, even by a bit, nor the other key’s; the second medium’s copy does', async () => {
    const backup = (label: string) => join(folder, `out-1/backup/${label}.kwp`);
    const copy = join(folder, 'second-medium.kwp');
    const bytes = readFileSync(backup('root-2026'));
    writeFileSync(
      copy,
      bytes.map((byte, index) => (index === 30 ? byte ^ 1 : byte)),
    );
    const from = (path: string) => ({ ...cheaply, answers: { texts: { 'backup-root-2026': path } } });
    await refusedAt(from(copy), 'rehearsal', 'BACKUP_CHANGED');
    await refusedAt(from(backup('issuing-2026')), 'rehearsal', 'BACKUP_CHANGED');
    writeFileSync(copy, bytes);
    expect((await walk(core, from(copy))).error).toBeNull();
  });
});

/** Sheet and card of shares in new bags; a custodian where one is named. */
function resealed(first: number, shares: Record<number, string | null>): Answers['custody'] {
  return Object.fromEntries(
    Object.entries(shares).map(([share, custodian], index) => {
      const number = first + index;
      const bag = (kind: number) => ({ bag: `A-${kind}${number}`, seal: `S-${kind}${number}` });
      const change = { reason: 'for a test', sheet: bag(4), card: bag(5) };
      return [`share-${share}`, custodian === null ? change : { custodian, ...change }];
    }),
  );
}

const registerIn = ({ out }: CeremonyView) => {
  const bytes = readFileSync(join(out, 'custody.json'));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { ...custodyRegister.parse(JSON.parse(bytes.toString())), sha256 };
};

describe('a master key and a custody register of earlier ceremonies', () => {
  test('a register whose ceremony was aborted later stands: the next one is built on it', async () => {
    const unsigned = (text: string) =>
      text.replace(/(action: close-ceremony[^]*)signedBy: ledger-2026/, '$1signedBy: nobody-2026');
    const aborted = await walk(core, { name: 'custody-change', change: unsigned });
    expect(aborted).toMatchObject({ step: 'close', error: { code: 'KEY_MISSING' } });
    const left = registerIn(aborted.view);
    expect(left.shares[1]?.custodian).toBe('Lena Fischer');

    const custody = resealed(10, { 2: 'Chen Wei' });
    const { error, view } = await walk(core, { name: 'custody-change', answers: { custody } });
    expect(error).toBeNull();
    const next = registerIn(view);
    expect(next).toMatchObject({ number: left.number + 1, previous: left.sha256 });
    expect(next.changes).toMatchObject([{ item: 'share-2', handOver: { from: 'Lena Fischer', to: 'Chen Wei' } }]);
    // The bag that the aborted ceremony sealed is not sealed again.
    const same = { 'share-2': { reason: 'again', sheet: { bag: 'A-3002', seal: 'S-8002' } } };
    await refusedAt({ name: 'custody-change', answers: { custody: same } }, 'custody', 'INPUT_INVALID');
  });

  test('a key that is made later is backed up under it, and comes back in a rehearsal after that', async () => {
    const step = (id: string, action: string, parameters: string) => `
  - id: ${id}
    section: Keys
    title: ${id}
    instruction: As it says.
    action: ${action}
    acting: operator
    primary: Do it
    parameters: ${parameters}
`;
    const subject = '{ commonName: Example Issuing I3, organisation: Example Trust Services, country: PT }';
    const steps = [
      step('later-key', 'generate-key', '{ label: issuing-2028, algorithm: EC-P384, purpose: ca }'),
      step(
        'later-certificate',
        'issue-certificate',
        `{ key: issuing-2028, profile: issuing-ca, issuer: root-2026, subject: ${subject}, validityDays: 700, crlUrls: ['http://pki.example.org/r.crl'], issuerUrls: ['http://pki.example.org/r.crt'], file: issuing-3.crt }`,
      ),
      step('later-backup', 'backup-keys', '{ keys: [issuing-2028] }'),
    ].join('');
    const adding = (text: string) =>
      text
        .replace('  - id: rehearsal', `${steps}\n  - id: rehearsal`)
        .replace('keys: [root-2026, issuing-2026] }', 'keys: [root-2026, issuing-2028] }');
    const made = await walk(core, {
      name: 'recovery-rehearsal',
      change: adding,
      answers: { custody: resealed(20, { 1: null, 3: null, 5: null }) },
    });
    expect(made.error).toBeNull();
    const later = (text: string) => text.replaceAll('issuing-2026', 'issuing-2028');
    const custody = resealed(30, { 1: null, 3: null, 5: null });
    const { error, view } = await walk(core, { name: 'recovery-rehearsal', change: later, answers: { custody } });
    expect(error).toBeNull();
    const facts = view.records.find(({ step: id }) => id === 'rehearsal')?.facts ?? [];
    expect(JSON.stringify(facts)).toContain('Example Issuing I3');
    // Its sheet has no bag yet: the next register asks for one.
    const bag = { place: 'Oulu, safe 3', bag: 'A-4999', seal: 'S-4999' };
    const bagged = { 'backup-issuing-2028': { reason: 'sealed for the first time', sheet: bag } };
    const changed = await walk(core, { name: 'custody-change', answers: { custody: bagged } });
    expect(changed.error).toBeNull();
    expect(registerIn(changed.view).papers).toContainEqual({
      ...{ item: 'backup-issuing-2028', what: 'Backup sheet of issuing-2028' },
      ...bag,
    });
  });
});

test('two stores on one HSM: what the other store made is neither used nor made again', async () => {
  const other = CoreProcess.start({ data: join(folder, 'second-store') });
  try {
    const script = join(folder, 'script.yaml');
    const begun = { name: 'root-and-issuing', script };
    expect((await refusedAt(begun, 'token', 'KEY_EXISTS', other))?.params).toHaveProperty('label');
    const onto = (text: string) => text.replace('{ empty: true }', '{ empty: false }');
    // The first step that makes something: its label is taken, whoever made it.
    await refusedAt({ ...begun, change: onto }, 'master-key', 'KEY_EXISTS', other);
    await refusedAt({ name: 'recovery-rehearsal' }, 'keys', 'KEY_UNRECORDED', other);
  } finally {
    await other.close();
  }
});

describe('a request and a list', () => {
  // The export key of this token was exchanged above.
  const withoutExport = (text: string) =>
    text
      .replaceAll('export-2026', 'ledger-2026')
      .replace('keys: [root-2026, ledger-2026, ledger-2026]', 'keys: [root-2026, ledger-2026]');

  test('a file that changes after its words were compared is not signed: its words are compared again', async () => {
    const request = join(folder, 'request.csr');
    const sample = readFileSync(join(CEREMONIES, 'samples/issuing-2.csr'), 'utf8');
    writeFileSync(request, sample);
    const confirming = (step: string) => {
      if (step === 'request') writeFileSync(request, `${sample}\n`);
    };
    const answers = { texts: { request } };
    const changing = { name: 'issue-intermediate', change: withoutExport, answers, confirming };
    const error = await refusedAt(changing, 'request', 'ANSWERS_PENDING');
    expect(String(error?.params['asks'])).toContain('compare the words');
  });

  test('a request for another subject is refused when it is named', async () => {
    const other = (text: string) => withoutExport(text.replace('Example Issuing I2', 'Example Issuing I9'));
    const error = await refusedAt(
      { name: 'issue-intermediate', change: other },
      'request',
      'REQUEST_SUBJECT_DIFFERENT',
    );
    expect(error?.params['expected']).toContain('Example Issuing I9');
  });

  test.each<[string, string]>([
    ['00aa keyCompromise', 'knows no certificate aa'],
    ['SERIAL certificateHold', 'no reason'],
    ['SERIAL', 'no reason'],
    ['SERIAL superseded; SERIAL keyCompromise', 'stands twice'],
    ['what is this', 'not a serial number'],
  ])('what cannot be revoked: %s', async (typed, said) => {
    const issuing = valueOf(await core.call('ceremony.list', {})).ceremonies.at(-1);
    const view = valueOf(await core.call('ceremony.view', { ceremony: issuing?.id ?? '' }));
    const facts = view.records.find(({ step }) => step === 'issuing-certificate')?.facts ?? [];
    const serial = facts.flatMap((fact) => (fact.kind === 'row' && fact.label === 'Serial number' ? [fact.value] : []));
    const texts = { revocations: typed.replaceAll('SERIAL', serial[0] ?? '') };
    const error = await refusedAt({ name: 'crl', answers: { texts } }, 'list', 'REVOCATION_INVALID');
    expect(String(error?.params['detail'])).toContain(said);
  });

  test('a file of revocations with a serial number that YAML reads as a number is refused with its line', async () => {
    const file = join(folder, 'revocations.yaml');
    writeFileSync(file, 'claviger: 1\nrevocations:\n  - { serial: 1234, reason: superseded }\n');
    const answers = { texts: { 'revocation-file': file } };
    const error = await refusedAt({ name: 'crl', answers }, 'list', 'REVOCATION_INVALID');
    expect(String(error?.params['detail'])).toMatch(/line 3.*quotes/);
  });

  test('numbers go on after an aborted ceremony, and what it revoked stays revoked', async () => {
    const numbers = [];
    const issuing = valueOf(await core.call('ceremony.list', {})).ceremonies.at(-1);
    const view = valueOf(await core.call('ceremony.view', { ceremony: issuing?.id ?? '' }));
    const facts = view.records.find(({ step }) => step === 'export-certificate')?.facts ?? [];
    const serial = facts.flatMap((fact) => (fact.kind === 'row' && fact.label === 'Serial number' ? [fact.value] : []));
    const unsigned = (text: string) => text.replace('signedBy: ledger-2026', 'signedBy: nobody-2026');
    const answers = { texts: { revocations: `${serial[0] ?? ''} superseded` } };
    const aborted = await walk(core, { name: 'crl', change: unsigned, answers });
    expect(aborted).toMatchObject({ step: 'close', error: { code: 'KEY_MISSING' } });
    const after = await walk(core, { name: 'crl' });
    for (const { view: seen } of [aborted, after]) {
      const said = seen.records.find(({ step }) => step === 'list')?.facts ?? [];
      numbers.push(
        said.flatMap((fact) => (fact.kind === 'row' && fact.label === 'Number' ? [Number(fact.value)] : []))[0],
      );
      expect(said).toContainEqual({ kind: 'row', label: 'Revoked', value: '1 certificates' });
    }
    expect(numbers[1]).toBe((numbers[0] ?? 0) + 1);
  });
});
