import { Refusal } from '../../contract/errors.ts';
import { guarded, guardedCopy, wipe } from '../../process/guarded.ts';
import { holdExclusively } from '../../process/lock.ts';
import { outcomeNow } from '../../process/rpc.ts';
import type { SecretBox } from '../../process/secret-channel.ts';
import type { Progress } from '../../shares/progress.ts';
import { rebuildShare } from '../../shares/rebuild.ts';
import type { GivenShare } from '../../shares/recover.ts';
import { reshareMasterKey } from '../../shares/reshare.ts';
import { asBuffer } from '../pkcs11/bytes.ts';
import { initialiseToken } from '../pkcs11/initialise-token.ts';
import { lastTryOf } from '../last-try.ts';
import { Pkcs11Token } from '../pkcs11/pkcs11-token.ts';
import { probeModule } from '../probe/probe.ts';
import { SoftwareToken } from '../software/software-token.ts';
import type { KeyRecord, Token, TokenInfo } from '../token.ts';
import { attestShare } from '../../shares/attest.ts';
import { makeExerciseSet, recoverExercise } from './exercise.ts';
import { decryptDataKey, encryptDataKey } from './data-key.ts';
import { makeMasterKey } from './master-key.ts';
import type { KeyRecordMessage, TokenCallInput, TokenCallName, TokenCallOutput, TokenLocation } from './protocol.ts';
import { proveBackup } from './prove-backup.ts';
import { CHALLENGE_CONTEXT, type RehearsedBackup, rehearse } from './rehearse.ts';
import { restore } from './restore.ts';

export type TokenCalls = { [C in TokenCallName]: (input: TokenCallInput<C>) => Promise<TokenCallOutput[C]> };

/**
 * On a PKCS#11 token these bring no secret into this process, or none but a data key, which is wiped and goes to core.
 * Collecting garbage costs ten signatures, so not for them.
 */
const INSIDE_THE_TOKEN: ReadonlySet<TokenCallName> = new Set([
  'inventory',
  'generateKey',
  'sign',
  'wrap',
  'encrypt',
  'decrypt',
  'batch',
  'encryptChallenge',
  'destroy',
]);

/**
 * What a token process does for core: the one token it has opened, and the secrets that came ahead. `leavesSecrets`
 * says of a call whether key objects or secrets may wait in freed memory after it. `progress` hears how far a call with passphrases has come.
 */
