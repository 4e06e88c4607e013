import type { CommandInput, CommandName, CommandOutput } from '../../core/contract/commands.ts';
import type { Outcome } from '../../core/contract/errors.ts';
import type { VaultStatus } from '../../core/contract/vault-commands.ts';
import { refreshInfo } from '../store/acts.ts';
import { call } from '../store/rpc.ts';

type VaultCommand = Extract<CommandName, `vault.${string}`>;

export type Who = CommandOutput<'vault.whoami'>;
/** `over`: somebody was logged in, and their session ended by itself. */
export type Standing = { status: VaultStatus; who: Who | null; over: boolean };

/** Whether somebody was in when that was last asked: their loss is told once, however many looks it refuses. */
let inside = false;

/** Whether there is a vault, whether it is open, and who is logged in. */
export async function vaultStanding(): Promise<Outcome<Standing>> {
  const status = await call('vault.status', {});
  if (!status.ok) return status;
  const nobody = { status: status.value, who: null, over: false };
  if (status.value.state !== 'open') return { ok: true, value: nobody };
  const who = await call('vault.whoami', {});
  inside = who.ok;
  if (who.ok) return { ok: true, value: { ...nobody, who: who.value } };
  const { code } = who.error;
  if (code !== 'LOGIN_REFUSED' && code !== 'SESSION_OVER') return who;
  return { ok: true, value: { ...nobody, over: code === 'SESSION_OVER' } };
}

const OUT = ['LOGIN_REFUSED', 'SESSION_OVER', 'VAULT_LOCKED'];

/** A look at what the vault holds. Where nobody is logged in any more, the view asks anew who is. */
export async function look<C extends VaultCommand>(
  command: C,
  input: CommandInput<C>,
): Promise<Outcome<CommandOutput<C>>> {
  const outcome = await call(command, input);
  if (inside && !outcome.ok && OUT.includes(outcome.error.code)) {
    inside = false;
    void refreshInfo();
  }
  return outcome;
}

/** What changes something: all that is shown is asked for again. */
export async function act<C extends VaultCommand>(
  command: C,
  input: CommandInput<C>,
): Promise<Outcome<CommandOutput<C>>> {
  const outcome = await call(command, input);
  void refreshInfo();
  return outcome;
}

export const vaultHealth = () => look('vault.health', {});
export const vaultPolicy = () => look('vault.policy', {});
export const vaultGrants = () => look('vault.grants', {});
export const vaultRequests = () => look('vault.requests', {});
export const vaultPrincipals = () => look('vault.principals', {});
export const emergencyStatus = () => look('vault.breakGlassStatus', {});
