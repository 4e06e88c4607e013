import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Answer } from '../../core/contract/commands.ts';
import type { ErrorValue } from '../../core/contract/errors.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { scanPdf } from '../../core/print/scan.ts';
import { shareLines } from '../../core/shares/lines.ts';
import { beginCheaply, doStep, give, sampleAnswers, walkTo } from './core.ts';

const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../shares/golden.json'), 'utf8')) as {
  shares: { text: string }[];
};

test('wrong sheets and passphrases are named, change nothing, and the right ones go on', async () => {
  const { core, out, view: begun } = await beginCheaply();
  let view = await walkTo(core, begun, 'rehearsal');
  const place = { ceremony: view.id, step: 'rehearsal' };
  const show = async (ask: string, answer: Answer): Promise<ErrorValue | null> => {
    const outcome = await core.call('ceremony.answer', { ...place, ask, answer });
    return outcome.ok ? null : outcome.error;
  };
  const perform = async (): Promise<ErrorValue | null> => {
    const outcome = await core.call('ceremony.perform', place);
    return outcome.ok ? null : outcome.error;
  };
  const [text = ''] = await scanPdf(readFileSync(join(out, 'sheets/share-1.pdf')));
  const typed = shareLines(text).map(({ groups, check }) => `${groups.join(' ')} ${check}`);

  // One character of line 3 differs.
  const wrong = typed.map((line, index) => (index === 2 ? (line.startsWith('Q') ? 'P' : 'Q') + line.slice(1) : line));
  const damaged = await show('share-1', { text: wrong.join('\n') });
  expect(damaged?.code).toBe('SHARE_DAMAGED');
  expect(damaged?.params['detail']).toContain('line 3');
  expect((await show('share-1', { text: 'a shopping list' }))?.code).toMatch(/SHARE_(UNKNOWN_FORMAT|DAMAGED)/);
  expect((await show('share-1', { text: golden.shares[0]?.text ?? '' }))?.code).toBe('SHARE_FOREIGN');
  expect((await show('share-1', { scanSheet: 9 }))?.code).toBe('FILE_MISSING');

  // The same as bytes beside JSON, as the window sends them; and twice the same sheet.
  expect((await give(core, view, 'share-1', wrong.join('\n')))?.code).toBe('SHARE_DAMAGED');
  expect(await give(core, view, 'share-1', typed.join('\n'))).toBeNull();
  expect(await show('share-3', { scanSheet: 1 })).toMatchObject({ code: 'SHARE_REPEATED' });
  expect(await show('share-3', { scanSheet: 3 })).toBeNull();
  const pending = await perform();
  expect(pending).toMatchObject({ code: 'ANSWERS_PENDING' });
  expect(pending?.params['asks']).toContain('Share of custodian 5');
  expect(await show('share-5', { scanSheet: 5 })).toBeNull();

  const passphrases = sampleAnswers.passphrases ?? [];
  const type = async (number: number, passphrase: string) => {
    expect(await give(core, view, `passphrase-${number}`, passphrase)).toBeNull();
  };
  await type(1, passphrases[0] ?? '');
  await type(3, 'not the passphrase');
  await type(5, passphrases[4] ?? '');
  const { current } = valueOf(await core.call('ceremony.view', { ceremony: view.id }));
  valueOf(await core.call('ceremony.confirm', { ...place, role: 'auditor', shown: current?.shown ?? '' }));
  // Named by the number on the sheet.
  expect(await perform()).toMatchObject({ code: 'SHARE_PASSPHRASE_WRONG', params: { x: 3 } });

  view = valueOf(await core.call('ceremony.view', { ceremony: view.id }));
  expect(view).toMatchObject({ status: 'running', current: { id: 'rehearsal' } });
  expect(view.current?.failure?.code).toBe('SHARE_PASSPHRASE_WRONG');
  // The sheets need not be shown again, the passphrases are.
  const waiting = view.current?.asks.filter(({ given }) => !given).map(({ id }) => id);
  expect(waiting).toEqual(['passphrase-1', 'passphrase-3', 'passphrase-5']);
  view = await doStep(core, view);
  view = await walkTo(core, view, 'bundle');

  // A recipient that is not there is refused when it is named, and another may be named.
  const recipient = (text: string) =>
    core.call('ceremony.answer', { ceremony: view.id, step: 'bundle', ask: 'recipient', answer: { text } });
  expect(await recipient('/none/such.pem')).toMatchObject({ ok: false, error: { code: 'FILE_MISSING' } });
  expect(await recipient(join(out, 'root.crt'))).toMatchObject({ ok: false, error: { code: 'CERTIFICATE_INVALID' } });
  view = await walkTo(core, view, 'close');
  await doStep(core, view);
  // The signed transcript tells of the try that failed.
  const transcript = JSON.parse(readFileSync(join(out, 'transcript.json'), 'utf8')) as {
    incidents: { text: string }[];
  };
  expect(transcript.incidents.map(({ text: told }) => told)).toContain('The passphrase of share 3 is wrong.');

  // Nothing that a custodian showed or typed stands in the ledger.
  await core.close();
  const data = join(out, '../data');
  for (const file of readdirSync(data).filter((name) => name.startsWith('claviger.db'))) {
    const bytes = readFileSync(join(data, file));
    expect(bytes.includes(text)).toBe(false);
    for (const passphrase of passphrases) expect(bytes.includes(passphrase)).toBe(false);
  }
});
