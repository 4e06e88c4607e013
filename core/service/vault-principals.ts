import { resolve } from 'node:path';
import type { CommandInput, CommandOutput } from '../contract/commands.ts';
import { wipe } from '../process/guarded.ts';
import type { SecretBox } from '../process/secret-channel.ts';
import { sha256Of } from '../pki/certificate.ts';
import { readCertificate } from '../pki/read-certificate.ts';
import { readFileOrRefuse, writeFileDurably } from '../store/files.ts';
import { EVERYTHING, requireAdmin } from '../vault/grants.ts';
import type { Caller } from '../vault/parts.ts';
import type { Vault } from '../vault/vault.ts';
import type { Peer } from './peer.ts';
import { refuseFromElsewhere } from './vault-keeping.ts';

/** No certificate is larger (bytes). */
const CERTIFICATE_LIMIT = 64 * 1024;

type PrincipalCommand =
  `vault.${'principals' | 'addPrincipal' | 'setPassword' | 'setTotp' | 'issueToken' | 'saveToken' | 'bind' | 'disable' | 'unblock'}`;
export type PrincipalHandlers = {
  [C in PrincipalCommand]: (input: CommandInput<C>, peer: Peer) => Promise<CommandOutput<C>>;
};

type Parts = {
  box: SecretBox;
  as: <C extends PrincipalCommand>(
    work: (vault: Vault, caller: Caller, input: CommandInput<C>) => Promise<CommandOutput<C>>,
  ) => PrincipalHandlers[C];
  withSecrets: <T>(tickets: (string | undefined)[], work: (secrets: (Uint8Array | null)[]) => Promise<T>) => Promise<T>;
};

/** People and services, and what they come in by. */
export function principalHandlers({ box, as, withSecrets }: Parts): PrincipalHandlers {
  return {
    'vault.principals': as<'vault.principals'>(async ({ principals }, caller) => ({
      principals: await principals.list(caller),
    })),
    'vault.addPrincipal': as<'vault.addPrincipal'>(async ({ principals }, caller, { name, kind, system = false }) => ({
      id: await principals.add(caller, { name, kind, system }),
    })),
    'vault.setPassword': as<'vault.setPassword'>(({ principals }, caller, { name, password }) =>
      withSecrets([password], async ([given = null]) => {
        await principals.setPassword(caller, name, given ?? new Uint8Array(0));
        return {};
      }),
    ),
    'vault.setTotp': as<'vault.setTotp'>(async ({ principals }, caller, { name }) => ({
      ticket: box.keep(await principals.setTotp(caller, name)),
    })),
    'vault.issueToken': as<'vault.issueToken'>(async ({ principals }, caller, { name }) => ({
      ticket: box.keep(await principals.issueToken(caller, name)),
    })),
    'vault.saveToken': as<'vault.saveToken'>(async ({ principals }, caller, { name, out }) => {
      refuseFromElsewhere(caller);
      const path = resolve(out);
      const write = (token: Uint8Array) => writeFileDurably(path, token, { mode: 0o600, overwrite: false });
      wipe(await principals.issueToken(caller, name, write));
      return { path };
    }),
    'vault.bind': as<'vault.bind'>(async ({ parts, principals }, caller, { name, to }) => {
      if ('file' in to) {
        // Nobody else learns from it which files there are.
        refuseFromElsewhere(caller);
        await requireAdmin(parts, caller, EVERYTHING, 'principal bind');
      }
      await principals.bind(caller, name, 'file' in to ? { certificate: await fingerprintOf(to.file) } : to);
      return {};
    }),
    'vault.disable': as<'vault.disable'>(async ({ principals }, caller, { name, disabled }) => {
      await principals.setDisabled(caller, name, disabled);
      return {};
    }),
    'vault.unblock': as<'vault.unblock'>(async ({ principals }, caller, { name }) => {
      await principals.unlock(caller, name);
      return {};
    }),
  };
}

/** SHA-256 of its DER, hex. FILE_MISSING and its like, CERTIFICATE_INVALID. */
async function fingerprintOf(file: string): Promise<string> {
  const path = resolve(file);
  return sha256Of(readCertificate(await readFileOrRefuse(path, CERTIFICATE_LIMIT), path).der);
}
