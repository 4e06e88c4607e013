import { z } from 'zod';
import { scriptSchema } from '../contract/script.ts';
import { ACTION_NAMES, actionNamed } from './registry.ts';

type Json = Record<string, unknown>;

/** draft-07 is what editors' YAML language server reads. `input`: as a person writes it, defaults left out. */
const FORM = { io: 'input', target: 'draft-7' } as const;

/**
 * The script's schema as JSON Schema, for editors: what zod says of a script, and for each action what it does and which
 * parameters it takes. What needs more than one look (references, roles, order) is `ceremony check`'s.
 */
export function scriptJsonSchema(): string {
  const schema = z.toJSONSchema(scriptSchema, FORM) as Json;
  const step = itemsOf(schema, 'steps');
  const properties = step['properties'] as Record<string, Json>;
  const actions = ACTION_NAMES.toSorted().map((name) => {
    const { $schema: _, ...parameters } = z.toJSONSchema(actionNamed(name).parameters, FORM) as Json;
    return { name, parameters };
  });
  properties['action'] = {
    description: properties['action']?.['description'],
    oneOf: actions.map(({ name, parameters: { description } }) => ({ const: name, description })),
  };
  // Their form is the action's; here stands what they are for.
  properties['parameters'] = { description: properties['parameters']?.['description'], type: 'object' };
  step['allOf'] = actions.map(({ name, parameters }) => ({
    if: { properties: { action: { const: name } }, required: ['action'] },
    then: { properties: { parameters }, ...(parameters['required'] ? { required: ['parameters'] } : {}) },
  }));
  const { $schema, ...rest } = schema;
  const titled = { $schema, title: 'Claviger ceremony script', ...rest };
  return `${JSON.stringify(titled, null, 2)}\n`;
}

function itemsOf(schema: Json, name: string): Json {
  const list = (schema['properties'] as Record<string, Json>)[name];
  return list?.['items'] as Json;
}
