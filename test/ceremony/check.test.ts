import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkScript, describeScript } from '../../core/ceremony/check.ts';
import { REPOSITORY, SCRIPT } from '../shipped.ts';
import { refused } from '../hsm/refused.ts';

const shipped = readFileSync(SCRIPT, 'utf8');

async function complaint(change: (text: string) => string): Promise<string> {
  const changed = change(shipped);
  expect(changed).not.toBe(shipped);
  const { detail } = await refused('SCRIPT_INVALID', () => checkScript(changed, 'script.yaml'));
  return String(detail);
}

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
