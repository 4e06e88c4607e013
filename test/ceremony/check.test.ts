import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkScript, checkToken, describeScript } from '../../core/ceremony/check.ts';
import type { TokenFile, TokenPlace } from '../../core/hsm/token-file.ts';
import { SCRIPT } from '../shipped.ts';
import { refused } from '../hsm/refused.ts';

const shipped = readFileSync(SCRIPT, 'utf8');

async function complaint(change: (text: string) => string): Promise<string> {
  const changed = change(shipped);
  expect(changed).not.toBe(shipped);
  const { detail } = await refused('SCRIPT_INVALID', () => checkScript(changed, 'script.yaml'));
  return String(detail);
}

describe('a script is checked before anything touches a token', () => {
  test('the shipped one is valid, and its words are those of its hash', () => {
    const described = describeScript(shipped, SCRIPT);
    expect(described.steps).toHaveLength(20);
    expect(described.words).toHaveLength(8);
  });

  test.each<[string, (text: string) => string, RegExp]>([
    ['YAML that does not parse', (text) => text.replace('policy:', 'policy: ['), /line \d+, column \d+/],
    [
      'a key that is not in the schema',
      (text) => text.replace('claviger: 1', 'claviger: 1\nmodule: /lib/x.so'),
      /line 1, column 1|line \d+.*module/,
    ],
    [
      'a threshold above the number of shares',
      (text) => text.replace('threshold: 3', 'threshold: 6'),
      /line \d+, column \d+: policy.*threshold/,
    ],
    [
      'a step without a title',
      (text) => text.replace('title: Take roles', 'titel: Take roles'),
      /line \d+, column \d+: steps\.0/,
    ],
    [
      'an action that does not exist',
      (text) => text.replace('action: take-roles', 'action: shake-hands'),
      /step 1 \(roles\): there is no action/,
    ],
    ['a role that nobody holds', (text) => text.replace('  auditor: 1\n', ''), /nobody holds the role auditor/],
    [
      'one role that acts and confirms',
      (text) => text.replace('confirming: [witness]', 'confirming: [operator]'),
      /acts and confirms/,
    ],
    [
      'a confirmation before roles are taken',
      (text) =>
        text.replace(
          'acting: ceremonyAdministrator\n    primary: Roles',
          'acting: ceremonyAdministrator\n    confirming: [witness]\n    primary: Roles',
        ),
      /before roles are taken/,
    ],
    [
      'custodians who would confirm as one',
      (text) => text.replace('confirming: [witness]', 'confirming: [custodian]'),
      /several people/,
    ],
    ['an id that stands twice', (text) => text.replace('id: roles', 'id: preflight'), /stands twice/],
    [
      'parameters that the action refuses',
      (text) => text.replace('algorithm: EC-P384', 'algorithm: EC-P999'),
      /parameters\.algorithm/,
    ],
    [
      'a certificate for a key that no step makes',
      (text) => text.replace('key: root-2026', 'key: root-2027'),
      /no step makes the key root-2027/,
    ],
    [
      'a rehearsal with too few custodians',
      (text) => text.replace('custodians: [1, 3, 5]', 'custodians: [1, 3]'),
      /takes 3 custodians/,
    ],
    [
      'a rehearsal with one custodian twice',
      (text) => text.replace('custodians: [1, 3, 5]', 'custodians: [1, 3, 3]'),
      /stands twice/,
    ],
    [
      'fewer custodians than shares',
      (text) => text.replace('custodian: 5', 'custodian: 4'),
      /5 shares need as many custodians/,
    ],
  ])('%s', async (_, change, said) => {
    expect(await complaint(change)).toMatch(said);
  });
});

describe('a live ceremony on a software token', () => {
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

  test.each<[string, TokenFile]>([
    ['for the ceremony', fileOf(software, hsm)],
    ['for the rehearsal', fileOf(hsm, software)],
    ['for a rehearsal that names no token', fileOf(hsm, null)],
  ])('%s: refused, unless policy allows it by name, or in training', async (_, file) => {
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
