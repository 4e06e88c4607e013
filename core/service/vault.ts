import type { CommandInput, CommandName, CommandOutput } from '../contract/commands.ts';
import { Refusal } from '../contract/errors.ts';
import type { VaultStatus } from '../contract/vault-commands.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { guardedCopy, wipe } from '../process/guarded.ts';
import { reportBug } from '../process/rpc.ts';
import type { SecretBox } from '../process/secret-channel.ts';
import type { Store } from '../store/open.ts';
import { EVERYTHING, administers, heldBy, requireAdmin } from '../vault/grants.ts';
import type { Origin } from '../vault/login.ts';
import { KeyWatch, tellKeyTrouble, tellKeyWhole } from '../vault/key-watch.ts';
import type { Metrics } from '../vault/metrics.ts';
import { refuseShort } from '../vault/principals.ts';
import type { Caller, VaultParts } from '../vault/parts.ts';
import { type Peer, wipeCredential } from './peer.ts';
import { announcing } from './vault-announced.ts';
import { emergencyHandlers } from './vault-emergency.ts';
import { asksFor, makeKey, modeOfKey, openKey } from './vault-key.ts';
import { moveKey } from './vault-key-move.ts';
import { keepingHandlers } from './vault-keeping.ts';
import { principalHandlers } from './vault-principals.ts';
import { RenewalWatch, renewalHandlers } from './vault-renewal.ts';
import { rightHandlers } from './vault-rights.ts';
import { rotationHandlers, startRotations } from './vault-rotation.ts';
import { secretHandlers } from './vault-secrets.ts';
import { Vault, activeKey, checkKey, initialiseVault } from '../vault/vault.ts';

export type { Credential, Peer } from './peer.ts';

type VaultCommand = Extract<CommandName, `vault.${string}`>;
export type VaultHandlers = { [C in VaultCommand]: (input: CommandInput<C>, peer: Peer) => Promise<CommandOutput<C>> };

type Parts = {
  data: string;
  box: SecretBox;
  clock: () => Date;
  opened: () => Promise<{ store: Store; ledger: Ledger }>;
  /** Whoever looks at a view looks again. */
  announce: () => void;
  /** Of the ceremonies of this store; null where there are none. */
  mode: () => Promise<'training' | 'live' | null>;
};

/** How often an open vault looks what time has brought (milliseconds). */
const KEEP_MS = 15_000;
/** How often it looks whether rows of the ledger are to leave the store: whole months do (milliseconds). */
const RETENTION_MS = 3_600_000;

