import { readFileSync } from 'node:fs';
import { URI } from 'otpauth';
import { DEFAULT_POLICY } from '../../core/contract/vault.ts';
import { HolderProcess } from '../../core/service/holder-client.ts';
import { breakGlass } from './turns-emergency.ts';
import { rotateKeys } from './turns-keys.ts';
import { rotateSecrets } from './turns-secrets.ts';
import type { Turns, TurnsSecret, TurnsWalk } from './turns.ts';
import { walking } from './walking.ts';

/**
 * Carries marked secrets through what turns over in a vault: rotations of its KEK, of data keys and of secrets, emergency access, and the cache in Redis: `turns-walk.ts INPUT.json`. What it says
 * and hears is as in vault-walk.ts.
 */

const walk = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as TurnsWalk;
const walker = walking(walk);
const { say, secret, hear, over, refused, same, place } = walker;

const holder = HolderProcess.start({ data: walk.data });
const { transport } = holder;
const text = (bytes: Uint8Array | null) => new TextDecoder().decode(bytes ?? undefined);
const none = new Uint8Array(0);
const made = await transport.call(
  'vault.initialise',
  { key: { keystore: true }, administrator: 'ada' },
  { secret: secret('passphrase'), password: secret('password') },
);
const totp = URI.parse(text(made.secret));
hear('codes of ada', totp.secret.bytes);
/** A code counts once: the second one is that of the next half minute. */
async function login(later: number): Promise<ReturnType<typeof over>> {
  const code = totp.generate({ timestamp: Date.now() + later });
  const { secret: session } = await transport.call('vault.login', { name: 'ada', code }, { password: secret('password') }); // prettier-ignore
  hear('session', session ?? none);
  return over(transport, session ?? none);
}
const first = await login(0);
await first('vault.addPrincipal', { name: 'billing', kind: 'service', system: true });
await first('vault.addPrincipal', { name: 'keeper', kind: 'person', system: false });
const everything = { owner: '*', environment: '*', name: '*' } as const;
await first('vault.grant', { name: 'billing', scope: everything, rights: ['READ', 'WRITE', 'ADMIN', 'ROTATE'] });
const token = (await first('vault.issueToken', { name: 'billing' })).secret ?? none;
// `clv_`, who it is of, and then what is secret.
hear('token', token.subarray(4 + 36 + 1));
await first('vault.setOutsidePassword', { of: 'redis' }, { password: secret('redis password') });
await first('vault.setOutsidePassword', { of: 'mail' }, { password: secret('mail password') });
const { port, ca } = walk.mail;
await first('vault.changePolicy', {
  version: 2,
  policy: {
    ...DEFAULT_POLICY,
    redis: walk.redis,
    emergency: {
      ...{ minutes: 60, rights: ['READ', 'WRITE'] },
      notifiers: [
        { kind: 'file', name: 'journal', path: place('notices.jsonl') },
        { kind: 'command', name: 'pager', program: place('programs/page') },
        {
          ...({ kind: 'smtp', name: 'mail', host: '127.0.0.1', port, tls: 'starttls', ca, user: 'vault' } as const),
          ...{ from: 'vault@example.org', to: ['security@example.org'], language: 'de' as const },
        },
      ],
    },
  },
});
// It looks for Redis when it is opened.
await first('vault.lock', {});
await refused('KEYSTORE_PASSPHRASE_WRONG', () =>
  over(transport)('vault.unlock', {}, { secret: secret('wrong passphrase') }),
);
await over(transport)('vault.unlock', {}, { secret: secret('passphrase') });
const ada = await login(30_000);
const billing = over(transport, token);
const turns: Turns = { walk, walker, ada, billing, transport };

async function becomesReady(): Promise<void> {
  for (;;) {
    const { output } = await transport.call('vault.health', {}, { bearer: token });
    if (output.cache.distributed === 'ready') return;
  }
}
const session = { owner: 'web', environment: 'production', name: 'session' } as const;
/** Twice: what the first one opens lies in Redis for the second. */
async function readCached(name: TurnsSecret): Promise<void> {
  for (const _ of [1, 2]) same((await billing('vault.get', session)).secret, name);
}
await becomesReady();
await billing('vault.put', { ...session, category: 'session-key' }, { value: secret('session value') });
await readCached('session value');
walker.keepMoment();

await rotateSecrets(turns);
await breakGlass(turns);
await rotateKeys(turns, () => readCached('session value'));
await billing('vault.put', session, { value: secret('next session value') });
await readCached('next session value');
await becomesReady();
await readCached('next session value');

for (const command of ['vault.health', 'vault.alerts', 'vault.list', 'vault.metrics'] as const) {
  await billing(command, {});
}
await ada('vault.backup', { out: place('vault.backup') });
walker.keepMoment();
await holder.close();
say('walked');
