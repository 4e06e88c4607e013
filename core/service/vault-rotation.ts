import { join } from 'node:path';
import type { CommandInput, CommandOutput } from '../contract/commands.ts';
import { Refusal } from '../contract/errors.ts';
import { rotationPlanSchema } from '../contract/rotation-plan.ts';
import type { ROTATION_COMMANDS } from '../contract/vault-rotation.ts';
import { reportBug } from '../process/rpc.ts';
import type { Caller } from '../vault/parts.ts';
import { Rotations } from '../vault/rotation.ts';
import { lookAfterRotations, rotateDue, tellRotations } from '../vault/rotation-due.ts';
import { setRotation, showRotation } from '../vault/rotation-plans.ts';
import type { Vault } from '../vault/vault.ts';
import type { Peer } from './peer.ts';

type RotationCommand = keyof typeof ROTATION_COMMANDS;
export type RotationHandlers = {
  [C in RotationCommand]: (input: CommandInput<C>, peer: Peer) => Promise<CommandOutput<C>>;
};

type Parts = {
  data: string;
  as: <C extends RotationCommand>(
    work: (vault: Vault, caller: Caller, input: CommandInput<C>) => Promise<CommandOutput<C>>,
  ) => RotationHandlers[C];
  withSecrets: <T>(tickets: (string | undefined)[], work: (secrets: (Uint8Array | null)[]) => Promise<T>) => Promise<T>;
};

/** Programs that rotators may run lie here, in the store's folder, where its owner alone writes. */
const PROGRAMS = 'programs';
/** How often a holder looks for what is due (milliseconds). */
const LOOK_MS = 60_000;

function rotationParts(vault: Vault, data: string) {
  const programs = join(data, PROGRAMS);
  return { vault, programs, rotations: new Rotations(vault, programs) };
}

/** What gives secrets their next values. */
export function rotationHandlers({ data, as, withSecrets }: Parts): RotationHandlers {
  return {
    'vault.rotation': as<'vault.rotation'>((vault, caller, identity) => showRotation(vault, caller, identity)),
    'vault.setRotation': as<'vault.setRotation'>(async (vault, caller, { owner, environment, name, plan, days }) => ({
      due: await setRotation(
        vault,
        caller,
        { owner, environment, name },
        { plan: plan && rotationPlanSchema.parse(plan), days },
      ),
    })),
    'vault.rotate': as<'vault.rotate'>(
      (vault, caller, { value, dryRun = false, owner, environment, name, ...wanted }) =>
        withSecrets([value], async ([given = null]) => {
          const parts = rotationParts(vault, data);
          const identity = { owner, environment, name };
          if (given && (dryRun || wanted.back))
            throw new Refusal('INPUT_INVALID', { detail: 'a value is stored, or nothing' });
          if (given) {
            const { purpose, request } = wanted;
            const { version } = await vault.secrets.put(caller, { identity, purpose, request }, given, 'rotate');
            return { version, rotation: null, foreseen: null };
          }
          if (dryRun) {
            const foreseen = await parts.rotations.foresee(caller, { ...wanted, identity });
            return { version: foreseen.version, rotation: null, foreseen };
          }
          const rotation = await parts.rotations.rotate(caller, { ...wanted, identity });
          return { version: rotation.version, rotation: await tellRotations(parts, rotation), foreseen: null };
        }),
    ),
    'vault.rotateDue': as<'vault.rotateDue'>(async (vault, caller, { limit = 100, dryRun = false }) => {
      const parts = rotationParts(vault, data);
      const outcomes = await rotateDue(parts, caller, { limit, dryRun });
      if (!dryRun) await tellRotations(parts);
      return { outcomes };
    }),
  };
}

/** Looks after the rotations of a vault while it is open: at once when it is opened, and every minute. */
export class RotationWatch {
  readonly #current: () => Vault | null;
  readonly #data: string;
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> | null = null;

  constructor(current: () => Vault | null, data: string) {
    this.#current = current;
    this.#data = data;
    this.#timer = setInterval(() => {
      this.look();
    }, LOOK_MS);
    this.#timer.unref();
  }

  /** Begins to look, where nothing looks already. */
  look(): void {
    const vault = this.#current();
    if (!vault || this.#looking) return;
    this.#looking = lookAfterRotations(rotationParts(vault, this.#data))
      .catch((error: unknown) => {
        // A vault that is locked meanwhile, a full disk: the next look finds it as it is then.
        if (!(error instanceof Refusal)) reportBug(error);
      })
      .finally(() => (this.#looking = null));
  }

  /** Waits for a look that has begun. */
  async idle(): Promise<void> {
    await this.#looking;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.idle();
  }
}
