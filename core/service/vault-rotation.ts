import type { CommandInput, CommandOutput } from '../contract/commands.ts';
import type { ROTATION_COMMANDS } from '../contract/vault-rotation.ts';
import { Refusal } from '../contract/errors.ts';
import { reportBug } from '../process/rpc.ts';
import type { Store } from '../store/open.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Caller } from '../vault/parts.ts';
import { Rotations } from '../vault/rotation/rotations.ts';
import { type Vault, activeKey } from '../vault/vault.ts';
import type { Peer } from './peer.ts';
import { nextKeysOf } from './vault-next-key.ts';

type RotationCommand = keyof typeof ROTATION_COMMANDS;
export type RotationHandlers = {
  [C in RotationCommand]: (input: CommandInput<C>, peer: Peer) => Promise<CommandOutput<C>>;
};

type Parts = {
  as: <C extends RotationCommand>(
    work: (vault: Vault, caller: Caller, input: CommandInput<C>) => Promise<CommandOutput<C>>,
  ) => RotationHandlers[C];
  withSecrets: <T>(tickets: (string | undefined)[], work: (secrets: (Uint8Array | null)[]) => Promise<T>) => Promise<T>;
  /** Of the vault that is open. */
  rotations: () => Rotations;
};

/** The rotations of an unlocked vault; one that was under way goes on. `secret`: what unlocked it; the caller wipes it. */
export async function startRotations(
  vault: Vault,
  secret: Uint8Array | null,
  parts: { data: string; store: Store; ledger: Ledger },
): Promise<{ rotations: Rotations; close: () => Promise<void> }> {
  const key = await activeKey(parts.store.db);
  if (!key) throw new Refusal('VAULT_NEW');
  const { keys, close } = nextKeysOf(key, secret, parts);
  const rotations = new Rotations(vault, keys, reportBug);
  await rotations.resume(secret);
  return {
    rotations,
    async close() {
      await rotations.close();
      close();
    },
  };
}

export function rotationHandlers({ as, withSecrets, rotations }: Parts): RotationHandlers {
  return {
    'vault.rotation': as<'vault.rotation'>(async (_, caller) => ({ rotation: await rotations().status(caller) })),
    'vault.rotateKey': as<'vault.rotateKey'>((_, caller, { secret, graceHours }) =>
      withSecrets([secret], async ([given = null]) => ({
        rotation: await rotations().rotateKey(caller, { secret: given, graceHours }),
      })),
    ),
    'vault.rotateDataKeys': as<'vault.rotateDataKeys'>(async (_, caller) => ({
      rotation: await rotations().rotateDataKeys(caller),
    })),
    'vault.pauseRotation': as<'vault.pauseRotation'>(async (_, caller) => ({
      rotation: await rotations().pause(caller),
    })),
    'vault.continueRotation': as<'vault.continueRotation'>((_, caller, { secret }) =>
      withSecrets([secret], async ([given = null]) => ({ rotation: await rotations().continue(caller, given) })),
    ),
    'vault.rollBackRotation': as<'vault.rollBackRotation'>(async (_, caller) => ({
      rotation: await rotations().rollBack(caller),
    })),
    'vault.finishRotation': as<'vault.finishRotation'>(async (_, caller, { now = false }) => ({
      rotation: await rotations().finish(caller, now),
    })),
  };
}
