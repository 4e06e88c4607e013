import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { compileFaultyModule, setFault } from '../hsm/faulty-module.ts';
import { SOFTHSM_MODULE, makeSoftHsm, pkcs11Tool, pkcs11ToolAs } from '../hsm/softhsm.ts';
import { ANSWERS, REPOSITORY } from '../shipped.ts';
import { cheapScript, claviger, temporaryFolder } from './claviger.ts';
import { writeTokenFile } from './token-file.ts';

const shipped = (name: string) => join(REPOSITORY, 'resources/ceremonies', name);
const INITIALISATION = shipped('token-initialisation.yaml');
const DESTRUCTION = shipped('key-destruction.yaml');
const BIRTH_ANSWERS = shipped('answers/token-initialisation.yaml');
// As the shipped answers have them.
const NEW_PIN = 'training-2026';
const NEW_SECURITY_OFFICER_PIN = 'officer-of-training-2026';

type Records = { records: { step: string; facts: { label?: string; value?: string; detail?: string }[] }[] };

let softHsm: ReturnType<typeof makeSoftHsm>;
beforeEach(() => {
  softHsm = makeSoftHsm(['ceremony', 'rehearsal']);
});
afterEach(() => {
  softHsm.remove();
});

/** The file's text with a change that must have been one. */
function changed(folder: string, from: string, change: (text: string) => string): string {
  const text = readFileSync(from, 'utf8');
  expect(change(text)).not.toBe(text);
  const path = join(folder, from.includes('answers') ? 'answers.yaml' : 'script.yaml');
  writeFileSync(path, change(text));
  return path;
}

