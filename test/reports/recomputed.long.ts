import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cheapScript, claviger, temporaryFolder } from '../cli/claviger.ts';
import { REPOSITORY, SCRIPT } from '../shipped.ts';
import { expectRecomputed } from './recomputed.ts';

/** A CA from its birth to the destruction of its keys, with an attestation and a list that revokes: the reports say what another program finds. */

test('what is revoked and what is destroyed is so by the signed ledger alone', { timeout: 600_000 }, async () => {
  const folder = temporaryFolder();
  const data = ['--data', join(folder, 'data')];
  const ceremony = (name: string) => join(REPOSITORY, 'resources/ceremonies', name);
  let checkpoint: string[] = [];
  const run = async (name: string, script = ceremony(`${name}.yaml`), change = (text: string) => text) => {
    const answers = join(folder, `${name}-answers.yaml`);
    writeFileSync(answers, change(readFileSync(ceremony(`answers/${name}.yaml`), 'utf8')));
    const out = join(folder, name);
    const words = ['ceremony', 'run', script, '--out', out, '--answers', answers, ...data, ...checkpoint];
    const { status, stderr } = await claviger(words);
    expect(status, stderr).toBe(0);
    return out;
  };
  const made = await run(
    'root-and-issuing',
    cheapScript(folder, (text) => text, SCRIPT),
  );
  checkpoint = ['--checkpoint', join(made, 'checkpoint.txt')];
  const { serialNumber } = new X509Certificate(readFileSync(join(made, 'export.crt')));
  const revocations = `texts:\n  revocations: ${serialNumber} superseded\n`;
  const listed = await run('crl', undefined, (text) => text + revocations);
  checkpoint = ['--checkpoint', join(listed, 'checkpoint.txt')];
  const attested = await run('attestation', undefined, (text) => `${text}texts:\n  absent-2: on leave\n`);
  checkpoint = ['--checkpoint', join(attested, 'checkpoint.txt')];
  await run('key-destruction');
  // The ledger's key is still there, and signs what was destroyed.
  await run('exercise');

  const { inventory, losses, rehearsals } = await expectRecomputed(join(folder, 'data'), join(folder, 'all.ledger'));
  const destroyed = inventory.keys.filter(({ destroyedAt }) => destroyedAt !== null);
  expect(destroyed.map(({ label }) => label)).toEqual(['master-key-2026', 'root-2026', 'issuing-2026']);
  const revoked = inventory.certificates.filter((certificate) => certificate.revoked !== null);
  expect(revoked.map(({ file }) => file)).toEqual(['export.crt']);
  expect(rehearsals.map(({ kind, shares }) => [kind, shares])).toEqual([
    ['recovery', [1, 3, 5]],
    ['attestation', [1, 3, 4, 5]],
  ]);
  expect(rehearsals[1]?.absent).toEqual([{ share: 2, custodian: 'Chen Wei', reason: 'on leave' }]);
  expect(losses.keys.map(({ label }) => label)).toEqual(['ledger-2026', 'export-2026']);
  expect(losses.reissue.map(({ depth }) => depth)).toEqual([0, 1, 1]);
});
