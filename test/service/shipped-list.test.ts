import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { Refusal } from '../../core/contract/errors.ts';
import { BUILDS } from '../../core/process/made-of.js';
import { LIST, listShipped, lookUp, shippedFiles } from '../../core/service/shipped-list.ts';
import { REPOSITORY } from '../shipped.ts';

const read = (path: string) => {
  const listed = lookUp(path);
  if (listed instanceof Refusal) throw listed;
  return listed;
};

test('the list has every shipped script as its text says, and nothing else', () => {
  const listed = Object.values(JSON.parse(listShipped()) as Record<string, unknown>);
  expect(listed).toEqual(shippedFiles().map(read));
  expect(shippedFiles().map((path) => basename(path))).toContain('root-and-issuing.yaml');
});

test('it lies beside what is built', () => {
  expect(readFileSync(join(REPOSITORY, BUILDS.programs.folder, LIST), 'utf8')).toBe(listShipped());
});
