import type { CommandInput, CommandOutput } from '../contract/commands.ts';
import { vaultPolicySchema } from '../contract/vault.ts';
import { approve, listRequests, request } from '../vault/approvals.ts';
import { grant, listGrants, revoke } from '../vault/grants.ts';
import type { Caller } from '../vault/parts.ts';
import type { Vault } from '../vault/vault.ts';
import type { Peer } from './peer.ts';

type RightCommand =
  `vault.${'grant' | 'revoke' | 'grants' | 'request' | 'approve' | 'requests' | 'policy' | 'changePolicy'}`;
export type RightHandlers = {
  [C in RightCommand]: (input: CommandInput<C>, peer: Peer) => Promise<CommandOutput<C>>;
};

type Parts = {
  as: <C extends RightCommand>(
    work: (vault: Vault, caller: Caller, input: CommandInput<C>) => Promise<CommandOutput<C>>,
  ) => RightHandlers[C];
};

/** Who may do what: grants, what a second person approves, and the policy. */
export function rightHandlers({ as }: Parts): RightHandlers {
  return {
    'vault.grant': as<'vault.grant'>(async (own, caller, { name: subject, scope, rights, expiresAt = null }) => ({
      grant: await grant(own.parts, caller, { subject, scope, rights: [...rights], expiresAt }),
    })),
    'vault.revoke': as<'vault.revoke'>(async (own, caller, input) => {
      await revoke(own.parts, caller, input.grant);
      return {};
    }),
    'vault.grants': as<'vault.grants'>(async (own, caller) => ({ grants: await listGrants(own.parts, caller) })),
    'vault.request': as<'vault.request'>((own, caller, { owner, environment, name, action, purpose }) =>
      request(own.parts, own.policies, caller, { action, purpose, identity: { owner, environment, name } }),
    ),
    'vault.approve': as<'vault.approve'>((own, caller, input) =>
      approve(own.parts, caller, input.request, input.shown),
    ),
    'vault.requests': as<'vault.requests'>(async (own, caller) => ({
      requests: await listRequests(own.parts, caller),
    })),
    'vault.policy': as<'vault.policy'>(({ policies }) => policies.present()),
    'vault.changePolicy': as<'vault.changePolicy'>(async ({ policies }, caller, { version, policy }) => {
      // With what it leaves out as it is then.
      await policies.change(caller, version, vaultPolicySchema.parse(policy));
      return {};
    }),
  };
}
