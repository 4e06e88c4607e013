import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { giveAnswers } from '../../core/cli/run-ceremony.ts';
import type { CeremonyView } from '../../core/contract/ceremony.ts';
import type { ErrorValue } from '../../core/contract/errors.ts';
import { valueOf } from '../../core/process/rpc.ts';
import type { CoreProcess } from '../../core/service/client.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { beginCheaply, doStep, give, sampleAnswers, sampleResponder, startCore, walkTo } from './core.ts';

async function perform(core: CoreProcess, view: CeremonyView): Promise<ErrorValue | null> {
  const outcome = await core.call('ceremony.perform', { ceremony: view.id, step: view.current?.id ?? '' });
  return outcome.ok ? null : outcome.error;
}

async function viewOf(core: CoreProcess, view: CeremonyView): Promise<CeremonyView> {
  return valueOf(await core.call('ceremony.view', { ceremony: view.id }));
}

function given(view: CeremonyView): string[] {
  return (view.current?.asks ?? []).filter((ask) => ask.given).map(({ id }) => id);
}

describe('a step that is refused', () => {
  test('leaves a file alone that was there before, and goes on when it is out of the way', async () => {
    const { core, out, view: begun } = await beginCheaply();
    let view = await walkTo(core, begun, 'root-certificate');
    writeFileSync(join(out, 'root.crt'), 'of somebody else');
    await giveAnswers(core, view, sampleResponder);
    expect((await perform(core, view))?.code).toBe('OUTPUT_EXISTS');
    expect(readFileSync(join(out, 'root.crt'), 'utf8')).toBe('of somebody else');
    view = await viewOf(core, view);
    expect(view.current?.failure?.code).toBe('OUTPUT_EXISTS');
    rmSync(join(out, 'root.crt'));
    expect((await doStep(core, view)).current?.id).toBe('read-root');
  });

  test('is confirmed anew when what was confirmed has changed', async () => {
    const { core, view: begun } = await beginCheaply();
    const view = await walkTo(core, begun, 'token');
    const place = { ceremony: view.id, step: 'token' };
    const early = await core.call('ceremony.confirm', { ...place, role: 'witness', shown: view.current?.shown ?? '' });
    expect(early).toMatchObject({ ok: false, error: { code: 'ANSWERS_PENDING' } });
    expect((await give(core, view, 'main-pin', 'abc'))?.code).toBe('PIN_SHORT');
    expect(await give(core, view, 'main-pin', 'a PIN')).toBeNull();
    const { current } = await viewOf(core, view);
    valueOf(await core.call('ceremony.confirm', { ...place, role: 'witness', shown: current?.shown ?? '' }));
    expect((await viewOf(core, view)).current?.ready).toBe(true);
    expect(await give(core, view, 'main-pin', 'another PIN')).toBeNull();
    expect((await viewOf(core, view)).current?.ready).toBe(false);
    expect((await perform(core, view))?.code).toBe('CONFIRMATION_MISSING');
  });

  test('keeps what else was typed', async () => {
    const { core, view: begun } = await beginCheaply();
    const view = await walkTo(core, begun, 'master-key');
    expect(await give(core, view, 'passphrase-2', sampleAnswers.passphrases?.[1] ?? '')).toBeNull();
    expect((await perform(core, view))?.code).toBe('ANSWERS_PENDING');
    expect(given(await viewOf(core, view))).toEqual(['passphrase-2']);
  });
});

