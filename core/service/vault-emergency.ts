import type { CommandInput, CommandOutput } from '../contract/commands.ts';
import type { EMERGENCY_COMMANDS } from '../contract/vault-emergency.ts';
import { allowEmergency } from '../vault/emergency-list.ts';
import type { Caller } from '../vault/parts.ts';
import type { Vault } from '../vault/vault.ts';
import type { Peer } from './peer.ts';

type EmergencyCommand = keyof typeof EMERGENCY_COMMANDS;
export type EmergencyHandlers = {
  [C in EmergencyCommand]: (input: CommandInput<C>, peer: Peer) => Promise<CommandOutput<C>>;
};

type Parts = {
  as: <C extends EmergencyCommand>(
    work: (vault: Vault, caller: Caller, input: CommandInput<C>) => Promise<CommandOutput<C>>,
  ) => EmergencyHandlers[C];
  withSecrets: <T>(tickets: (string | undefined)[], work: (secrets: (Uint8Array | null)[]) => Promise<T>) => Promise<T>;
};

/** Break-glass. */
export function emergencyHandlers({ as, withSecrets }: Parts): EmergencyHandlers {
  return {
    'vault.breakGlass': as<'vault.breakGlass'>(({ emergencies }, caller, input) => emergencies.open(caller, input)),
    'vault.breakGlassEnd': as<'vault.breakGlassEnd'>(async ({ emergencies }, caller, { emergency }) => {
      await emergencies.end(caller, emergency);
      return {};
    }),
    'vault.breakGlassReview': as<'vault.breakGlassReview'>(async ({ emergencies }, caller, { emergency, ...said }) => {
      await emergencies.review(caller, emergency, said);
      return {};
    }),
    'vault.breakGlassStatus': as<'vault.breakGlassStatus'>(({ emergencies }, caller) => emergencies.status(caller)),
    'vault.breakGlassAllow': as<'vault.breakGlassAllow'>(async ({ parts }, caller, input) => {
      await allowEmergency(parts, caller, input);
      return {};
    }),
    'vault.setOutsidePassword': as<'vault.setOutsidePassword'>(({ notices }, caller, { of, password }) =>
      withSecrets([password], async ([given = null]) => {
        await notices.setPassword(caller, of, given ?? new Uint8Array(0));
        return {};
      }),
    ),
  };
}
