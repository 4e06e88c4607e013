import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { answersResponder } from '../../core/cli/answers.ts';
import { runCeremony } from '../../core/cli/run-ceremony.ts';
import type { AlertView } from '../../core/contract/vault-keeping.ts';
import type { LossReport } from '../../core/contract/compliance.ts';
import { explain } from '../../core/contract/explain.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { claviger } from '../cli/claviger.ts';
import { answersOf } from '../service/after-root.ts';
import { startCore } from '../service/core.ts';
import { REPOSITORY } from '../shipped.ts';
import { LostToken, READABLE, TRIED, type Service, identity, peer, serviceOf, shipped } from './lost-token.ts';
import { refusal } from './sample-vault.ts';

/**
 * Requirement K6 in one go, on real tokens: a ceremony makes a vault's key, the token is lost, and sheets and one medium bring the key back into another token, where it opens the same vault. Or
 * they do not, and what is lost is told, and learned from. Each test goes on where the one before it ended.
 */

const ground = new LostToken();
const ALL = [...READABLE, ...TRIED].map(([name]) => name);
let core: Service;
/** As `vault serve` counts it: how long an open vault is without a look at its key (milliseconds). */
const KEEP_MS = 15_000;

beforeAll(async () => {
  // Time that passes is the test's; only what repeats waits for it.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await ground.ceremony();
  core = serviceOf(ground.at('data'), ground.clock);
  await ground.vault(core);
  await core.handlers['vault.backup']({ out: ground.at('vault.backup') }, ground.ada);
});
afterAll(async () => {
  await core.close();
  vi.useRealTimers();
  ground.remove();
});

