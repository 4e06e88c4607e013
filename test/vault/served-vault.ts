import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { URI } from 'otpauth';
import { type Transport } from '../../core/client/transport.ts';
import { HolderProcess } from '../../core/service/holder-client.ts';
import { PASSWORD, bytes, textOf } from './sample-vault.ts';

/** A vault in a folder `vault`, under a keystore, where this user of the machine may do everything. */

export const PASSPHRASE = 'a passphrase of six plain words';

/** `ada`: its administrator, by the parent's channel. Nothing is served yet. */
export async function makeVault(folder: string): Promise<{ holder: HolderProcess; ada: Transport['call'] }> {
  const holder = HolderProcess.start({ data: join(folder, 'vault') });
  const { transport } = holder;
  const { secret: uri } = await transport.call(
    'vault.initialise',
    { key: { keystore: true }, administrator: 'ada' },
    { secret: bytes(PASSPHRASE), password: bytes(PASSWORD) },
  );
  const code = URI.parse(textOf(uri ?? bytes(''))).generate();
  const { secret } = await transport.call('vault.login', { name: 'ada', code }, { password: bytes(PASSWORD) });
  const bearer = secret ?? bytes('');
  const ada: Transport['call'] = (command, input, secrets) => transport.call(command, input, { bearer, ...secrets });
  await ada('vault.addPrincipal', { name: 'keeper', kind: 'service', system: true });
  await ada('vault.bind', { name: 'keeper', to: { uid: process.getuid?.() ?? 0 } });
  const rights = ['READ', 'WRITE', 'ADMIN', 'ROTATE'] as const;
  const scope = { owner: '*', environment: '*', name: '*' } as const;
  await ada('vault.grant', { name: 'keeper', scope, rights: [...rights] });
  return { holder, ada };
}

/** Answers the socket. */
export async function serve({ transport }: HolderProcess, folder: string): Promise<string> {
  mkdirSync(join(folder, 'run'), { recursive: true, mode: 0o700 });
  const socket = join(folder, 'run/vault.sock');
  await transport.send('vault.serve', { socket });
  return socket;
}
