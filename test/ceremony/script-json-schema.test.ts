import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { checkScript } from '../../core/ceremony/check.ts';
import { ACTION_NAMES } from '../../core/ceremony/registry.ts';
import { scriptJsonSchema } from '../../core/ceremony/script-json-schema.ts';
import { Refusal } from '../../core/contract/errors.ts';
import { REPOSITORY, SCRIPT } from '../shipped.ts';

const CEREMONIES = join(REPOSITORY, 'resources/ceremonies');
const SCRIPTS = readdirSync(CEREMONIES).filter((name) => name.endsWith('.yaml'));
const file = readFileSync(join(CEREMONIES, 'script.schema.json'), 'utf8');
const schema = JSON.parse(file) as object;

/** What an editor would underline. */
function underlined(text: string): string[] {
  const ajv = new Ajv({ allErrors: true });
  return ajv.validate(schema, parse(text))
    ? []
    : (ajv.errors ?? []).map(({ dataPath, message }) => `${dataPath} ${message}`);
}

test('the file is what the schemas say; node core/ceremony/write-script-json-schema.ts writes it', () => {
  expect(file).toBe(scriptJsonSchema());
});

test.each(SCRIPTS)('%s names the schema and is valid under it', (name) => {
  const text = readFileSync(join(CEREMONIES, name), 'utf8');
  expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=script.schema.json');
  expect(underlined(text)).toEqual([]);
});

describe('it refuses what the check of schema and parameters refuses', () => {
  const shipped = readFileSync(SCRIPT, 'utf8');
  test.each([
    ['an action that there is not', 'action: take-roles', 'action: shake-hands', '.steps[0].action'],
    ['a parameter of another action', 'purpose: ca', 'scryptLog2N: 17', '.steps[4].parameters'],
    ['a parameter that is missing', ', purpose: ca', '', '.steps[4].parameters'],
    ['parameters that are missing', 'parameters: { label: master-key-2026 }', '', '.steps[3]'],
    ['a value that is none of those', 'EC-P384', 'EC-P999', '.steps[4].parameters.algorithm'],
    ['a number out of range', 'validityDays: 9131', 'validityDays: 9133', '.steps[5].parameters.validityDays'],
    ['a role that there is not', 'acting: operator', 'acting: janitor', '.steps[1].acting'],
    ['a role to hold that there is not', 'witness: 1', 'janitor: 1', '.participants'],
    ['a key that is not in the schema', 'claviger: 1', 'claviger: 1\nmodule: x', ''],
    ['a key of a step that is not', 'section: Prepare', 'sektion: Prepare', '.steps[0]'],
    ['a version that there is not', 'claviger: 1', 'claviger: 2', '.claviger'],
  ])('%s', (_, find, by, at) => {
    const changed = shipped.replace(find, by);
    expect(changed).not.toBe(shipped);
    expect(() => checkScript(changed, 'script.yaml')).toThrow(Refusal);
    expect(underlined(changed).filter((said) => said.startsWith(`${at} `))).not.toEqual([]);
  });
});

type Described = { description?: string; properties?: Record<string, Described>; items?: Described };

describe('an editor can say of everything what it is', () => {
  const { properties } = schema as {
    properties: { steps: { items: { properties: { action: { oneOf: Described[] } }; allOf: Conditional[] } } };
  };
  type Conditional = {
    if: { properties: { action: { const: string } } };
    then: { properties: { parameters: Described } };
  };
  const { items: step } = properties.steps;

  test('every key of a script and of a step', () => {
    expect(undescribed(schema, '')).toEqual(['']);
  });

  test('every action', () => {
    expect(step.properties.action.oneOf.map(({ description }) => typeof description)).toEqual(
      ACTION_NAMES.map(() => 'string'),
    );
    expect(step.allOf.map((one) => one.if.properties.action.const)).toEqual(ACTION_NAMES.toSorted());
  });

  test.each(step.allOf.map((one) => [one.if.properties.action.const, one.then.properties.parameters] as const))(
    'every parameter of %s',
    (_, parameters) => {
      expect(undescribed(parameters, '')).toEqual([]);
    },
  );
});

/** The places that have no description. */
function undescribed({ description, properties = {}, items }: Described, at: string): string[] {
  return [
    ...(description ? [] : [at]),
    ...Object.entries(properties).flatMap(([key, part]) => undescribed(part, `${at}.${key}`)),
    // A list is described as a whole, and the parts of what is in it each.
    ...Object.entries(items?.properties ?? {}).flatMap(([key, part]) => undescribed(part, `${at}[].${key}`)),
  ];
}