/** The commands of the page for whom it has happened to, and what they say. A ceremony's people are a file. */
const PAGE = [
  ...readFileSync(join(REPOSITORY, 'docs/ops/disaster-recovery.md'), 'utf8').matchAll(/```bash\n([^`]+)```/g),
].map(([, commands = '']) => commands);
async function ran(commands: string, env: Record<string, string>): Promise<string> {
  const launcher = join(REPOSITORY, 'core/cli/claviger.js');
  const people = '[ "$1" != ceremony ] || set -- "$@" --answers "$ANSWERS"';
  const script = `set -e\nclaviger() { ${people}; "${process.execPath}" "${launcher}" "$@"; }\n${commands}`;
  const run = { cwd: REPOSITORY, env: { ...process.env, ...env } };
  return (await promisify(execFile)('bash', ['-c', script], run)).stdout;
}

async function checks({ handlers }: Service): Promise<(string | null)[]> {
  const { rows } = await handlers['ledger.list']({ kind: 'vault.key-check', limit: 10 }, peer('pipe'));
  return rows.map(({ body }) => (body as { code: string | null }).code);
}

const keyAlerts = async ({ handlers }: Service): Promise<AlertView[]> =>
  (await handlers['vault.alerts']({}, ground.ada)).alerts.filter(({ alert }) => alert === 'key');

test('a token that is lost under an open vault is found by the next look at the key, and at the next unlock', async () => {
  const { handlers } = core;
  expect((await handlers['vault.health']({}, ground.ada)).key).toMatchObject({ ok: true, detail: null });
  ground.lose('ceremony');
  vi.advanceTimersByTime(KEEP_MS);
  while ((await checks(core)).length === 0) await nextTurn();
  expect(await checks(core)).toEqual(['KEY_MISSING']);
  expect(await keyAlerts(core)).toHaveLength(1);
  expect((await handlers['vault.health']({}, ground.ada)).key).toMatchObject({ ok: false });
  // What does not open now is not said to be damaged.
  const asked = { ...identity('db/main'), purpose: 'as on any day' };
  expect((await refusal(() => handlers['vault.get'](asked, ground.billing()))).code).toBe('KEY_MISSING');

  await handlers['vault.lock']({}, ground.ada);
  const refused = await refusal(() => handlers['vault.unlock']({}, ground.ada));
  expect(refused.value).toMatchObject({
    code: 'VAULT_KEY_GONE',
    params: { where: 'ceremony', cause: 'TOKEN_MISSING' },
  });
  expect(explain(refused.value).next).toMatch(/vault-recovery.*move-key.*disaster-recovery\.md/);
  expect(await checks(core)).toEqual(['KEY_MISSING', 'VAULT_KEY_GONE']);
  await core.close();
});

test('with too few shares the ceremony says that it cannot, and the ledger tells what is lost with the key', async () => {
  const token = ground.tokenFile('new');
  const run = (...words: string[]) =>
    claviger(['ceremony', 'run', shipped('vault-recovery'), ...words, '--token', token, '--json']);
  const codeOf = ({ status, stdout }: { status: number | null; stdout: string }) => {
    expect(status).toBe(1);
    return (JSON.parse(stdout) as { error: { code: string } }).error.code;
  };
  const two = ground.answers((answers) => ({
    ...answers,
    participants: { ...answers.participants, custodian: ['Chen Wei', 'Pavel Novák'] },
  }));
  const few = await run('--data', ground.at('few'), '--out', ground.at('few-out'), '--answers', two);
  expect(codeOf(few)).toBe('PARTICIPANTS_MISSING');

  const told = JSON.parse(await ground.said('report', 'losses', '--data', ground.at('data'), '--json')) as LossReport;
  expect(told.keys.map(({ label, backups }) => [label, backups])).toEqual([
    ['vault-master-2026', 0],
    ['vault-kek-2026', 1],
    ['vault-ledger-2026', 0],
  ]);
  expect(told.reissue.map(({ name }) => name)).toEqual(['TRAINING Example Vault Ledger L1']);
  expect(Object.fromEntries(told.secrets.map(({ name, remedy }) => [name, remedy]))).toEqual({
    ...{ 'db/main': 'replace', 'tls/www': 'reissue', login: 'reset', api: 'replace' },
  });
  const words = ['--what', 'The token was wiped.', '--cause', 'It was taken for an empty one.', '--lost', 'All of it.'];
  const lessons = ['--lessons', 'A bag for the token, too.', '--person', 'Ines Ortega', 'Tomas Weber'];
  await ground.said('incident', 'record', ...words, ...lessons, '--data', ground.at('data'));
  expect(await ground.said('incident', 'list', '--data', ground.at('data'))).toContain('A bag for the token, too.');

  // What was there stays as evidence, and a new vault is begun beside it.
  const init = ['--administrator', 'ada', '-o', ground.at('ada.otpauth')];
  const secrets = ['--pin-file', ground.secret('passphrase'), '--password-file', ground.secret('password')];
  await ground.said('vault', 'init', '--data', ground.at('begun'), ...init, ...secrets);
  await ground.said('ledger', 'verify', ground.at('data'));
});

test('three sheets and one medium bring the key back into another token, and the vault opens there', async () => {
  const token = ground.tokenFile('new');
  const data = ['--data', ground.at('data')];
  const early = await claviger(['vault', 'move-key', '--token', token, ...data, '--json']);
  expect(JSON.parse(early.stdout)).toMatchObject({ error: { code: 'KEY_MISSING' } });
  const [commands = ''] = PAGE;
  const here = { TOKEN: token, DATA: ground.at('data'), NEW: ground.at('recovery'), ANSWERS: ground.answers() };
  expect(await ran(commands, here)).toContain('and opens the vault');

  core = serviceOf(ground.at('data'), ground.clock);
  expect(await core.handlers['vault.unlock']({}, ground.ada)).toMatchObject({ state: 'open' });
  expect(await ground.opened(core)).toEqual(ALL);
  await ground.login(core);
  expect((await core.handlers['vault.health']({}, ground.ada)).key).toMatchObject({ ok: true, detail: null });
  // Its end is told once, and what is stored from here on opens as well.
  expect(await checks(core)).toEqual(['KEY_MISSING', 'VAULT_KEY_GONE', null]);
  await ground.put(core, 'db/after', 'database-password');
  await core.close();
  await ground.said('ledger', 'verify', ground.at('data'));
});

test('on an empty machine the backup of the vault and the token with the key are enough', async () => {
  const empty = ground.at('elsewhere');
  const here = { TOKEN: ground.tokenFile('new'), BACKUP: ground.at('vault.backup'), ELSEWHERE: empty };
  expect(await ran(PAGE[1] ?? '', here)).toContain(empty);
  core = serviceOf(empty, ground.clock);
  await core.handlers['vault.unlock']({}, ground.ada);
  expect(await ground.opened(core)).toEqual(ALL);
  // What was stored after the backup is not there.
  const later = { ...identity('db/after'), purpose: 'to see' };
  expect((await refusal(() => core.handlers['vault.get'](later, ground.billing()))).code).toBe('VAULT_REFUSED');
});

/** The ceremony in a new store, from the sheets as they are typed and the medium. */
async function recover(script: string, token: string, name: string): Promise<void> {
  const air = startCore(ground.at(name));
  const responder = answersResponder({ ...answersOf('vault-recovery'), texts: { medium: ground.at('medium') } });
  const begun = { script, out: ground.at(`${name}-out`), token };
  const view = await runCeremony(air, valueOf(await air.call('ceremony.begin', begun)), {
    ...responder,
    answer: (ask) =>
      ask.kind === 'share'
        ? Promise.resolve({ text: ground.typed(Number(ask.id.split('-').at(-1))) })
        : responder.answer(ask),
  });
  expect(view.status).toBe('completed');
}

test('a key that was rotated since comes back from the backup that its rotation left, by a script that names it', async () => {
  const { handlers } = core;
  await ground.login(core);
  await handlers['vault.rotateKey']({ graceHours: 1 }, ground.ada);
  const ended = async () => {
    for (;;) {
      const { rotation } = await handlers['vault.rotation']({}, ground.ada);
      if (!rotation?.running) return rotation;
      await nextTurn();
    }
  };
  const backup = (await ended())?.backup?.file ?? '';
  const label = basename(backup, '.kwp');
  await handlers['vault.finishRotation']({ now: true }, ground.ada);
  expect(await ended()).toMatchObject({ phase: 'finished', stopped: null });
  await core.close();
  copyFileSync(ground.at(`elsewhere/${backup}`), ground.at(`medium/backup/${label}.kwp`));
  ground.lose('new');

  const script = ground.at('rotated.yaml');
  writeFileSync(script, readFileSync(shipped('vault-recovery'), 'utf8').replace('vault-kek-2026', label));
  const token = ground.tokenFile('newest');
  await recover(script, token, 'recovery-2');
  const data = ['--data', ground.at('elsewhere')];
  expect(await ground.said('vault', 'move-key', '--token', token, ...data)).toContain(label);
  core = serviceOf(ground.at('elsewhere'), ground.clock);
  await core.handlers['vault.unlock']({}, ground.ada);
  expect(await ground.opened(core)).toEqual(ALL);
});
