import { writeFileSync } from 'node:fs';
import type { SecretIdentity } from '../../core/contract/vault.ts';
import type { Turns } from './turns.ts';

/** Rotates secrets: one that is drawn, one by a program, and a login of PostgreSQL by two roles; to the end, back, and back by itself where a step fails. */
export async function rotateSecrets({ walk, walker, ada, billing }: Turns): Promise<void> {
  const { secret, hear, refused, same, keepMoment } = walker;
  const at = (name: string) => ({ owner: 'web', environment: 'production', name }) as const;
  const valueOf = async (identity: SecretIdentity) =>
    (await billing('vault.get', identity)).secret ?? new Uint8Array(0);

  // Its category draws 32 bytes.
  const session = at('session');
  await billing('vault.rotateSecret', { ...session, dryRun: true });
  for (const turn of [1, 2]) {
    await billing('vault.rotateSecret', { ...session, urgent: true });
    hear(`drawn session ${turn}`, await valueOf(session));
    keepMoment();
  }
  await billing('vault.rotateSecret', { ...session, back: true });
  await billing('vault.rotateSecret', session, { value: secret('session value') });
  same(await valueOf(session), 'session value');

  // A program, which says aloud what it is given.
  const key = at('key');
  const drawn = { length: 40, alphabet: 'abcdefghijklmnop' };
  const program = { name: 'command', program: 'take', value: drawn, seconds: 60 } as const;
  await billing('vault.put', { ...key, category: 'system-configuration' }, { value: secret('program value') });
  await ada('vault.setPlan', { ...key, plan: { rotator: program, after: { program: 'tell' } } });
  await billing('vault.rotateSecret', key);
  hear('drawn for a program', await valueOf(key));
  for (const step of ['apply', 'verify']) {
    writeFileSync(walk.fails, step);
    await refused('RENEWAL_ROLLED_BACK', () => billing('vault.rotateSecret', key));
    keepMoment();
  }
  // Neither forward nor back; it is taken back when the program can again.
  writeFileSync(walk.fails, 'apply roll-back');
  await refused('ROTATOR_FAILED', () => billing('vault.rotateSecret', key));
  keepMoment();
  writeFileSync(walk.fails, '');
  await billing('vault.rotateSecret', { ...key, back: true });

  // Two roles that take turns.
  const login = at('db/main');
  const json = (username: string, password: Uint8Array) =>
    new TextEncoder().encode(JSON.stringify({ username, password: new TextDecoder().decode(password) }));
  const { host, port, roles } = walk.postgres;
  const database = { category: 'database-password' };
  const administrator = json('keymaster', secret('administrator'));
  await billing('vault.put', { ...at('administrator'), ...database }, { value: administrator });
  await billing('vault.put', { ...login, ...database }, { value: json(roles[0], secret('first login')) });
  const rotator = {
    ...({ name: 'postgres', host, port, database: 'postgres', roles, seconds: 60 } as const),
    administrator: 'web/production/administrator',
  };
  await ada('vault.setPlan', { ...login, plan: { rotator, after: null } });
  await billing('vault.rotateSecret', { ...login, dryRun: true });
  for (const turn of [1, 2]) {
    await billing('vault.rotateSecret', { ...login, urgent: true });
    const { password } = JSON.parse(new TextDecoder().decode(await valueOf(login))) as { password: string };
    hear(`drawn login ${turn}`, new TextEncoder().encode(password));
    keepMoment();
  }
  await billing('vault.rotateSecret', { ...login, back: true });
  for (const identity of [session, key, login]) {
    await billing('vault.renewal', identity);
    await billing('vault.versions', identity);
  }
  await billing('vault.rotateDue', {});
}
