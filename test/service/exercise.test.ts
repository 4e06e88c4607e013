import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { TokenProcess } from '../../core/hsm/process/client.ts';
import { manifestSchema } from '../../core/hsm/process/protocol.ts';
import { scanPdf } from '../../core/print/scan.ts';
import { checkManifest } from '../../core/shares/commitment.ts';
import { refused } from '../hsm/refused.ts';
import { afterRoot, answersOf, at, toStep } from './after-root.ts';

/** An exercise with a dummy set beside a real one: neither is ever taken for the other. */

const ground = afterRoot();

const textOf = async (out: string, number: number) => {
  const [text = ''] = await scanPdf(readFileSync(join(out, `sheets/share-${number}.pdf`)));
  return text;
};
const manifestIn = (out: string) => manifestSchema.parse(JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')));
const printed = (out: string, sheet: string) =>
  execFileSync('pdftotext', ['-layout', join(out, 'sheets', `${sheet}.pdf`), '-'], { encoding: 'utf8' });

test('a dummy set goes its whole way; a real sheet is refused in it, and a dummy sheet everywhere else', async () => {
  const { core } = ground;
  const answers = answersOf('exercise');
  const recovery = await ground.begin('exercise', 'recovery');
  const { out } = recovery;
  const here = at(core, recovery);
  expect(printed(out, 'share-2')).toContain('EXERCISE');
  expect(printed(out, 'share-2')).toContain('Dummy share');
  expect(printed(out, 'share-2')).not.toContain('Key share');
  expect(printed(out, 'manifest')).toContain('Dummy set manifest');
  expect(manifestIn(out).format).toBe('CLV1-EXERCISE');
  const dummies = [await textOf(out, 1), await textOf(out, 2), await textOf(out, 3)];
  // Told apart by eye as well.
  for (const text of dummies) expect(text.slice(0, 5)).toBe('CLV1S');
  const real = await textOf(ground.made, 2);
  expect(real.slice(0, 5)).toBe('CLV1Q');

  expect(await here.show('share-2', { text: real })).toMatchObject({ code: 'SHARE_NOT_OF_EXERCISE' });
  const paper = { scanFile: join(ground.made, 'sheets/share-2.pdf') };
  expect(await here.show('share-2', paper)).toMatchObject({ code: 'SHARE_NOT_OF_EXERCISE' });
  for (const number of [2, 3, 5]) {
    expect(await here.show(`share-${number}`, { scanSheet: number })).toBeNull();
    const wrong = number === 3 ? 'of somebody else' : (answers.passphrases?.[number - 1] ?? '');
    expect(await here.type(`passphrase-${number}`, wrong)).toBeNull();
  }
  expect(await here.perform()).toMatchObject({ code: 'SHARE_PASSPHRASE_WRONG', params: { x: 3 } });
  const shredding = await toStep(core, await here.view(), 'shred', answers);
  const { keyCheckValue } = manifestIn(out);
  expect(shredding.records.at(-1)?.facts[0]).toMatchObject({
    verdict: 'go',
    detail: `what came back gives ${keyCheckValue}`,
  });
  expect(existsSync(join(out, 'sheets/share-2.pdf'))).toBe(true);
  const ended = await toStep(core, shredding, null, answers);
  expect(ended.status).toBe('completed');
  expect([1, 2, 3, 4, 5].filter((number) => existsSync(join(out, `sheets/share-${number}.pdf`)))).toEqual([]);
  const authority = ['-CAfile', join(ground.made, 'root.crt'), '-out', '/dev/null'];
  for (const file of ['manifest.json', 'transcript.json']) {
    const signed = ['-binary', '-inform', 'DER', '-in', `${file}.p7s`, '-content', file];
    execFileSync('openssl', ['cms', '-verify', ...signed, ...authority], { cwd: out, stdio: 'pipe' });
  }

  // The real set is found and used as before, and takes no dummy.
  for (const [name, step] of [
    ['attestation', 'share-1'],
    ['recovery-rehearsal', 'rehearsal'],
  ] as const) {
    const real = at(core, await ground.begin(name, step));
    expect(await real.show('share-1', { text: dummies[0] ?? '' })).toMatchObject({ code: 'SHARE_OF_EXERCISE' });
    expect(await real.show('share-1', { scanSheet: 1 })).toBeNull();
  }

  // Nor does a token process, whoever asks it.
  const process = TokenProcess.start();
  onTestFinished(() => process.close());
  const shown = async (texts: string[], passphrases: string[] | undefined) => {
    const shares: { text: string; passphrase: string }[] = [];
    for (const [index, text] of texts.entries()) {
      const passphrase = await process.sendSecret(new TextEncoder().encode(passphrases?.[index] ?? ''));
      shares.push({ text, passphrase });
    }
    return shares;
  };
  const reals = [await textOf(ground.made, 1), await textOf(ground.made, 2), await textOf(ground.made, 3)];
  const { passphrases } = answersOf('attestation');
  const dummy = manifestIn(out);
  const made = manifestIn(ground.made);
  const recover = async (manifest: typeof made, texts: string[], words = passphrases) =>
    process.call('recoverExercise', { manifest, shares: await shown(texts, words) });
  expect((await recover(dummy, dummies, answers.passphrases)).sharesUsed).toHaveLength(3);
  await refused('MANIFEST_INVALID', () => recover(made, reals));
  await refused('SHARE_NOT_OF_EXERCISE', () => recover(dummy, reals));
  const location = { kind: 'software', folder: join(ground.folder, 'other'), token: 'other' } as const;
  await process.call('open', { location });
  await process.call('login', { pin: await process.sendSecret(Buffer.from('a-pin-2026')), securityOfficerPin: null });
  const rehearse = async (manifest: typeof made, texts: string[]) =>
    process.call('rehearse', { manifest, shares: await shown(texts, passphrases), backups: [] });
  await refused('MANIFEST_INVALID', () => rehearse(dummy, dummies));
  await refused('SHARE_OF_EXERCISE', () => rehearse(made, [dummies[0] ?? '', ...reals.slice(1)]));
  // A dummy manifest does not become a real one by saying so.
  await refused('MANIFEST_INVALID', () => {
    checkManifest({ ...dummy, format: 'CLV1' });
  });
});
