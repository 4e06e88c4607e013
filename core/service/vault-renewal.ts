import { join } from 'node:path';
import type { CommandInput, CommandOutput } from '../contract/commands.ts';
import { Refusal } from '../contract/errors.ts';
import { rotationPlanSchema } from '../contract/rotation-plan.ts';
import type { RENEWAL_COMMANDS } from '../contract/vault-renewal.ts';
import { reportBug } from '../process/rpc.ts';
import type { Caller } from '../vault/parts.ts';
import { Renewals } from '../vault/renewal.ts';
import { lookAfterRenewals, rotateDue, tellRenewals } from '../vault/renewal-due.ts';
import { setPlan, showRenewal } from '../vault/renewal-plans.ts';
import type { Vault } from '../vault/vault.ts';
import type { Peer } from './peer.ts';

type RenewalCommand = keyof typeof RENEWAL_COMMANDS;
export type RenewalHandlers = {
  [C in RenewalCommand]: (input: CommandInput<C>, peer: Peer) => Promise<CommandOutput<C>>;
};

type Parts = {
  data: string;
  as: <C extends RenewalCommand>(
    work: (vault: Vault, caller: Caller, input: CommandInput<C>) => Promise<CommandOutput<C>>,
  ) => RenewalHandlers[C];
  withSecrets: <T>(tickets: (string | undefined)[], work: (secrets: (Uint8Array | null)[]) => Promise<T>) => Promise<T>;
};

/** Programs that rotators may run lie here, in the store's folder, where its owner alone writes. */
const PROGRAMS = 'programs';
/** How often a holder looks for what is due (milliseconds). */
const LOOK_MS = 60_000;

function renewalParts(vault: Vault, data: string) {
  const programs = join(data, PROGRAMS);
  return { vault, programs, renewals: new Renewals(vault, programs) };
}

/** What gives secrets their next values. */
export function renewalHandlers({ data, as, withSecrets }: Parts): RenewalHandlers {
  return {
    'vault.renewal': as<'vault.renewal'>((vault, caller, { owner, environment, name, ...why }) =>
      showRenewal(vault, caller, { identity: { owner, environment, name }, ...why }),
    ),
    'vault.setPlan': as<'vault.setPlan'>(async (vault, caller, { owner, environment, name, plan, days }) => ({
      due: await setPlan(
        vault,
        caller,
        { owner, environment, name },
        { plan: plan && rotationPlanSchema.parse(plan), days },
      ),
    })),
    'vault.rotateSecret': as<'vault.rotateSecret'>(
      (vault, caller, { value, dryRun = false, owner, environment, name, ...wanted }) =>
        withSecrets([value], async ([given = null]) => {
          const parts = renewalParts(vault, data);
          const identity = { owner, environment, name };
          if (given && (dryRun || wanted.back))
            throw new Refusal('INPUT_INVALID', { detail: 'a value is stored, or nothing' });
          if (given) {
            const { purpose, request } = wanted;
            const { version } = await vault.secrets.put(caller, { identity, purpose, request }, given, 'rotate');
            return { version, renewal: null, foreseen: null };
          }
          if (dryRun) {
            const foreseen = await parts.renewals.foresee(caller, { ...wanted, identity });
            return { version: foreseen.version, renewal: null, foreseen };
          }
          const renewal = await parts.renewals.rotate(caller, { ...wanted, identity });
          return { version: renewal.version, renewal: await tellRenewals(parts, renewal), foreseen: null };
        }),
    ),
    'vault.rotateDue': as<'vault.rotateDue'>(async (vault, caller, { limit = 100, dryRun = false }) => {
      const parts = renewalParts(vault, data);
      const outcomes = await rotateDue(parts, caller, { limit, dryRun });
      if (!dryRun) await tellRenewals(parts);
      return { outcomes };
    }),
  };
}

/** Looks after the rotations of a vault while it is open: at once when it is opened, and every minute. */
export class RenewalWatch {
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
    this.#looking = lookAfterRenewals(renewalParts(vault, this.#data))
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
