import { join, resolve } from 'node:path';
import type { CommandInput, CommandOutput } from '../contract/commands.ts';
import { Refusal } from '../contract/errors.ts';
import type { KEEPING_COMMANDS } from '../contract/vault-keeping.ts';
import { KEYSTORE, openKeyAt } from './vault-key.ts';
import { readRecipientCertificate } from '../pki/read-certificate.ts';
import { wipe } from '../process/guarded.ts';
import type { SecretBox } from '../process/secret-channel.ts';
import { readFileOrRefuse, writeFileDurably } from '../store/files.ts';
import { backUp, readBackupHead, restore } from '../vault/backup.ts';
import { exportNamespace, importNamespace } from '../vault/carry.ts';
import { closeDataKey, openDataKey } from '../vault/data-keys.ts';
import { alertsFor, health, refuseStrangers, stateOf } from '../vault/health.ts';
import { EVERYTHING, requireAdmin } from '../vault/grants.ts';
import type { Metrics } from '../vault/metrics.ts';
import { type Caller, isFromHere } from '../vault/parts.ts';
import type { Vault } from '../vault/vault.ts';
import { KINDS } from './kinds.ts';
import type { Peer } from './peer.ts';

type KeepingCommand = keyof typeof KEEPING_COMMANDS;
export type KeepingHandlers = {
  [C in KeepingCommand]: (input: CommandInput<C>, peer: Peer) => Promise<CommandOutput<C>>;
};

type Parts = {
  box: SecretBox;
  clock: () => Date;
  metrics: () => Promise<Metrics>;
  as: <C extends KeepingCommand>(
    work: (vault: Vault, caller: Caller, input: CommandInput<C>) => Promise<CommandOutput<C>>,
  ) => KeepingHandlers[C];
  withSecrets: <T>(tickets: (string | undefined)[], work: (secrets: (Uint8Array | null)[]) => Promise<T>) => Promise<T>;
};

/** No keystore is larger (bytes). */
const KEYSTORE_LIMIT = 16 * 1024;
/** Nor a certificate or private key in PEM. */
const PEM_LIMIT = 64 * 1024;

/** What keeps a vault, and carries it. */
export function keepingHandlers({ box, clock, metrics, as, withSecrets }: Parts): KeepingHandlers {
  return {
    'vault.health': as<'vault.health'>(({ parts }, caller) => health(parts, caller)),
    'vault.metrics': as<'vault.metrics'>(async ({ parts }, caller) => {
      await refuseStrangers(parts, caller);
      return { text: await (await metrics()).text(await stateOf(parts)) };
    }),
    'vault.alerts': as<'vault.alerts'>(async ({ parts }, caller, { limit = 100, before }) => ({
      alerts: await alertsFor(parts, caller, { limit, before }),
    })),
    'vault.export': as<'vault.export'>(
      async (vault, caller, { recipient, out, environment, requests = [], ...wanted }) => {
        refuseFromElsewhere(caller);
        const certificate = await certificateOf(recipient, clock());
        return exportNamespace(vault, caller, {
          ...wanted,
          ...{ environment, requests, recipient: certificate, out: resolve(out) },
        });
      },
    ),
    'vault.import': as<'vault.import'>((vault, caller, { secret, keyFile, file, replace = false, ...wanted }) =>
      withSecrets([secret], async ([given = null]) => {
        refuseFromElsewhere(caller);
        if ((given === null) === (keyFile === undefined))
          throw new Refusal('INPUT_INVALID', { detail: 'the private key comes with the call, or from a file' });
        const read = keyFile === undefined ? null : await readFileOrRefuse(resolve(keyFile), PEM_LIMIT);
        try {
          const key = given ?? read ?? new Uint8Array(0);
          return await importNamespace(vault, caller, { ...wanted, replace, file: resolve(file), key });
        } finally {
          wipe(read);
        }
      }),
    ),
    'vault.backup': as<'vault.backup'>(({ parts }, caller, { out }) => {
      refuseFromElsewhere(caller);
      return backUp(parts, caller, resolve(out), KINDS);
    }),
    'vault.seal': as<'vault.seal'>(async ({ parts }, caller, { olderThan }) => {
      await requireAdmin(parts, caller, EVERYTHING, 'seal');
      return { segments: await parts.ledger.sealBefore(new Date(olderThan).toISOString()) };
    }),
    'vault.restore': ({ file: wanted, folder: into, key, secret }, { address }) =>
      withSecrets([secret], async ([given = null]) => {
        // It writes where it is told to, and nobody is logged in where there is no vault yet.
        if (address !== 'pipe') throw new Refusal('VAULT_REFUSED');
        const [file, folder] = [resolve(wanted), resolve(into)];
        const head = await readBackupHead(file);
        const keystore = 'keystore' in key ? await readFileOrRefuse(resolve(key.keystore), KEYSTORE_LIMIT) : null;
        const { kms, place } = await openKeyAt(head, key, given, KEYSTORE);
        try {
          const restored = await restore({ file, folder, place }, { kms, kinds: KINDS, clock });
          if (keystore) await writeFileDurably(join(folder, KEYSTORE), keystore, { mode: 0o600, overwrite: false });
          return restored;
        } finally {
          await kms.close();
        }
      }),
    'vault.dataKey': as<'vault.dataKey'>(async (vault, caller, { owner, environment, name, context, ...why }) => {
      const identity = { owner, environment, name };
      const { plaintext, ciphertext } = await closeDataKey(vault, caller, { identity, context, ...why });
      return { ticket: box.keep(plaintext), wrapped: Buffer.from(ciphertext).toString('base64') };
    }),
    'vault.openDataKey': as<'vault.openDataKey'>(
      async (vault, caller, { owner, environment, name, context, wrapped, ...why }) => {
        const identity = { owner, environment, name };
        const key = await openDataKey(vault, caller, { identity, context, ...why }, Buffer.from(wrapped, 'base64'));
        return { ticket: box.keep(key) };
      },
    ),
  };
}

/** FILE_MISSING and its like, CERTIFICATE_INVALID. */
async function certificateOf(recipient: CommandInput<'vault.export'>['recipient'], now: Date) {
  if (typeof recipient === 'string') return readRecipientCertificate(Buffer.from(recipient), 'recipient', now);
  const path = resolve(recipient.file);
  return readRecipientCertificate(await readFileOrRefuse(path, PEM_LIMIT), path, now);
}

/** Files are this machine's: whoever calls from another names none here. VAULT_REFUSED. */
export function refuseFromElsewhere(caller: Caller): void {
  if (!isFromHere(caller)) throw new Refusal('VAULT_REFUSED');
}
