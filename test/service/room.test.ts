import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkScript } from '../../core/ceremony/check.ts';
import { purposeOf } from '../../core/ceremony/purpose.ts';
import { PURPOSES } from '../../core/contract/commands.ts';
import { DEFAULT_SETTINGS } from '../../core/contract/settings.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { listCameras } from '../../core/service/cameras.ts';
import { en } from '../../renderer/messages/en.ts';
import { claviger, temporaryFolder } from '../cli/claviger.ts';
import { REPOSITORY } from '../shipped.ts';
import { beginCheaply, sampleAnswers, startCore, walkTo } from './core.ts';

/** What a store tells of the room around it: settings, tokens, bundles, what its scripts are for. */

test('settings are kept for the owner alone, what is left out stays, and what is none is refused', async () => {
  const data = join(temporaryFolder(), 'new', 'data');
  const core = startCore(data);
  expect(valueOf(await core.call('settings.read', {}))).toEqual(DEFAULT_SETTINGS);
  valueOf(await core.call('settings.write', { theme: 'dark', printer: 'paper' }));
  expect(valueOf(await core.call('settings.write', { paper: 'Letter', printer: undefined }))).toEqual({
    ...DEFAULT_SETTINGS,
    ...{ theme: 'dark', printer: 'paper', paper: 'Letter' },
  });
  const file = join(data, 'settings.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(data).mode & 0o777).toBe(0o700);
  for (const wrong of [{ theme: 'pink' }, { printer: '' }, { colour: 'red' }]) {
    expect(await core.call('settings.write', wrong as object)).toMatchObject({
      ...{ ok: false, error: { code: 'INPUT_INVALID' } },
    });
  }
  // What a later version added, or a hand got wrong.
  for (const [text, detail] of [
    ['{', 'it is not JSON'],
    ['{"colour":"red"}', 'Unrecognized key: "colour"'],
  ] as const) {
    writeFileSync(file, text);
    expect(await core.call('settings.read', {})).toMatchObject({
      ...{ ok: false, error: { code: 'SETTINGS_INVALID', params: { path: file, detail } } },
    });
  }
  expect(valueOf(await core.call('settings.write', { size: 'projector' }))).toEqual({
    ...DEFAULT_SETTINGS,
    size: 'projector',
  });
  // The store opens beside it.
  expect(valueOf(await core.call('ceremony.list', {})).ceremonies).toEqual([]);
});

test('a training token is known by its ceremony, and shows what it holds under its PIN alone', async () => {
  const { core, view, data } = await beginCheaply();
  expect(valueOf(await core.call('token.list', {})).training).toEqual([]);
  await walkTo(core, view, 'root-key');
  const { training } = valueOf(await core.call('token.list', {}));
  expect(training).toMatchObject([{ ceremony: view.id, title: view.title }]);
  const show = async (pin: string | null) => {
    const ticket = pin === null ? {} : { pin: await core.sendSecret(new TextEncoder().encode(pin)) };
    return core.call('token.show', { token: { training: view.id }, ...ticket });
  };
  expect(await show('wrong one')).toMatchObject({ ok: false, error: { code: 'PIN_WRONG' } });
  expect(await show(null)).toMatchObject({ ok: false, error: { code: 'PIN_SOURCE' } });
  const shown = valueOf(await show(sampleAnswers.pin ?? ''));
  expect(shown.keys.map(({ label }) => label)).toEqual(['master-key-2026']);
  // A name is no way out of the folder of the tokens.
  expect(await core.call('token.show', { token: { training: '../..' } })).toMatchObject({
    ...{ ok: false, error: { code: 'INPUT_INVALID' } },
  });
  // A token file that somebody put beside the store is listed, and says how its PIN comes.
  const file = join(data, 'hsm.yaml');
  writeFileSync(file, 'module: /no/module.so\ntoken: ceremony\npin: { parts: 2 }\nmode: live\n');
  writeFileSync(join(data, 'other.yml'), 'pin: 123456\n');
  const { files, modules } = valueOf(await core.call('token.list', {}));
  expect(files).toMatchObject([
    { path: file, token: { label: 'ceremony', kind: 'pkcs11', pin: 'parts', mode: 'live', rehearsal: null } },
    { path: join(data, 'other.yml'), token: null, error: { code: 'TOKEN_FILE_INVALID' } },
  ]);
  expect(JSON.stringify(files)).not.toContain('123456');
  expect(modules).toEqual(['/no/module.so']);
});

test('a bundle is listed when it is made, and its import is recorded where that is asked for', async () => {
  const { core, view, out, data } = await beginCheaply();
  expect(valueOf(await core.call('bundle.list', {}))).toEqual({ made: [], received: [] });
  const atEnd = await walkTo(core, view, 'close');
  expect(atEnd.current?.id).toBe('close');
  const { made } = valueOf(await core.call('bundle.list', {}));
  expect(made).toMatchObject([
    {
      ...{ sequence: 1, recipient: 'CN=TRAINING throw-away recipient', ceremony: view.id, aborted: false },
      files: [join(out, 'bundle.cms')],
    },
  ]);
  expect(Date.parse(made[0]?.expires ?? '')).toBeGreaterThan(Date.parse(made[0]?.at ?? ''));
  const given = { bundle: join(out, 'bundle.cms'), key: join(out, 'recipient.key'), root: join(out, 'root.crt') };
  const directory = join(temporaryFolder(), 'imported');
  valueOf(await core.call('bundle.import', { ...given, directory: `${directory}-unrecorded` }));
  expect(valueOf(await core.call('bundle.list', {})).received).toEqual([]);
  const imported = valueOf(await core.call('bundle.import', { ...given, directory, record: true }));
  expect(imported.sha256).toBe(made[0]?.sha256);
  const { received } = valueOf(await core.call('bundle.list', {}));
  expect(received).toMatchObject([
    { sequence: 1, sha256: imported.sha256, directory, trust: 'given', rootWords: imported.rootWords },
  ]);
  // Refused, it leaves no row.
  expect(await core.call('bundle.import', { ...given, directory, record: true })).toMatchObject({
    ...{ ok: false, error: { code: 'BUNDLE_REPLAYED' } },
  });
  expect(valueOf(await core.call('bundle.list', {})).received).toHaveLength(1);
  await core.close();
  // A ledger with such a row is in order.
  const { status, stdout } = await claviger(['ledger', 'verify', data]);
  expect({ status, stdout }).toMatchObject({ status: 0 });
});

test('what a script is for shows in its steps; each purpose has a shipped one', async () => {
  const core = startCore(join(temporaryFolder(), 'data'));
  const { scripts } = valueOf(await core.call('app.info', {}));
  const groups = Object.fromEntries(
    PURPOSES.map((purpose) => [
      purpose,
      scripts
        .filter(({ group, language }) => group === purpose && language === 'en')
        .map(({ path }) => /([^/]+)\.yaml$/.exec(path)?.[1] ?? ''),
    ]),
  );
  expect(Object.fromEntries(Object.entries(groups).map(([group, names]) => [group, names.toSorted()]))).toEqual({
    make: ['root-and-issuing', 'token-initialisation', 'vault-initialisation'],
    use: ['crl', 'export', 'issue-intermediate'],
    prove: ['attestation', 'exercise', 'recovery-rehearsal'],
    change: ['custody-change', 're-share', 'replace-share', 'rotate-master-key'],
    recover: ['disaster-recovery', 'vault-recovery'],
    end: ['key-destruction'],
  });
  expect(scripts.filter(({ language }) => language === 'de').map(({ group }) => group)).toEqual(['make']);
  // The longest of the first group is what a window offers first.
  expect(scripts[0]?.path).toMatch(/root-and-issuing\.yaml$/);
  const path = join(REPOSITORY, 'resources/ceremonies/root-and-issuing.yaml');
  const script = checkScript(readFileSync(path, 'utf8'), path);
  const looking = script.steps.filter(({ action }) => ['preflight', 'take-roles'].includes(action));
  expect(purposeOf({ ...script, steps: looking })).toBe('prove');
});

test('cameras are those that give pictures, each once', async () => {
  const folder = temporaryFolder();
  for (const [device, index, name] of [
    ['video0', '0', 'Sheet Camera'],
    ['video1', '1', 'Sheet Camera'],
    ['video2', '0', 'Sheet Camera'],
    ['video3', '0', 'Document Camera: HD'],
  ] as const) {
    mkdirSync(join(folder, device));
    writeFileSync(join(folder, device, 'index'), `${index}\n`);
    writeFileSync(join(folder, device, 'name'), `${name}\n`);
  }
  expect(await listCameras(folder)).toEqual(['Sheet Camera', 'Document Camera: HD']);
  expect(await listCameras(join(folder, 'none'))).toEqual([]);
});

test('what is kept to is told, and every kind of row has its name in the window', async () => {
  const core = startCore(join(temporaryFolder(), 'data'));
  const { rehearsalYears, rotationYears, scripts } = valueOf(await core.call('policy.read', {}));
  expect({ rehearsalYears, rotationYears }).toEqual({ rehearsalYears: 1, rotationYears: 2 });
  expect(scripts.find(({ title }) => title === 'Root and issuing CA 2026')).toMatchObject({
    ...{ threshold: 3, shareCount: 5, passphraseMinimum: 16, softwareToken: false, fips: false },
  });
  const { kinds } = valueOf(await core.call('ledger.list', { limit: 1 }));
  const named = Object.keys(en).flatMap((id) => (id.startsWith('kind.') ? [id.slice('kind.'.length)] : []));
  expect(named.toSorted()).toEqual(kinds.toSorted());
});
