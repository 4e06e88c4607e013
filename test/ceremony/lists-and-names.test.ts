import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importBundle } from '../../core/bundle/import.ts';
import { bytesOf, lastResult, place, root, scriptOf, service, walk } from './in-process.ts';

/** What several ceremonies made under one authority, as a later one finds and exports it. */

type Step = [id: string, action: string, parameters: object];
const find = (...keys: string[]): Step => ['find', 'find-keys', { keys }];
const list: Step = ['list', 'issue-crl', { issuer: 'root', validityDays: 30, file: 'root.crl' }];

test('a bundle carries two certificates of one file name, and the newest list', async () => {
  const { folder, begin } = place();
  await walk(await begin(scriptOf(true, ...root('root'), ...service('sub', 'root', 'sub.crt'), list), 'one'));
  const more = [...service('sub-2', 'root', 'sub.crt'), ...service('export', 'root')];
  await walk(await begin(scriptOf(false, find('root'), ...more), 'two'));
  const bundled: Step = ['bundle', 'export-bundle', { signedBy: 'export', root: 'root' }];
  await walk(await begin(scriptOf(false, find('root', 'export'), list, bundled), 'three'));
  const out = join(folder, 'three');
  const { written } = await importBundle({
    bundle: join(out, 'bundle.cms'),
    key: join(out, 'recipient.key'),
    directory: join(folder, 'into'),
    now: new Date(),
  });
  const sha256 = (...path: string[]) =>
    createHash('sha256')
      .update(bytesOf(folder, ...path))
      .digest('hex');
  const older = sha256('one', 'sub.crt');
  expect(written.map(({ path, sha256: hash }) => [path, hash]).sort()).toEqual(
    [
      ['root.crt', sha256('one', 'root.crt')],
      ['sub.crt', sha256('two', 'sub.crt')],
      [`sub-${older.slice(0, 8)}.crt`, older],
      ['export.crt', sha256('two', 'export.crt')],
      ['root.crl', sha256('three', 'root.crl')],
    ].sort(),
  );
});

test('a list of an aborted ceremony is found as well: it may have left the room', async () => {
  const { begin } = place();
  await walk(await begin(scriptOf(true, ...root('root'), list), 'one'));
  const end: Step = ['end', 'inventory-token', {}];
  const aborted = await begin(scriptOf(false, find('root'), list, end), 'two');
  await walk(aborted, {}, 'end');
  await aborted.abort('Olga Petrova', 'the power failed');
  const next = await begin(scriptOf(false, find('root')), 'three');
  await walk(next);
  expect(lastResult(next)).toMatchObject({ revocationLists: [{ number: 2 }] });
});
