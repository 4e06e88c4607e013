import type { CommandInput, CommandOutput } from '../contract/commands.ts';
import type { SecretBox } from '../process/secret-channel.ts';
import type { Caller } from '../vault/parts.ts';
import type { Vault } from '../vault/vault.ts';
import type { Peer } from './peer.ts';

type SecretCommand = `vault.${'put' | 'get' | 'verify' | 'list' | 'versions' | 'describe' | 'delete'}`;
export type SecretHandlers = {
  [C in SecretCommand]: (input: CommandInput<C>, peer: Peer) => Promise<CommandOutput<C>>;
};

type Parts = {
  box: SecretBox;
  as: <C extends SecretCommand>(
    work: (vault: Vault, caller: Caller, input: CommandInput<C>) => Promise<CommandOutput<C>>,
  ) => SecretHandlers[C];
  withSecrets: <T>(tickets: (string | undefined)[], work: (secrets: (Uint8Array | null)[]) => Promise<T>) => Promise<T>;
};

/** Secrets, and what is said of them. */
export function secretHandlers({ box, as, withSecrets }: Parts): SecretHandlers {
  return {
    'vault.put': as<'vault.put'>(({ secrets }, caller, { value, owner, environment, name, ...wanted }) =>
      withSecrets([value], ([given = null]) =>
        secrets.put(caller, { ...wanted, identity: { owner, environment, name } }, given ?? new Uint8Array(0)),
      ),
    ),
    'vault.get': as<'vault.get'>(async ({ secrets, policies }, caller, { owner, environment, name, ...wanted }) => {
      const { secret, version, value } = await secrets.get(caller, {
        ...wanted,
        identity: { owner, environment, name },
      });
      const { cache = 'none', audit = 'all' } = (await policies.present()).policy.categories[secret.category] ?? {};
      // Where every use has a row, a caller that would not ask again would leave some without one.
      return { secret, version, cache: audit === 'all' ? 'none' : cache, ticket: box.keep(value) };
    }),
    'vault.verify': as<'vault.verify'>(({ secrets }, caller, { value, owner, environment, name, ...wanted }) =>
      withSecrets([value], async ([given = null]) => {
        await secrets.verify(caller, { ...wanted, identity: { owner, environment, name } }, given ?? new Uint8Array(0));
        return {};
      }),
    ),
    'vault.list': as<'vault.list'>(({ secrets }, caller, { limit = 100, ...filter }) =>
      secrets.list(caller, { ...filter, limit }),
    ),
    'vault.versions': as<'vault.versions'>(async ({ secrets }, caller, { owner, environment, name, ...why }) => ({
      versions: await secrets.versions(caller, { identity: { owner, environment, name }, ...why }),
    })),
    'vault.describe': as<'vault.describe'>(async ({ secrets }, caller, { owner, environment, name, ...said }) => {
      await secrets.describe(caller, { owner, environment, name }, said);
      return {};
    }),
    'vault.delete': as<'vault.delete'>(async ({ secrets }, caller, { owner, environment, name, ...why }) => {
      await secrets.delete(caller, { identity: { owner, environment, name }, ...why });
      return {};
    }),
  };
}