export function tokenCalls(
  box: SecretBox,
  progress: Progress,
): {
  calls: TokenCalls;
  leavesSecrets: (name: TokenCallName) => boolean;
  close: () => void;
} {
  let opened: Token | null = null;
  const token = (): Token => {
    if (!opened) throw new Refusal('INPUT_INVALID', { detail: 'no token is open' });
    return opened;
  };

  let openedShare = false;
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

  const sign = ({ label, message, hash }: TokenCallInput<'sign'>): TokenCallOutput['sign'] => ({
    signature: base64(token().sign(label, bytes(message), hash)),
  });
  let transportKey: Uint8Array | null = null;
  const needTransportKey = (): Uint8Array => {
    if (!transportKey) throw new Refusal('INPUT_INVALID', { detail: 'no transport key came' });
    return transportKey;
  };
  const encrypt = (input: TokenCallInput<'encrypt'>) => encryptDataKey(token(), needTransportKey(), input);
  const decrypt = (input: TokenCallInput<'decrypt'>) => decryptDataKey(token(), needTransportKey(), input);
  const atOnce = (one: TokenCallInput<'batch'>['calls'][number]) => {
    switch (one.name) {
      case 'sign':
        return sign(one.input);
      case 'wrap':
        return wrap(one.input);
      case 'encrypt':
        return encrypt(one.input);
      case 'decrypt':
        return decrypt(one.input);
    }
  };

  const wrap = ({ masterKeyLabel, label }: TokenCallInput<'wrap'>): TokenCallOutput['wrap'] => {
    const { mechanism, blob } = token().wrap(masterKeyLabel, label);
    return { mechanism, blob: base64(blob) };
  };

  /* eslint-disable @typescript-eslint/require-await -- every call answers a promise, also where the token answers at once */
  const calls: TokenCalls = {
    probe: async ({ module, parameters }) => probeModule(module, parameters),

    initialiseToken: async ({ pin, securityOfficerPin, ...input }) =>
      withSecrets([pin, securityOfficerPin], ([user, officer]) => {
        // C_InitToken fails while a session is open.
        if (opened) throw new Refusal('INPUT_INVALID', { detail: 'a token is open' });
        return initialiseToken({ ...input, pin: user as Uint8Array, securityOfficerPin: officer as Uint8Array });
      }),

    open: async ({ location, lock }) => {
      if (lock !== undefined) holdExclusively(lock);
      opened?.close();
      opened = null;
      opened = openToken(location);
      return opened.info();
    },

    forget: async ({ tickets }) => {
      box.forget(tickets);
      return { forgotten: tickets.length };
    },

    joinSecrets: async ({ parts }) =>
      withSecrets(parts, (secrets) => {
        const whole = guarded(secrets.reduce((length, part) => length + part.length, 0));
        let at = 0;
        for (const part of secrets) {
          whole.set(part, at);
          at += part.length;
        }
        return { ticket: box.keep(whole) };
      }),

    info: async () => token().info(),

    login: async ({ pin, securityOfficerPin, lastTryWith }) =>
      withSecrets(
        [pin, securityOfficerPin].filter((ticket) => ticket !== null),
        (secrets) => {
          const user = pin === null ? null : (secrets[0] as Uint8Array);
          const officer = securityOfficerPin === null ? null : (secrets.at(-1) as Uint8Array);
          if (lastTryWith === undefined) refuseLastTry(token().info(), officer !== null);
          token().login(user, officer);
          return token().info();
        },
      ),

    capabilities: async () => token().capabilities(),

    inventory: async () => ({ keys: token().inventory().map(messageOf) }),

    read: async ({ label }) => messageOf(token().read(label)),

    contents: async () => ({ objects: token().contents() }),

    generateKey: async (spec) => messageOf(token().generateKey(spec)),

    makeMasterKey: async (input) =>
      withSecrets(input.dice === null ? input.passphrases : [...input.passphrases, input.dice], async (secrets) => {
        const passphrases = secrets.slice(0, input.shareCount);
        const dice = secrets[input.shareCount] ?? null;
        const { key, ...rest } = await makeMasterKey(token(), { ...input, passphrases, dice, progress });
        return { key: messageOf(key), ...rest };
      }),

    sign: async (input) => sign(input),

    wrap: async (input) => wrap(input),

    transportKey: async ({ key }) =>
      withSecrets([key], ([secret]) => {
        wipe(transportKey);
        transportKey = guardedCopy(secret as Uint8Array);
        return { taken: true };
      }),

    encrypt: async (input) => encrypt(input),

    decrypt: async (input) => decrypt(input),

    // At once, without a promise for each: a wrap takes so little that they would show.
    batch: async (input) => ({
      outcomes: input.calls.map((one) => outcomeNow(() => atOnce(one))),
    }),

    encryptChallenge: async ({ label, challenge }) => {
      const { iv, ciphertext } = token().encrypt(label, bytes(challenge), CHALLENGE_CONTEXT);
      return { iv: base64(iv), ciphertext: base64(ciphertext) };
    },

    rehearse: async ({ manifest, shares, backups }) =>
      withSecrets(
        shares.map((share) => share.passphrase),
        async (passphrases) => {
          const done = await rehearse(token(), {
            manifest,
            shares: withPassphrases(shares, passphrases),
            backups: backups.map(backupOf),
            progress,
          });
          const signatures = done.signatures.map(({ label, signature }) => ({ label, signature: base64(signature) }));
          const opened = done.opened.map(({ label, challenge }) => ({ label, challenge: base64(challenge) }));
          return { ...done, signatures, opened };
        },
      ),

    restore: async ({ manifest, shares, masterKeyLabel, lost }) =>
      withSecrets(
        shares.map((share) => share.passphrase),
        async (passphrases) => {
          const restored = await restore(token(), {
            manifest,
            shares: withPassphrases(shares, passphrases),
            masterKeyLabel,
            lost: lost.map(({ label, algorithm, mechanism, blob, challenge, hash }) => ({
              spec: { label, algorithm },
              wrapped: { mechanism, blob: bytes(blob) },
              challenge: bytes(challenge),
              hash,
            })),
          });
          const keys = restored.keys.map(({ key, signature }) => {
            return { key: messageOf(key), signature: signature && base64(signature) };
          });
          return { masterKey: messageOf(restored.masterKey), keys, sharesUsed: restored.sharesUsed };
        },
      ),

    rebuildShare: async ({ shares, passphrase, ...input }) =>
      withSecrets([passphrase, ...shares.map((share) => share.passphrase)], ([chosen, ...given]) =>
        rebuildShare({ ...input, passphrase: chosen as Uint8Array, shares: withPassphrases(shares, given) }),
      ),

    reshare: async ({ manifest, shares, passphrases, ...next }) =>
      withSecrets([...passphrases, ...shares.map((share) => share.passphrase)], (secrets) =>
        reshareMasterKey(manifest, withPassphrases(shares, secrets.slice(passphrases.length)), {
          ...next,
          passphrases: secrets.slice(0, passphrases.length),
          progress,
        }),
      ),
    proveBackup: async ({ masterKeyLabel, backup }) => {
      const proof = proveBackup(token(), masterKeyLabel, backupOf(backup));
      return 'opened' in proof ? { opened: base64(proof.opened) } : { signature: base64(proof.signature) };
    },

    attestShare: async ({ manifest, share }) => {
      if (opened !== null || openedShare) {
        throw new Refusal('INPUT_INVALID', { detail: 'a share is opened in a process of its own' });
      }
      openedShare = true;
      return withSecrets([share.passphrase], ([passphrase]) =>
        attestShare({ manifest, text: share.text, passphrase: passphrase as Uint8Array }),
      );
    },

    makeExerciseSet: async (input) =>
      withSecrets(input.passphrases, (passphrases) => makeExerciseSet({ ...input, passphrases, progress })),

    recoverExercise: async ({ manifest, shares }) =>
      withSecrets(
        shares.map((share) => share.passphrase),
        (passphrases) => recoverExercise({ manifest, shares: withPassphrases(shares, passphrases), progress }),
      ),

    readData: async ({ label }) => {
      const value = token().readData(label);
      return { value: value && base64(value) };
    },

    writeData: async ({ label, value }) => {
      token().writeData(label, bytes(value));
      return { written: true };
    },

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

function withPassphrases(shares: { text: string }[], passphrases: Uint8Array[]): GivenShare[] {
  return shares.map(({ text }, index) => ({ text, passphrase: passphrases[index] as Uint8Array }));
}

/** PIN_LAST_TRY, before the token is asked. */
function refuseLastTry(info: TokenInfo, asOfficerToo: boolean): void {
  const pin = lastTryOf(info, asOfficerToo);
  if (pin !== null) throw new Refusal('PIN_LAST_TRY', { pin });
}

function openToken(location: TokenLocation): Token {
  return location.kind === 'pkcs11'
    ? new Pkcs11Token(location.module, location.token, location.parameters)
    : new SoftwareToken(location.folder, location.token);
}

function backupOf(backup: TokenCallInput<'proveBackup'>['backup']): RehearsedBackup {
  const blob = bytes(backup.blob);
  return backup.algorithm === 'AES-256'
    ? { ...backup, blob, iv: bytes(backup.iv), ciphertext: bytes(backup.ciphertext) }
    : { ...backup, blob, challenge: bytes(backup.challenge) };
}

function messageOf(key: KeyRecord): KeyRecordMessage {
  return { ...key, publicKey: key.publicKey && base64(key.publicKey) };
}

function base64(value: Uint8Array): string {
  return asBuffer(value).toString('base64');
}

function bytes(value: string): Uint8Array {
  return new Uint8Array(Buffer.from(value, 'base64'));
}