/** The one holder of a store's vault: who has it open holds its key, and every command of it passes here. */
export function vaultHandlers(parts: Parts): { handlers: VaultHandlers; close: () => Promise<void> } {
  const { data, box, clock, opened } = parts;
  let vault: Vault | null = null;
  let rotating: Awaited<ReturnType<typeof startRotations>> | null = null;
  let keeping: NodeJS.Timeout | undefined;
  let retaining: NodeJS.Timeout | undefined;
  let counted: Promise<Metrics> | undefined;
  /** From the first vault that is opened here. */
  const metrics = () => (counted ??= import('../vault/metrics.ts').then(({ Metrics }) => new Metrics()));
  const over = async (ledger: Ledger) => (await metrics()).over(announcing(ledger, parts.announce));
  const watch = new RenewalWatch(() => vault, data);
  /** One change of the lock at a time. */
  let turning: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turning.then(work);
    turning = done.catch(() => undefined);
    return done;
  };

  async function status(): Promise<VaultStatus> {
    const { store } = await opened();
    const key = await activeKey(store.db);
    if (!key) return { state: 'none', provider: null, keyId: null, mode: null, asks: null };
    const { id: keyId, provider, mode } = key;
    return { state: vault ? 'open' : 'locked', provider, keyId, mode, asks: asksFor(key) };
  }

  async function open(): Promise<Vault> {
    if (vault) return vault;
    const { store } = await opened();
    throw new Refusal((await activeKey(store.db)) ? 'VAULT_LOCKED' : 'VAULT_NEW');
  }

  /** Who calls. LOGIN_REFUSED, SESSION_OVER. */
  async function callerOf(peer: Peer): Promise<{ vault: Vault; caller: Caller }> {
    const { logins } = await open();
    const { credential } = peer;
    const origin = originOf(peer);
    if (!credential || !vault) throw new Refusal('LOGIN_REFUSED');
    if ('session' in credential) return { vault, caller: await logins.session(credential.session, origin) };
    if ('token' in credential) return { vault, caller: await logins.token(credential.token, origin) };
    return { vault, caller: await logins.known(credential, origin) };
  }

  const rotations = () => {
    if (!rotating) throw new Refusal('VAULT_LOCKED');
    return rotating.rotations;
  };
  const taken = (ticket: string | undefined) => (ticket === undefined ? Promise.resolve(null) : box.take(ticket));
  async function withSecrets<T>(
    tickets: (string | undefined)[],
    work: (secrets: (Uint8Array | null)[]) => Promise<T>,
  ): Promise<T> {
    const secrets: (Uint8Array | null)[] = [];
    try {
      for (const ticket of tickets) secrets.push(await taken(ticket));
      return await work(secrets);
    } finally {
      wipe(...secrets);
    }
  }

  /** A command of somebody. */
  function as<C extends VaultCommand>(
    work: (vault: Vault, caller: Caller, input: CommandInput<C>) => Promise<CommandOutput<C>>,
  ): VaultHandlers[C] {
    return (async (input: CommandInput<C>, peer: Peer) => {
      const known = await callerOf(peer);
      return work(known.vault, known.caller, input);
    }) as VaultHandlers[C];
  }

  const handlers: VaultHandlers = {
    'vault.status': status,
    'vault.initialise': ({ key, secret, administrator, password }, peer) =>
      inTurn(() =>
        withSecrets([secret, password], async ([given = null, chosen = null]) => {
          const { store, ledger } = await opened();
          if (await activeKey(store.db)) throw new Refusal('VAULT_EXISTS');
          if (!chosen) throw new Refusal('INPUT_INVALID', { detail: 'password is missing' });
          refuseShort(chosen);
          const mode = modeOfKey(key, await parts.mode());
          const { kms, place } = await makeKey(key, given, { data, ledger });
          try {
            const made: VaultParts = { store, ledger: await over(ledger), kms, clock, mode };
            const wanted = { place, administrator, password: chosen };
            const uri = await initialiseVault(made, wanted, originOf(peer));
            await begin(new Vault(made), given);
            return { ticket: box.keep(uri) };
          } catch (error) {
            await kms.close();
            throw error;
          }
        }),
      ),
    'vault.unlock': ({ secret }) =>
      inTurn(() =>
        withSecrets([secret], async ([given = null]) => {
          const { store, ledger } = await opened();
          const key = await activeKey(store.db);
          if (!key) throw new Refusal('VAULT_NEW');
          if (!vault) {
            const told = (error: unknown) => tellKeyTrouble(ledger, key.id, error);
            const kms = await openKey(key, given, { data, ledger }).catch(async (error: unknown) => {
              await told(error);
              throw error;
            });
            try {
              await checkKey(store, kms);
              await begin(new Vault({ store, ledger: await over(ledger), kms, clock, mode: key.mode }), given);
              watch.look();
              await tellKeyWhole(ledger, key.id);
            } catch (error) {
              await told(error);
              await kms.close();
              throw error;
            }
          }
          return status();
        }),
      ),
    'vault.moveKey': ({ token, secret }, { address }) =>
      inTurn(() =>
        withSecrets([secret], async ([given = null]) => {
          // Whoever started this process has the key's PIN, and is nobody in the vault while it does not open.
          if (address !== 'pipe') throw new Refusal('VAULT_REFUSED');
          const moved = await moveKey(await opened(), token, given);
          await lock();
          return moved;
        }),
      ),
    'vault.lock': as<'vault.lock'>((own, caller) =>
      inTurn(async () => {
        await requireAdmin(own.parts, caller, EVERYTHING, 'lock');
        await lock();
        return status();
      }),
    ),
    'vault.login': ({ name, password, code }, peer) =>
      withSecrets([password], async ([given = null]) => {
        const { logins } = await open();
        const session = await logins.begin(name, given ?? new Uint8Array(0), code, originOf(peer));
        // Where the peer is a connection, it is theirs until they log out; where it is one call, they bring it with the next.
        wipeCredential(peer);
        peer.credential = { session: guardedCopy(session) };
        return { ticket: box.keep(session) };
      }),
    'vault.logout': async (_, peer) => {
      const { logins } = await open();
      const { credential } = peer;
      if (credential && 'session' in credential) await logins.end(credential.session, originOf(peer));
      wipeCredential(peer);
      peer.credential = null;
      return {};
    },
    'vault.whoami': as<'vault.whoami'>(async ({ parts: { store } }, { principal: { id, name, kind, system } }) => {
      const held = await heldBy(store.db, id);
      return { name, kind, system, administers: administers(held, EVERYTHING, clock().toISOString()) };
    }),
    ...secretHandlers({ box, as, withSecrets }),
    ...rightHandlers({ as }),
    ...principalHandlers({ box, as, withSecrets }),
    ...keepingHandlers({ box, clock, metrics, as, withSecrets }),
    ...renewalHandlers({ data, as, withSecrets }),
    ...emergencyHandlers({ as, withSecrets }),
    ...rotationHandlers({ as, withSecrets, rotations }),
  };

  async function lock(): Promise<void> {
    const [held, rotation] = [vault, rotating];
    [vault, rotating] = [null, null];
    clearInterval(keeping);
    clearInterval(retaining);
    await watch.idle();
    await rotation?.close();
    await held?.close();
  }

  /** From here on it is open, and time passes for it. `secret`: what unlocked it. */
  async function begin(made: Vault, secret: Uint8Array | null): Promise<void> {
    const { store, ledger } = made.parts;
    await made.keep();
    const begun = await startRotations(made, secret, { data, store, ledger });
    [vault, rotating] = [made, begun];
    clearInterval(keeping);
    clearInterval(retaining);
    const watch = new KeyWatch(made.parts);
    const retain = () => {
      made.retention.look().catch(reportBug);
    };
    retain();
    retaining = setInterval(retain, RETENTION_MS);
    retaining.unref();
    keeping = setInterval(() => {
      watch.check().catch(reportBug);
      made.keep().catch(reportBug);
      begun.rotations.tick().catch(reportBug);
    }, KEEP_MS);
    keeping.unref();
  }

  const close = async () => {
    await inTurn(lock);
    await watch.close();
  };
  return { handlers, close };
}

function originOf({ address, agent }: Peer): Origin {
  return { address, agent };
}