describe('the birth of a token', () => {
  async function birth(
    options: { script?: string; answers?: string; token?: boolean; folder?: string; module?: string } = {},
  ) {
    const folder = options.folder ?? temporaryFolder();
    const tokenFile = join(folder, 'born.yaml');
    writeFileSync(tokenFile, `module: ${options.module ?? SOFTHSM_MODULE}\ntoken: born\npin: prompt\n`);
    const out = join(folder, 'out');
    const finished = await claviger([
      ...['ceremony', 'run', options.script ?? INITIALISATION, '--data', join(folder, 'data'), '--out', out, '--json'],
      ...['--answers', options.answers ?? BIRTH_ANSWERS, ...(options.token === false ? [] : ['--token', tokenFile])],
    ]);
    return { ...finished, folder, out };
  }

  test('looked at, initialised with two PINs of two people, found empty; no PIN is written anywhere', async () => {
    const finished = await birth();
    expect(finished.stderr).not.toContain('unexpected');
    expect(finished.status).toBe(0);
    const view = JSON.parse(finished.stdout) as Records;
    const facts = (step: string) => view.records.find((record) => record.step === step)?.facts ?? [];
    const serial = facts('initialise').find(({ label }) => label === 'Serial number')?.value ?? 'none';
    expect(serial).toMatch(/^[0-9a-f]{16}$/);
    expect(facts('before').some(({ value }) => value?.startsWith('in use as ceremony'))).toBe(true);
    expect(facts('after')).toContainEqual({ kind: 'row', label: 'Serial number', value: serial, mono: true });
    expect(facts('after')).toContainEqual({ kind: 'row', label: 'It holds', value: 'nothing' });
    const said = JSON.stringify(facts('initialise'));
    for (const word of ['E-2001', 'S-7002', 'Jonas Weber', 'Mira Lindqvist']) expect(said).toContain(word);

    // Another program logs in with both PINs, and with neither in the other's place.
    expect(pkcs11ToolAs('born', ['--login', '--pin', NEW_PIN], '--list-objects').trim()).toBe('');
    const officer = ['--login', '--login-type', 'so', '--so-pin'];
    const initPin = ['--init-pin', '--new-pin', NEW_PIN];
    pkcs11ToolAs('born', [...officer, NEW_SECURITY_OFFICER_PIN], ...initPin);
    expect(() => pkcs11ToolAs('born', ['--login', '--pin', NEW_SECURITY_OFFICER_PIN], '--list-objects')).toThrow();
    expect(() => pkcs11ToolAs('born', [...officer, NEW_PIN], ...initPin)).toThrow();
    expect(pkcs11ToolAs('born', [], '--list-slots')).toContain(serial);

    expect(existsSync(join(finished.out, 'transcript.pdf'))).toBe(true);
    expect(existsSync(join(finished.out, 'transcript.json.p7s'))).toBe(false);
    for (const folder of [finished.out, join(finished.folder, 'data')]) {
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const bytes = readFileSync(join(entry.parentPath, entry.name));
        for (const pin of [NEW_PIN, NEW_SECURITY_OFFICER_PIN]) expect(bytes.includes(pin), entry.name).toBe(false);
      }
    }
  });

  test('a token that is in use is refused and keeps what it holds; said so, it is wiped', async () => {
    pkcs11Tool('ceremony', '--keypairgen', '--key-type', 'EC:secp256r1', '--label', 'old');
    const { slots } = JSON.parse((await claviger(['token', 'list', '--module', SOFTHSM_MODULE, '--json'])).stdout) as {
      slots: { slot: string; token: { label: string } }[];
    };
    const slot = slots.find(({ token }) => token.label === 'ceremony')?.slot ?? 'none';
    const folder = temporaryFolder();
    // The security officer's PIN of a token that was initialised before stays the one it has.
    const answers = changed(folder, BIRTH_ANSWERS, (text) =>
      text.replace('officer-of-training-2026', "'4407195523'").concat(`texts: { slot: "${slot}" }\n`),
    );
    const floor = (text: string) => text.replace('securityOfficerPinMinimum: 12', 'securityOfficerPinMinimum: 10');
    const refused = await birth({ answers, script: changed(folder, INITIALISATION, floor) });
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'TOKEN_INITIALISED' } });
    expect(pkcs11Tool('ceremony', '--list-objects')).toContain('old');

    const wipe = (text: string) => floor(text).replace('pinMinimum: 8\n', 'pinMinimum: 8\n      wipe: true\n');
    const wiped = await birth({ answers, script: changed(folder, INITIALISATION, wipe) });
    expect(wiped.stderr).not.toContain('unexpected');
    expect(wiped.status).toBe(0);
    expect(pkcs11ToolAs('born', ['--login', '--pin', NEW_PIN], '--list-objects').trim()).toBe('');
    expect(() => pkcs11Tool('ceremony', '--list-objects')).toThrow();
  });

  test.each<[string, string, (text: string) => string]>([
    ['one PIN for both', 'PIN_REPEATED', (text) => text.replace('officer-of-training-2026', 'training-2026')],
    ['a short PIN', 'PIN_SHORT', (text) => text.replace('officer-of-training-2026', 'short')],
    ['a slot that is not there', 'SLOT_MISSING', (text) => `${text}texts: { slot: "77" }\n`],
    ['a slot that is no number', 'INPUT_INVALID', (text) => `${text}texts: { slot: born }\n`],
  ])('%s is refused, and nothing is initialised', async (_, code, change) => {
    const folder = temporaryFolder();
    const script = changed(folder, INITIALISATION, (text) => text.replace('Minimum: 12', 'Minimum: 8'));
    const finished = await birth({ folder, script, answers: changed(folder, BIRTH_ANSWERS, change) });
    expect(JSON.parse(finished.stdout)).toMatchObject({ error: { code } });
    expect(finished.status).toBe(1);
    expect(pkcs11ToolAs('ceremony', [], '--list-slots')).not.toContain('born');
  });

  test('the last try of a security officer’s PIN is agreed to by a second person, by name', async () => {
    const faulty = compileFaultyModule();
    setFault('PIN final try');
    onTestFinished(() => {
      setFault(null);
      faulty.remove();
    });
    const { slots } = JSON.parse((await claviger(['token', 'list', '--module', SOFTHSM_MODULE, '--json'])).stdout) as {
      slots: { slot: string; token: { label: string } }[];
    };
    const slot = slots.find(({ token }) => token.label === 'ceremony')?.slot ?? 'none';
    const folder = temporaryFolder();
    const answers = changed(folder, BIRTH_ANSWERS, (text) =>
      text.replace('officer-of-training-2026', "'4407195523'").concat(`texts: { slot: "${slot}" }\n`),
    );
    const script = changed(folder, INITIALISATION, (text) =>
      text.replace('Minimum: 12', 'Minimum: 10').replace('pinMinimum: 8\n', 'pinMinimum: 8\n      wipe: true\n'),
    );
    const finished = await birth({ script, answers, module: faulty.path });
    expect(finished.status).toBe(0);
    const { records } = JSON.parse(finished.stdout) as Records;
    expect(records.find(({ step }) => step === 'initialise')?.facts).toContainEqual({
      kind: 'row',
      label: 'Last try agreed by',
      value: 'Inês Duarte',
    });
  });

  test('the software token has nothing to initialise', async () => {
    const finished = await birth({ token: false });
    expect(JSON.parse(finished.stdout)).toMatchObject({ error: { code: 'TOKEN_FILE_MISSING' } });
  });

  test('one role for both PINs is no valid script', async () => {
    const script = changed(temporaryFolder(), INITIALISATION, (text) =>
      text.replace('user: operator', 'user: ceremonyAdministrator'),
    );
    const finished = await birth({ script });
    expect(finished.stderr).toContain('one role sets both PINs');
  });
});

