import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { VAULT_COMMANDS } from '../../core/contract/vault-commands.ts';
import { DEFAULT_POLICY } from '../../core/contract/vault.ts';
import { SecretBox } from '../../core/process/secret-channel.ts';
import { Changes } from '../../core/service/changes.ts';
import { handle, handlersOf } from '../../core/service/handlers.ts';
import type { Peer } from '../../core/service/vault.ts';
import { bytes, preparedData, refusal } from './sample-vault.ts';
import { openPipe } from './open-pipe.ts';

/** The command table from outside, as every face of it calls. */

/** They are nobody's: how somebody becomes somebody. */
const OPEN = [
  'vault.status',
  'vault.initialise',
  'vault.unlock',
  'vault.login',
  'vault.logout',
  'vault.restore',
  'vault.moveKey',
];
const EXAMPLES: Record<string, unknown> = {
  ...{ owner: 'billing', environment: 'testing', name: 'x', purpose: 'why', action: 'get', kind: 'person' },
  ...{
    value: '0'.repeat(32),
    password: '0'.repeat(32),
    secret: '0'.repeat(32),
    scope: { owner: '*', environment: '*', name: '*' },
  },
  ...{
    rights: ['READ'],
    grant: '7d444840-9dc0-41d1-b245-5ffdce74fad2',
    request: '7d444840-9dc0-41d1-b245-5ffdce74fad2',
  },
  ...{ olderThan: '2026-01-01', out: '/tmp/out', file: '/tmp/file', recipient: 'PEM', sha256: '0'.repeat(64) },
  ...{ context: { row: '7' }, wrapped: 'AAAA' },
  ...{ emergency: '7d444840-9dc0-41d1-b245-5ffdce74fad2', finding: 'nothing was done', operations: 0 },
  ...{ allowed: true, of: 'mail', reason: 'nothing answers', code: '000000' },
  ...{ shown: '0'.repeat(64), to: { uid: 1 }, disabled: true, limit: 1 },
};

test('no command of the vault does anything for nobody, and none for anybody while it is locked', async () => {
  const home = mkdtempSync(join(tmpdir(), 'claviger-vault-'));
  await preparedData(join(home, 'data'));
  const box = new SecretBox(openPipe());
  const { handlers, close } = handlersOf({
    ...{ data: join(home, 'data'), box, changes: new Changes(), clock: () => new Date() },
    random: (length) => new Uint8Array(randomBytes(length)),
  });
  const peer = (): Peer => ({ address: 'pipe', agent: 'test', credential: null });
  const call = (command: string, input: unknown) => handle(handlers, command, input, peer());
  try {
    expect(await call('vault.status', {})).toMatchObject({ state: 'none' });
    const secret = () => box.keep(bytes('a passphrase for the keystore'));
    const make = () =>
      call('vault.initialise', {
        ...{ key: { keystore: true }, secret: secret(), administrator: 'ada', password: secret() },
      });
    expect(await refusal(() => call('vault.whoami', {}))).toMatchObject({ code: 'VAULT_NEW' });
    await make();
    expect(await refusal(make)).toMatchObject({ code: 'VAULT_EXISTS' });
    const somebodys = Object.entries(VAULT_COMMANDS).filter(([name]) => !OPEN.includes(name));
    expect(somebodys.length).toBeGreaterThan(20);
    for (const [name, { input }] of somebodys) {
      const wanted = Object.fromEntries(
        Object.keys(input.shape).map((key) => [
          key,
          key === 'policy' ? DEFAULT_POLICY : key === 'version' ? 2 : EXAMPLES[key],
        ]),
      );
      const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
      // What is refused is the caller, and not the input.
      expect(input.safeParse(given).success, name).toBe(true);
      expect((await refusal(() => call(name, given))).code, name).toBe('LOGIN_REFUSED');
    }
  } finally {
    await close();
    rmSync(home, { recursive: true, force: true });
  }
});
