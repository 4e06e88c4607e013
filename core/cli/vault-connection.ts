import type { Command } from 'commander';
import { isDevelopment } from '../client/development.ts';
import { Transport, type VaultAnswer, type VaultInput } from '../client/transport.ts';
import { Refusal } from '../contract/errors.ts';
import type { CommandName } from '../contract/commands.ts';
import { readPinSource } from '../hsm/pin-source.ts';
import { passphraseOfVariable } from '../kms/passphrase-variable.ts';
import { wipe } from '../process/guarded.ts';
import { HolderProcess } from '../service/holder-client.ts';
import { defaultDataFolder } from '../service/paths.ts';
import { type Face, refuse, say } from './report.ts';
import { readSecret } from './terminal-secret.ts';

/** How a command reaches a vault: a holder that serves it, else one of its own over a data folder; and as whom. */

export type KeyFace = Face & { data?: string; pinFile?: string; pinFd?: string };
export type VaultFace = KeyFace & { socket?: string; as?: string; tokenFile?: string };

export type VaultCall = <C extends Extract<CommandName, `vault.${string}`>>(
  command: C,
  input: VaultInput<C>,
  secrets?: { [name: string]: Uint8Array },
) => Promise<VaultAnswer<C>>;

/** Where the vault's own key comes from. */
export function withKey(command: Command): Command {
  return command
    .option('--data <dir>', 'folder of the store')
    .option(
      '--pin-file <file>',
      'the passphrase of the vault’s keystore, or the PIN of its token; else it is asked for',
    )
    .option('--pin-fd <number>', 'the same from a file descriptor')
    .option('--json', 'one JSON value', false);
}

/** Every command on what a vault holds. */
export function withPlace(command: Command): Command {
  return withKey(command)
    .option('--socket <path>', 'where the vault is served (CLAVIGER_VAULT_SOCKET); else the store is opened here')
    .option('--as <name>', 'log in with password and one-time code, which are asked for')
    .option('--token-file <file>', 'a service’s token');
}

/** Runs a command's work as whoever the options say; without --as and --token-file as this user of the machine. */
export async function withVault(face: VaultFace, work: (call: VaultCall) => Promise<void>): Promise<void> {
  await refusing(face, async () => {
    const { transport, close } = await reach(face);
    let bearer: Uint8Array | null = null;
    const call: VaultCall = (command, input, secrets = {}) =>
      transport.call(command, input, bearer ? { bearer, ...secrets } : secrets);
    try {
      bearer = await bearerOf(face, transport);
      await work(call);
      if (face.as !== undefined) await call('vault.logout', {});
    } finally {
      wipe(bearer);
      await close();
    }
  });
}

/** An expected failure is told, and the exit status is 1. */
export async function refusing(face: Face, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refuse(face, error.value);
  }
}

async function reach(face: VaultFace): Promise<{ transport: Transport; close: () => Promise<void> }> {
  const socket = face.socket ?? (face.data === undefined ? process.env['CLAVIGER_VAULT_SOCKET'] : undefined);
  if (socket !== undefined && socket !== '') {
    const transport = new Transport({ socket });
    return {
      transport,
      close: () => {
        transport.close();
        return Promise.resolve();
      },
    };
  }
  const holder = await openHolder(face);
  return { transport: holder.transport, close: () => holder.close() };
}

/** A holder of this process's own, unlocked. VAULT_NEW, STORE_BUSY where another has the store. */
export async function openHolder(face: KeyFace): Promise<HolderProcess> {
  // Before a process is started, which would inherit it.
  const variable = passphraseOfVariable(process.env, isDevelopment(), say);
  const holder = HolderProcess.start({ data: face.data ?? defaultDataFolder() });
  try {
    await unlock(holder.transport, face, variable);
    return holder;
  } catch (error) {
    await holder.close();
    throw error;
  } finally {
    wipe(variable);
  }
}

async function unlock(transport: Transport, face: KeyFace, variable: Uint8Array | null): Promise<void> {
  const { output: status } = await transport.call('vault.status', {});
  if (status.state === 'none') throw new Refusal('VAULT_NEW');
  const given = await givenSecret(face);
  const isToken = status.provider !== 'local';
  let secret = given ?? (isToken ? null : variable);
  try {
    if (!secret && !isToken) secret = await readSecret('Passphrase of the vault: ');
    await transport.call('vault.unlock', {}, secret ? { secret } : {});
  } catch (error) {
    // The token's file says where its PIN comes from, and that is a person.
    if (!isToken || secret || !(error instanceof Refusal) || error.code !== 'PIN_SOURCE') throw error;
    secret = await readSecret('PIN of the token: ');
    await transport.call('vault.unlock', {}, { secret });
  } finally {
    if (secret !== variable) wipe(secret);
  }
}

/** From --pin-file or --pin-fd; null where neither is given. */
export async function givenSecret({ pinFile, pinFd }: KeyFace): Promise<Uint8Array | null> {
  if (pinFile !== undefined) return readPinSource({ file: pinFile }, 'passphrase');
  return pinFd === undefined ? null : readPinSource({ fd: Number(pinFd) }, 'passphrase');
}

async function bearerOf({ as, tokenFile }: VaultFace, transport: Transport): Promise<Uint8Array | null> {
  if (as !== undefined && tokenFile !== undefined) {
    throw new Refusal('INPUT_INVALID', { detail: '--as or --token-file' });
  }
  if (tokenFile !== undefined) return readPinSource({ file: tokenFile }, 'token');
  if (as === undefined) return null;
  const password = await readSecret(`Password of ${as}: `);
  const code = await readSecret('One-time code: ');
  try {
    const input = { name: as, code: new TextDecoder().decode(code) };
    return (await transport.call('vault.login', input, { password })).secret;
  } finally {
    wipe(password, code);
  }
}