test('the end of keys: absent in the token and on both files, and the paper that is left is told', async () => {
  const folder = temporaryFolder();
  const data = join(folder, 'data');
  const out = join(folder, 'out');
  const token = writeTokenFile(folder);
  const run = async (script: string, into: string, answers: string, more: string[] = []) =>
    claviger([
      ...['ceremony', 'run', script, '--data', data, '--out', into, '--token', token, '--answers', answers, '--json'],
      ...more,
    ]);
  const made = await run(cheapScript(folder), out, ANSWERS);
  expect(made.status).toBe(0);
  // A medium that holds something else under the name of a backup is left alone.
  const other = join(out, 'backup/issuing-2026.kwp');
  writeFileSync(other, 'something else');

  const ended = await run(DESTRUCTION, join(folder, 'ended'), shipped('answers/key-destruction.yaml'), [
    '--checkpoint',
    join(out, 'checkpoint.txt'),
  ]);
  expect(ended.stderr).not.toContain('unexpected');
  expect(ended.status).toBe(0);
  const held = pkcs11Tool('ceremony', '--list-objects');
  for (const label of ['root-2026', 'issuing-2026', 'master-key-2026']) expect(held).not.toContain(label);
  expect(held).toContain('ledger-2026');
  expect(existsSync(join(out, 'backup/root-2026.kwp'))).toBe(false);
  expect(readFileSync(other, 'utf8')).toBe('something else');

  const view = JSON.parse(ended.stdout) as Records;
  const facts = view.records.find(({ step }) => step === 'destroy')?.facts ?? [];
  const told = (label: string) => facts.find((fact) => fact.label === label);
  expect(told('root-2026')).toMatchObject({ verdict: 'go', detail: 'destroyed, and absent by label and by id' });
  expect(told(join(out, 'backup/root-2026.kwp'))).toMatchObject({ verdict: 'go', detail: 'removed, and absent' });
  expect(told(other)?.detail).toContain('left alone');
  expect(told('another copy')).toMatchObject({ verdict: 'warning', detail: 'second medium, Oslo, deposit box 12' });
  for (const number of [1, 2, 3, 4, 5]) {
    expect(told(`Still exists: share sheet ${number}`)?.value).toContain(`bag A-100${number}, seal S-500${number}`);
  }
  expect(told('Still exists: backup sheet of root-2026')).toBeDefined();
  expect(told('Still exists: bundle.cms')).toBeDefined();
  const transcript = readFileSync(join(folder, 'ended/transcript.json'), 'utf8');
  expect(transcript).toContain('Still exists: share sheet 5');

  // Nothing to destroy any more.
  const again = await run(DESTRUCTION, join(folder, 'again'), shipped('answers/key-destruction.yaml'), [
    '--checkpoint',
    join(out, 'checkpoint.txt'),
  ]);
  expect(JSON.parse(again.stdout)).toMatchObject({ error: { code: 'KEY_MISSING' } });
});
