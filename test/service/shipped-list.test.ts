import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { Refusal } from '../../core/contract/errors.ts';
import { BUILDS } from '../../core/process/made-of.js';
import { LIST, listShipped, lookUp, shippedFiles } from '../../core/service/shipped-list.ts';
import { REPOSITORY } from '../shipped.ts';

const read = async (path: string) => {
  const listed = await lookUp(path);
  if (listed instanceof Refusal) throw listed;
  return listed;
};

test('the list has every shipped script as its text says, and nothing else', async () => {
  const listed = Object.values(JSON.parse(await listShipped()) as Record<string, unknown>);
  expect(listed).toEqual(await Promise.all(shippedFiles().map(read)));
  expect(shippedFiles().map((path) => basename(path))).toContain('root-and-issuing.yaml');
});

test('it lies beside what is built', async () => {
  expect(readFileSync(join(REPOSITORY, BUILDS.programs.folder, LIST), 'utf8')).toBe(await listShipped());
});
