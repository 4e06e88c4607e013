import { Refusal } from '../../contract/errors.ts';
import { wipe } from '../../process/guarded.ts';
import { outcomeOf } from '../../process/rpc.ts';
import type { SecretBox } from '../../process/secret-channel.ts';
import { Pkcs11Token } from '../pkcs11/pkcs11-token.ts';
import { SoftwareToken } from '../software/software-token.ts';
import type { KeyRecord, Token } from '../token.ts';
import { makeMasterKey } from './master-key.ts';
import type { KeyRecordMessage, TokenCallInput, TokenCallName, TokenCallOutput, TokenLocation } from './protocol.ts';
import { rehearse } from './rehearse.ts';

export type TokenCalls = { [C in TokenCallName]: (input: TokenCallInput<C>) => Promise<TokenCallOutput[C]> };

/** On a PKCS#11 token these bring no secret into this process. Collecting garbage costs ten signatures, so not for them. */
const INSIDE_THE_TOKEN: ReadonlySet<TokenCallName> = new Set([
  'inventory',
  'generateKey',
  'sign',
  'wrap',
  'batch',
  'destroy',
]);

/**
 * What a token process does for core: the one token it has opened, and the secrets that came ahead. `leavesSecrets`
 * says of a call whether key objects or secrets may wait in freed memory after it.
 */
export function tokenCalls(box: SecretBox): {
  calls: TokenCalls;
  leavesSecrets: (name: TokenCallName) => boolean;
  close: () => void;
} {
  let opened: Token | null = null;
  const token = (): Token => {
    if (!opened) throw new Refusal('INPUT_INVALID', { detail: 'no token is open' });
    return opened;
  };

  const taken = new Set<string>();

  /** Takes secrets by ticket for the length of `work`, and wipes them. A ticket is good once: INPUT_INVALID. */
  const withSecrets = async <T>(tickets: string[], work: (secrets: Uint8Array[]) => T | Promise<T>): Promise<T> => {
    const secrets: Uint8Array[] = [];
    try {
      for (const ticket of tickets) {
        // The box would wait for it for ever.
        if (taken.has(ticket)) throw new Refusal('INPUT_INVALID', { detail: 'a ticket is good once' });
        taken.add(ticket);
        secrets.push(await box.take(ticket));
      }
      return await work(secrets);
    } finally {
      wipe(...secrets);
    }
  };

  /* eslint-disable @typescript-eslint/require-await -- every call answers a promise, also where the token answers at once */
  const calls: TokenCalls = {
    open: async ({ location }) => {
      opened?.close();
      opened = null;
      opened = openToken(location);
      return opened.info();
    },

    login: async ({ pin, securityOfficerPin }) =>
      withSecrets(securityOfficerPin === null ? [pin] : [pin, securityOfficerPin], ([user, officer]) => {
        token().login(user as Uint8Array, officer ?? null);
        return token().info();
      }),

    inventory: async () => ({ keys: token().inventory().map(messageOf) }),

    generateKey: async (spec) => messageOf(token().generateKey(spec)),

    makeMasterKey: async (input) =>
      withSecrets(input.dice === null ? input.passphrases : [...input.passphrases, input.dice], async (secrets) => {
        const passphrases = secrets.slice(0, input.shareCount);
        const dice = secrets[input.shareCount] ?? null;
        const { key, ...rest } = await makeMasterKey(token(), { ...input, passphrases, dice });
        return { key: messageOf(key), ...rest };
      }),

    sign: async ({ label, message, hash }) => ({ signature: base64(token().sign(label, bytes(message), hash)) }),

    wrap: async ({ masterKeyLabel, label }) => {
      const { mechanism, blob } = token().wrap(masterKeyLabel, label);
      return { mechanism, blob: base64(blob) };
    },

    batch: async (input) => {
      const outcomes: TokenCallOutput['batch']['outcomes'] = [];
      for (const one of input.calls) {
        outcomes.push(
          await (one.name === 'sign' ? outcomeOf(() => calls.sign(one.input)) : outcomeOf(() => calls.wrap(one.input))),
        );
      }
      return { outcomes };
    },

    rehearse: async ({ manifest, shares, backups }) =>
      withSecrets(
        shares.map((share) => share.passphrase),
        async (passphrases) => {
          const done = await rehearse(token(), {
            manifest,
            shares: shares.map(({ text }, index) => ({ text, passphrase: passphrases[index] as Uint8Array })),
            backups: backups.map((backup) => ({
              ...backup,
              blob: bytes(backup.blob),
              challenge: bytes(backup.challenge),
            })),
          });
          const signatures = done.signatures.map(({ label, signature }) => ({ label, signature: base64(signature) }));
          return { ...done, signatures };
        },
      ),

    destroy: async ({ label }) => {
      token().destroy(label);
      return { destroyed: true };
    },
  };
  return {
    calls,
    leavesSecrets: (name) => !(opened instanceof Pkcs11Token && INSIDE_THE_TOKEN.has(name)),
    close: () => opened?.close(),
  };
}

function openToken(location: TokenLocation): Token {
  return location.kind === 'pkcs11'
    ? new Pkcs11Token(location.module, location.token)
    : new SoftwareToken(location.folder, location.token);
}

function messageOf(key: KeyRecord): KeyRecordMessage {
  return { ...key, publicKey: key.publicKey && base64(key.publicKey) };
}

function base64(value: Uint8Array): string {
  return Buffer.from(value).toString('base64');
}

function bytes(value: string): Uint8Array {
  return new Uint8Array(Buffer.from(value, 'base64'));
}
