import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkScript, checkToken, describeScript } from '../../core/ceremony/check.ts';
import { type Complaint, type ErrorCode, Refusal } from '../../core/contract/errors.ts';
import { claviger, temporaryFolder } from '../cli/claviger.ts';
import type { TokenFile, TokenPlace } from '../../core/hsm/token-file.ts';
import { refused } from '../hsm/refused.ts';
import { REPOSITORY, SCRIPT } from '../shipped.ts';

const shipped = readFileSync(SCRIPT, 'utf8');
const TOKEN_SCRIPT = readFileSync(join(REPOSITORY, 'resources/ceremonies/token-initialisation.yaml'), 'utf8');

function refusalOf(code: ErrorCode, work: () => unknown): Refusal {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    expect((error as Refusal).code).toBe(code);
    return error as Refusal;
  }
  throw new Error('nothing was refused');
}

/** Replaces the `occurrence`th find; a text that does not have it fails the test. */
function replaced(text: string, find: string, by: string, occurrence = 1): string {
  let at = -1;
  for (let count = 0; count < occurrence; count++) at = text.indexOf(find, at + 1);
  if (at < 0) throw new Error(`the script does not have ${find}`);
  return text.slice(0, at) + by + text.slice(at + find.length);
}

/** Line and column, from 1, of the only place of `find` in a text. */
function placeOf(text: string, find: string): { line: number; column: number } {
  expect(text.split(find)).toHaveLength(2);
  const before = text.slice(0, text.indexOf(find)).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

type Case = {
  of?: string;
  find: string;
  by: string;
  occurrence?: number;
  /** Text at which the complaint must point. */
  at: string;
  step: string | null;
  says: RegExp;
};

const EARLY =
  '  - { id: early, section: S, title: T, instruction: I, action: inspect-slots, acting: operator, primary: P }\n';

const CASES: Record<string, Case> = {
  'a key that is not in the schema': {
    ...{ find: 'claviger: 1', by: 'claviger: 1\nmodule: /lib/x.so', at: 'module: /lib' },
    ...{ step: null, says: /^module: no such key/ },
  },
  'a key of a step that is not in the schema': {
    ...{
      find: 'section: Prepare',
      by: 'sektion: Prepare',
      at: 'sektion',
      step: 'roles',
      says: /^sektion: no such/,
    },
  },
  'a threshold above the number of shares': {
    ...{
      find: 'threshold: 3',
      by: 'threshold: 6',
      at: 'threshold: 6',
      step: null,
      says: /^policy: threshold must not/,
    },
  },
  'a role that there is not': {
    ...{ find: 'acting: operator', by: 'acting: janitor', at: 'janitor', step: 'preflight', says: /^acting: / },
  },
  'an action that does not exist': {
    ...{ find: 'action: take-roles', by: 'action: take-rolls', at: 'take-rolls' },
    ...{ step: 'roles', says: /^there is no action take-rolls: take-roles perhaps/ },
  },
  'an action that is like no other': {
    ...{ find: 'action: preflight', by: 'action: xyzzy', at: 'xyzzy' },
    ...{ step: 'preflight', says: /^there is no action xyzzy: the actions are .*generate-key/ },
  },
  'an action that nobody holds the role for': {
    ...{ find: '  operator: 1\n', by: '', of: TOKEN_SCRIPT, occurrence: 1 },
    ...{ at: 'operator\n    primary: The machine is fit', step: 'preflight', says: /^nobody holds the role operator/ },
  },
  'a confirmation that nobody holds the role for': {
    ...{ find: 'confirming: [ceremonyAdministrator, witness]', by: 'confirming: [witness, auditor]' },
    ...{ of: TOKEN_SCRIPT, at: 'auditor', step: 'initialise', says: /^nobody holds the role auditor/ },
  },
  'a role that acts and confirms': {
    ...{ find: 'confirming: [witness]', by: 'confirming: [operator]', at: 'operator]' },
    ...{ step: 'token', says: /^dual control: one role, operator, acts and confirms/ },
  },
  'a role that confirms twice': {
    ...{ find: 'confirming: [witness]', by: 'confirming: [witness, witness]', at: 'witness]\n    primary: Open' },
    ...{ step: 'token', says: /^dual control: witness confirms twice/ },
  },
  'one role that sets both PINs': {
    ...{ of: TOKEN_SCRIPT, find: 'user: operator', by: 'user: ceremonyAdministrator', at: 'securityOfficer: c' },
    ...{ step: 'initialise', says: /one role sets both PINs/ },
  },
  'a confirmation before roles are taken': {
    ...{
      find: 'acting: ceremonyAdministrator',
      by: 'acting: ceremonyAdministrator\n    confirming: [auditor]',
      at: '[auditor]\n    primary: Roles',
    },
    ...{ step: 'roles', says: /before roles are taken/ },
  },
  'custodians who would confirm as one': {
    ...{ find: 'confirming: [witness]', by: 'confirming: [custodian]', at: 'custodian]' },
    ...{ step: 'token', says: /several people/ },
  },
  'an id that stands twice': {
    ...{ find: 'id: preflight', by: 'id: roles', at: 'roles\n    section: Prepare\n    title: Check' },
    ...{ step: 'roles', says: /the id roles stands twice/ },
  },
  'nobody who operates': {
    ...{ of: TOKEN_SCRIPT, find: '  operator: 1\n', by: '', at: 'ceremonyAdministrator: 1' },
    ...{ step: null, says: /^nobody is the operator/ },
  },
  'one person alone': {
    ...{ of: TOKEN_SCRIPT, find: /participants:[^]*?(?=steps:)/.exec(TOKEN_SCRIPT)?.[0] ?? '' },
    ...{ by: 'participants:\n  operator: 1\n', at: 'operator: 1', step: null, says: /nobody has another role/ },
  },
  'a token that is used before roles are taken': {
    ...{ of: TOKEN_SCRIPT, find: 'steps:\n', by: `steps:\n${EARLY}`, at: 'inspect-slots, acting' },
    ...{ step: 'early', says: /^it uses a token before roles are taken/ },
  },
  'fewer custodians than shares': {
    ...{ find: 'custodian: 5', by: 'custodian: 4', at: '4\n', step: null, says: /5 shares need as many custodians/ },
  },
  'parameters that the action refuses': {
    ...{
      find: 'EC-P384',
      by: 'EC-P999',
      at: 'EC-P999',
      step: 'root-key',
      says: /^parameters\.algorithm: Invalid option/,
    },
  },
  'a parameter that is missing': {
    ...{ find: ', purpose: ca', by: '', at: '{ label: root-2026, algorithm: EC-P384 }' },
    ...{ step: 'root-key', says: /^parameters\.purpose: / },
  },
  'a parameter that the action does not know': {
    ...{ find: 'purpose: ca', by: 'purpose: ca, exportable: true', at: 'exportable' },
    ...{ step: 'root-key', says: /^parameters\.exportable: no such key/ },
  },
  'a certificate for a key that no step makes': {
    ...{ find: 'key: root-2026', by: 'key: root-2027', at: 'key: root-2027' },
    ...{ step: 'root-certificate', says: /no step makes the key root-2027/ },
  },
  'a root that names an issuer': {
    ...{ find: 'profile: root-ca', by: 'profile: root-ca\n      issuer: root-2026', at: 'key: root-2026' },
    ...{ step: 'root-certificate', says: /a root-ca certificate signs itself/ },
  },
  'a certificate that is valid for longer than its profile allows': {
    ...{ find: 'validityDays: 2919', by: 'validityDays: 2921', at: 'key: issuing-2026' },
    ...{ step: 'issuing-certificate', says: /an? issuing-ca certificate is valid for at most 2920 days/ },
  },
  'a root that points at its own revocation list': {
    ...{ find: 'validityDays: 9131', by: "validityDays: 9131\n      crlUrls: ['http://x.example/r.crl']" },
    ...{ at: 'key: root-2026', step: 'root-certificate', says: /has no CRL address/ },
  },
  'a step without the one that must come before': {
    ...{ find: 'action: backup-keys', by: 'action: inventory-token', at: 'rehearse-recovery' },
    ...{ step: 'rehearsal', says: /no step before it does backup-keys/ },
  },
  'an action that may stand only once': {
    ...{ find: 'action: scan-sheets', by: 'action: take-roles', at: 'take-roles\n    acting: operator' },
    ...{ step: 'scan', says: /take-roles stands twice/ },
  },
  'a rehearsal with too few custodians': {
    ...{ find: 'custodians: [1, 3, 5]', by: 'custodians: [1, 3]', at: '{ keys: [root-2026, issuing-2026], cust' },
    ...{ step: 'rehearsal', says: /takes 3 custodians/ },
  },
  'a recovery without custodians': {
    ...{ of: TOKEN_SCRIPT, find: 'action: inventory-token', by: 'action: rehearse-recovery', at: 'rehearse-recovery' },
    ...{ step: 'after', says: /^a recovery needs 2 custodians/ },
  },
  'a rehearsal with one custodian twice': {
    ...{ find: 'custodians: [1, 3, 5]', by: 'custodians: [1, 3, 3]', at: '{ keys: [root-2026, issuing-2026], cust' },
    ...{ step: 'rehearsal', says: /stands twice/ },
  },
  'a rehearsal with a custodian whom there is not': {
    ...{ find: 'custodians: [1, 3, 5]', by: 'custodians: [1, 3, 6]', at: '{ keys: [root-2026, issuing-2026], cust' },
    ...{ step: 'rehearsal', says: /not that many custodians/ },
  },
  'a file that two steps write': {
    ...{ find: 'file: ledger.crt', by: 'file: root.crt', at: 'key: ledger-2026' },
    ...{ step: 'ledger-certificate', says: /writes root\.crt, which step root-certificate writes already/ },
  },
  'what the profile does not approve': {
    ...{
      find: 'passphraseMinimum: 16',
      by: 'passphraseMinimum: 16\n  profile: fips',
      at: '{ label: master-key-2026 }',
    },
    ...{ step: 'master-key', says: /^profile fips: scrypt is not an approved/ },
  },
};

/** Ten lines that would be ten billion values. */
const BOMB = Array.from({ length: 10 }, (_, depth) =>
  depth === 0
    ? 'a0: &a0 [x]'
    : `a${depth}: &a${depth} [${Array(10)
        .fill(`*a${depth - 1}`)
        .join(', ')}]`,
).join('\n');

describe('a script is checked before anything touches a token', () => {
  test.each(readdirSync(join(REPOSITORY, 'resources/ceremonies')).filter((name) => name.endsWith('.yaml')))(
    '%s is valid, and its words are those of its hash',
    (name) => {
      const text = readFileSync(join(REPOSITORY, 'resources/ceremonies', name), 'utf8');
      const described = describeScript(text, name);
      expect(described.steps.length).toBeGreaterThan(3);
      expect(described.words).toHaveLength(8);
    },
  );

  test.each(Object.entries(CASES))('%s', (_, { of = shipped, find, by, occurrence, at, step, says }) => {
    const text = replaced(of, find, by, occurrence);
    const { complaints } = refusalOf('SCRIPT_INVALID', () => checkScript(text, 'script.yaml'));
    const said = complaints.filter(({ message }) => says.test(message));
    expect(said.length, JSON.stringify(complaints, null, 1)).toBeGreaterThan(0);
    expect(said[0]).toMatchObject({ ...placeOf(text, at), step });
  });

  test('YAML that does not parse', () => {
    const { complaints } = refusalOf('SCRIPT_INVALID', () => checkScript('policy: [\nsteps: }', 'script.yaml'));
    expect(complaints[0]).toMatchObject({ line: 2, column: 1, step: null });
  });

  test.each([
    ['an empty text', ''],
    ['a list', '[]'],
    ['a number', '7'],
    ['steps that are a number', 'steps: 7'],
    ['steps that are no steps', 'steps: [7, null]'],
    ['a list that holds itself', 'a: &a [*a]'],
    ['aliases without end', BOMB],
  ])('a text that is no script: %s', (_, text) => {
    expect(refusalOf('SCRIPT_INVALID', () => checkScript(text, 's')).complaints.length).toBeGreaterThan(0);
  });

  test('nobody takes a role', () => {
    const text = replaced(TOKEN_SCRIPT, 'action: take-roles', 'action: inspect-slots');
    const { complaints } = refusalOf('SCRIPT_INVALID', () => checkScript(text, 's'));
    expect(complaints.map(({ message }) => message).join('\n')).toContain('nobody takes a role');
  });
});

/** Wrong in its policy, in one action, in the parameters of two steps, and in who confirms a third. */
const MANY = [
  ['threshold: 3', 'threshold: 99'],
  ['action: take-roles', 'action: take-role'],
  ['algorithm: EC-P384, purpose: ca', 'algorithm: EC-P385, purpose: ca'],
  ['validityDays: 9131', 'validityDays: many'],
].reduce((text, [find = '', by = '']) => replaced(text, find, by), shipped);

describe('every complaint is made at once', () => {
  test('and only those that are meant: an unknown action is one complaint', () => {
    const text = replaced(shipped, 'action: take-roles', 'action: take-rolls');
    expect(refusalOf('SCRIPT_INVALID', () => checkScript(text, 's')).complaints).toHaveLength(1);
  });

  test('in the order of the text, each at its place', () => {
    const { complaints, params } = refusalOf('SCRIPT_INVALID', () => checkScript(MANY, 'script.yaml'));
    expect(complaints.map(({ step }) => step)).toEqual([null, null, 'roles', 'root-key', 'root-certificate']);
    expect(complaints[0]).toMatchObject(placeOf(MANY, 'threshold: 99'));
    expect(complaints[2]).toMatchObject(placeOf(MANY, 'take-role\n'));
    expect(complaints[3]).toMatchObject(placeOf(MANY, 'EC-P385'));
    expect(complaints[4]).toMatchObject(placeOf(MANY, 'many\n'));
    expect(params['detail']).toMatch(/^line \d+, column \d+: policy.* \(and 4 more\)$/);
  });

  test('by the command line: a line each for people, a list for programs', async () => {
    const folder = temporaryFolder();
    const script = join(folder, 'script.yaml');
    writeFileSync(script, MANY);
    const words = ['ceremony', 'check', script, '--data', join(folder, 'data')];
    const finished = await claviger([...words, '--json']);
    expect(finished.status).toBe(1);
    const { error } = JSON.parse(finished.stdout) as { error: { code: string; complaints: Complaint[] } };
    expect(error.code).toBe('SCRIPT_INVALID');
    expect(error.complaints).toHaveLength(5);
    expect(Object.keys(error.complaints[0] ?? {}).sort()).toEqual(['column', 'line', 'message', 'step']);
    const { line, column } = placeOf(MANY, 'take-role\n');
    expect(finished.stderr).toContain(`${script}:${line}:${column}: step roles: there is no action take-role`);
    expect(finished.stderr.split(`${script}:`)).toHaveLength(6);
  });
});

describe('an output folder', () => {
  test('that is new, or there and empty, is fine', () => {
    const folder = temporaryFolder();
    checkScript(shipped, SCRIPT, [join(folder, 'new')]);
    checkScript(shipped, SCRIPT, [join(folder, 'new'), folder]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that holds what steps would write: each is named at its step', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'sheets'));
    for (const file of ['root.crt', 'sheets/share-5.pdf', 'transcript.json', 'unrelated.txt'])
      writeFileSync(join(folder, file), 'of another day');
    const { complaints } = refusalOf('OUTPUT_EXISTS', () => checkScript(shipped, SCRIPT, [folder]));
    expect(complaints.map(({ step, message }) => [step, message])).toEqual([
      [null, `the folder ${folder} is not empty`],
      ['root-certificate', `${join(folder, 'root.crt')} exists already`],
      ['sheets', `${join(folder, 'sheets/share-5.pdf')} exists already`],
      ['close', `${join(folder, 'transcript.json')} exists already`],
    ]);
    expect(complaints[1]).toMatchObject(placeOf(shipped, 'id: root-certificate'));
  });

  test('on the second medium too: what stands on either is named, and one medium is not two', async () => {
    const [out, copy] = [temporaryFolder(), temporaryFolder()];
    writeFileSync(join(copy, 'root.crt'), 'of another day');
    const check = (...words: string[]) => claviger(['ceremony', 'check', SCRIPT, '--data', out, ...words]);
    const taken = await check('--out', join(out, 'new'), '--copy', copy);
    expect(taken.status).toBe(1);
    expect(taken.stderr).toContain(`the folder ${copy} is not empty`);
    expect(taken.stderr).toContain(`${join(copy, 'root.crt')} exists already`);
    mkdirSync(join(out, 'both'));
    writeFileSync(join(out, 'both/issuing.crt'), 'of another day');
    const { complaints } = refusalOf('OUTPUT_EXISTS', () => checkScript(shipped, SCRIPT, [join(out, 'both'), copy]));
    expect(complaints.map(({ step }) => step)).toEqual([null, 'issuing-certificate', null, 'root-certificate']);
    refusalOf('OUTPUT_EXISTS', () => checkScript(shipped, SCRIPT, [join(out, 'new'), `${out}/./new`]));
    refusalOf('OUTPUT_MISSING', () => checkScript(shipped, SCRIPT, [join(out, 'new'), join(out, 'medium/copy')]));
    expect((await check('--out', join(out, 'new'), '--copy', join(out, 'other'))).status).toBe(0);
    expect(readdirSync(out)).toEqual(['both']);
  });

  test('that is a file, and one on a medium that is not there', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    refusalOf('OUTPUT_EXISTS', () => checkScript(shipped, SCRIPT, [join(folder, 'file')]));
    refusalOf('OUTPUT_MISSING', () => checkScript(shipped, SCRIPT, [join(folder, 'medium/out')]));
    const finished = await claviger(['ceremony', 'check', SCRIPT, '--out', join(folder, 'file'), '--data', folder]);
    expect(finished.status).toBe(1);
    expect(finished.stderr).toContain('OUTPUT_EXISTS: ');
  });
});

const REHEARSAL = join(REPOSITORY, 'resources/ceremonies/recovery-rehearsal.yaml');
const unrehearsed = (text: string) => text.replace(/ {2}- id: rehearsal[^]*?(?= {2}- id: close)/, '');

describe('a script that works with what earlier ceremonies made', () => {
  test.each(readdirSync(join(REPOSITORY, 'resources/ceremonies')).filter((name) => name.endsWith('.yaml')))(
    'shipped: %s, which has sample answers beside it',
    (name) => {
      const path = join(REPOSITORY, 'resources/ceremonies', name);
      expect(describeScript(readFileSync(path, 'utf8'), path).steps.length).toBeGreaterThan(5);
      expect(existsSync(join(REPOSITORY, 'resources/ceremonies/answers', name))).toBe(true);
    },
  );

  test.each<[string, (text: string) => string, RegExp]>([
    [
      'fewer custodians than the threshold',
      (text) => unrehearsed(text).replace('custodian: 3', 'custodian: 2'),
      /at least 3/,
    ],
    ['more custodians than shares', (text) => unrehearsed(text).replace('custodian: 3', 'custodian: 6'), /at most 5/],
    ['one more than it takes', (text) => text.replace('custodian: 3', 'custodian: 4'), /takes 3 custodians/],
    [
      'no share set found before it',
      (text) => text.replace(/ {2}- id: shares[^]*?(?= {2}- id: rehearsal)/, ''),
      /no step before it does backup-keys or find-shares/,
    ],
    [
      'a key twice',
      (text) => text.replace('keys: [root-2026, issuing-2026, l', 'keys: [root-2026, root-2026, l'),
      /stands twice/,
    ],
  ])('%s', async (_, change, said) => {
    const text = readFileSync(REHEARSAL, 'utf8');
    expect(change(text)).not.toBe(text);
    const { detail } = await refused('SCRIPT_INVALID', () => checkScript(change(text), 'script.yaml'));
    expect(String(detail)).toMatch(said);
  });
});

describe('a script that changes custodians', () => {
  test.each<[string, string, [string, string], RegExp]>([
    ['re-share', 'fewer who take a sheet than sheets', ['newCustodian: 6', 'newCustodian: 5'], /6 shares need as many/],
    [
      're-share',
      'fewer old sheets than the old threshold',
      [' custodian: 3', ' custodian: 2'],
      /at least 3, at most 5/,
    ],
    ['re-share', 'more old sheets than there are', [' custodian: 3', ' custodian: 6'], /at least 3, at most 5/],
    ['re-share', 'nobody who takes one', ['  newCustodian: 6\n', ''], /nobody takes the new sheets/],
    [
      're-share',
      'old sheets that nobody asks for',
      ['destroy-sheets', 'inventory-token'],
      /no step does destroy-sheets/,
    ],
    ['re-share', 'old sheets destroyed first', ['rehearse-recovery', 'inventory-token'], /does rehearse-recovery/],
    ['replace-share', 'a share that there is not', ['{ share: 2 }', '{ share: 6 }'], /there is no share 6/],
    ['replace-share', 'two who take one sheet', ['newCustodian: 1', 'newCustodian: 2'], /one newCustodian takes/],
    ['replace-share', 'a sheet that is not read back', ['scan-sheets', 'inventory-token'], /no step does scan-sheets/],
    ['replace-share', 'no register of it', ['change-custody', 'inventory-token'], /no step does change-custody/],
    [
      'rotate-master-key',
      'the new key destroyed',
      ['label: master-key-2027', 'label: master-key-2026'],
      /is the new one/,
    ],
    [
      'rotate-master-key',
      'another old key',
      ['masterKey: master-key-2026', 'masterKey: other'],
      /does not find master-key-2026/,
    ],
    ['rotate-master-key', 'an old key that stays', ['retire-master-key', 'inventory-token'], /retires no master key/],
    [
      'rotate-master-key',
      'backups that stay',
      ['backup-keys', 'inventory-token'],
      /no step before it does backup-keys/,
    ],
    ['custody-change', 'nothing to take', ['auditor: 1', 'auditor: 1\n  newCustodian: 1'], /no step makes a sheet/],
  ])('%s: %s', (name, _, [find, by], said) => {
    const text = readFileSync(join(REPOSITORY, `resources/ceremonies/${name}.yaml`), 'utf8');
    const [head = '', ...steps] = text.split(/(?=^participants:)/m);
    const changed = head + steps.join('').replace(find, by);
    expect(changed).not.toBe(text);
    const { complaints } = refusalOf('SCRIPT_INVALID', () => checkScript(changed, 'script.yaml'));
    expect(complaints.map(({ message }) => message).join('\n')).toMatch(said);
  });
});

describe('a live ceremony', () => {
  const allowing = shipped.replace('policy:', 'policy:\n  softwareToken: allowed');
  const place = (kind: 'pkcs11' | 'software'): TokenPlace => ({
    location:
      kind === 'pkcs11' ? { kind, module: '/m.so', token: 'main' } : { kind, folder: '/tokens/main', token: 'main' },
    pin: 'prompt',
    securityOfficerPin: null,
  });
  const fileOf = (main: TokenPlace, rehearsal: TokenPlace | null, mode: TokenFile['mode'] = 'live'): TokenFile => ({
    ...main,
    mode,
    rehearsal,
  });
  const [hsm, software] = [place('pkcs11'), place('software')];
  const check = (text: string, file: TokenFile) => {
    checkToken(checkScript(text, 'script.yaml'), file);
  };

  test('looks at its machine before it uses a token', async () => {
    const file = fileOf(hsm, hsm);
    const block = / {2}- id: preflight[^]*?(?= {2}- id: )/.exec(shipped)?.[0] ?? '';
    const without = replaced(shipped, block, '');
    const late = replaced(without, '  - id: master-key', `${block}  - id: master-key`);
    for (const text of [without, late]) {
      const { step } = await refused('PREFLIGHT_MISSING', () => {
        check(text, file);
      });
      expect(step).toBe('token');
      check(text, { ...file, mode: 'training' });
    }
  });

  test.each<[string, TokenFile]>([
    ['for the ceremony', fileOf(software, hsm)],
    ['for the rehearsal', fileOf(hsm, software)],
    ['for a rehearsal that names no token', fileOf(hsm, null)],
  ])('on a software token %s: refused, unless policy allows it by name, or in training', async (_, file) => {
    await refused('TOKEN_NOT_LIVE', () => {
      check(shipped, file);
    });
    check(allowing, file);
    check(shipped, { ...file, mode: 'training' });
  });

  test('two HSMs need no leave, and a script that rehearses nothing needs one', () => {
    check(shipped, fileOf(hsm, hsm));
    const birth = readFileSync(SCRIPT.replace('root-and-issuing', 'token-initialisation'), 'utf8');
    check(birth, fileOf(hsm, null));
  });

  test('policy names it, or says nothing', async () => {
    const { detail } = await refused('SCRIPT_INVALID', () =>
      checkScript(allowing.replace('allowed', 'maybe'), 'script.yaml'),
    );
    expect(detail).toMatch(/policy\.softwareToken/);
  });
});