describe('a token', () => {
  test('whose process dies takes what was typed with it: it is asked again, and nothing waits for ever', async () => {
    const { core, view: begun } = await beginCheaply();
    const view = await walkTo(core, begun, 'master-key');
    expect(await give(core, view, 'passphrase-1', sampleAnswers.passphrases?.[0] ?? '')).toBeNull();
    expect(given(await viewOf(core, view))).toEqual(['passphrase-1']);
    execFileSync('pkill', ['-KILL', '-P', String(core.pid)]);
    // The process is gone as soon as core has seen it; until then its answer is the same refusal.
    await expect.poll(async () => given(await viewOf(core, view))).toEqual([]);
    expect((await perform(core, view))?.code).toBe('ANSWERS_PENDING');
    expect((await viewOf(core, view)).current?.asks[0]?.id).toBe('main-pin');
    expect((await doStep(core, await viewOf(core, view))).current?.id).toBe('root-key');
  });

  test('that is not the one the ceremony began on is refused before anything is done on it', async () => {
    const { core, data, view: begun } = await beginCheaply();
    const view = await walkTo(core, begun, 'root-key');
    await core.close();
    rmSync(join(data, 'tokens', view.id), { recursive: true });
    const again = startCore(data);
    await giveAnswers(again, await viewOf(again, view), sampleResponder);
    expect((await perform(again, view))?.code).toBe('TOKEN_DIFFERENT');
    expect(readdirSync(join(data, 'tokens', view.id, 'training')).filter((name) => name !== 'token.json')).toEqual([]);
  });

  test('file that has changed is refused; one that is gone stops nothing but the token', async () => {
    const folder = temporaryFolder();
    const token = join(folder, 'token.yaml');
    writeFileSync(token, 'software: here\ntoken: mine\npin: prompt\n');
    const { core, data, view: begun } = await beginCheaply({ token });
    const view = await walkTo(core, begun, 'token');
    await core.close();
    appendFileSync(token, '# a word\n');
    const changed = startCore(data);
    expect(await changed.call('ceremony.view', { ceremony: view.id })).toMatchObject({
      ok: false,
      error: { code: 'TOKEN_FILE_CHANGED' },
    });
    await changed.close();
    rmSync(token);
    const gone = startCore(data);
    expect(await gone.call('ceremony.list', {})).toMatchObject({ ok: true });
    const aborted = await gone.call('ceremony.abort', { ceremony: view.id, person: 'Jonas Weber', reason: 'lost' });
    expect(aborted).toMatchObject({ ok: true, value: { status: 'aborted' } });
  });
});

test('abort erases the encrypted shares that were never printed', async () => {
  const { core, data, view: begun } = await beginCheaply();
  const view = await walkTo(core, begun, 'root-key');
  const files = () => readdirSync(data).filter((name) => name.startsWith('claviger.db'));
  const hold = () => files().some((name) => readFileSync(join(data, name)).includes('CLV1Q'));
  expect(hold()).toBe(true);
  valueOf(await core.call('ceremony.abort', { ceremony: view.id, person: 'Jonas Weber', reason: 'enough' }));
  expect(hold()).toBe(false);
  expect((await perform(core, view))?.code).toBe('CEREMONY_OVER');
});

test('a script whose order cannot work is refused before the day', async () => {
  const folder = temporaryFolder();
  const core = startCore(join(folder, 'data'));
  const check = async (change: (text: string) => string) => {
    const path = join(folder, 'script.yaml');
    const shipped = readFileSync(join(import.meta.dirname, '../../resources/ceremonies/root-and-issuing.yaml'), 'utf8');
    writeFileSync(path, change(shipped));
    const outcome = await core.call('ceremony.check', { script: path });
    return outcome.ok ? '' : String(outcome.error.params['detail']);
  };
  const withoutSheets = (text: string) => text.replace(/ {2}- id: sheets[^]*?(?= {2}- id: scan)/, '');
  expect(await check(withoutSheets)).toContain('no step before it does print-sheets');
  expect(await check((text) => text.replace('file: issuing.crt', 'file: root.crt'))).toContain(
    'which step root-certificate writes already',
  );
  const twice = (text: string) =>
    `${text}\n${/ {2}- id: scan[^]*?primary: Scan all sheets\n/.exec(text)?.[0].replace('id: scan', 'id: again') ?? ''}`;
  expect(await check(twice)).toContain('stands twice');
  expect(existsSync(join(folder, 'data/claviger.db'))).toBe(false);
});
