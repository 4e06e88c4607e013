import { createHash } from 'node:crypto';
import pkcs11, { type Handle, type PKCS11 } from 'pkcs11js';
import { Refusal } from '../../contract/errors.ts';
import {
  type Capabilities,
  type Capability,
  KEY_ALGORITHMS,
  type KeyAlgorithm,
  type SignatureHash,
  type WrapMechanism,
} from '../token.ts';
import { type Behaviour } from './behaviour.ts';
import { attempt } from './ckr.ts';
import { digestInfo, ecdsaSignature } from './encodings.ts';
import { CKM_AES_KEY_WRAP_KWP, CKM_EC_EDWARDS_KEY_PAIR_GEN, CKM_EDDSA } from './version-3.ts';
import { CKK_YUBICO_AES256_CCM_WRAP, CKM_YUBICO_AES_CCM_WRAP } from './yubico.ts';

/** Which mechanism does what, by what a token offers. */

export type NamedMechanism = { name: string; mechanism: number };
/** `masterKeyType`: CKA_KEY_TYPE of the key that it wraps under. */
export type KeyWrap = NamedMechanism & { makes: WrapMechanism; masterKeyType: number };

const named = (name: keyof typeof pkcs11): NamedMechanism => ({ name, mechanism: pkcs11[name] as number });

const EC_GENERATE = named('CKM_EC_KEY_PAIR_GEN');
const RSA_GENERATE = named('CKM_RSA_PKCS_KEY_PAIR_GEN');
const EDWARDS_GENERATE = { name: 'CKM_EC_EDWARDS_KEY_PAIR_GEN', mechanism: CKM_EC_EDWARDS_KEY_PAIR_GEN };
export const AES_GENERATE = named('CKM_AES_KEY_GEN');
export const AES_GCM = named('CKM_AES_GCM');
export const RSA_OAEP = named('CKM_RSA_PKCS_OAEP');
const ECDSA = named('CKM_ECDSA');
const EDDSA = { name: 'CKM_EDDSA', mechanism: CKM_EDDSA };
const RSA = named('CKM_RSA_PKCS');
const ECDSA_HASHED: Record<SignatureHash, NamedMechanism> = {
  'SHA-256': named('CKM_ECDSA_SHA256'),
  'SHA-384': named('CKM_ECDSA_SHA384'),
  'SHA-512': named('CKM_ECDSA_SHA512'),
};
const RSA_HASHED: Record<SignatureHash, NamedMechanism> = {
  'SHA-256': named('CKM_SHA256_RSA_PKCS'),
  'SHA-384': named('CKM_SHA384_RSA_PKCS'),
  'SHA-512': named('CKM_SHA512_RSA_PKCS'),
};
const HASHES = ['SHA-256', 'SHA-384', 'SHA-512'] as const;

const UNDER_AES = { masterKeyType: pkcs11.CKK_AES };

/**
 * RFC 5649: its own mechanism since PKCS#11 v3.0; before, CKM_AES_KEY_WRAP_PAD, which some modules read as RFC 3394.
 * RFC 3394 itself takes whole blocks of 8 bytes: a data key, and no private key. A vendor's own wrap comes last: its
 * backups open on that vendor's devices alone.
 */
const KEY_WRAPS: (KeyWrap & { of: 'any key' | 'AES-256' })[] = [
  { name: 'CKM_AES_KEY_WRAP_KWP', mechanism: CKM_AES_KEY_WRAP_KWP, makes: 'RFC5649', of: 'any key', ...UNDER_AES },
  { ...named('CKM_AES_KEY_WRAP_PAD'), makes: 'RFC5649', of: 'any key', ...UNDER_AES },
  { ...named('CKM_AES_KEY_WRAP'), makes: 'RFC3394', of: 'AES-256', ...UNDER_AES },
  {
    name: 'CKM_YUBICO_AES_CCM_WRAP',
    mechanism: CKM_YUBICO_AES_CCM_WRAP,
    makes: 'YUBIHSM-AES-CCM',
    of: 'any key',
    masterKeyType: CKK_YUBICO_AES256_CCM_WRAP,
  },
];

/** Bits, as C_GetMechanismInfo counts key sizes. */
const BITS: Record<KeyAlgorithm, number> = {
  'EC-P256': 256,
  'EC-P384': 384,
  'EC-P521': 521,
  'RSA-3072': 3072,
  'RSA-4096': 4096,
  Ed25519: 255,
};

const WRAPS_AND_UNWRAPS = pkcs11.CKF_WRAP | pkcs11.CKF_UNWRAP;

/** The mechanisms of one token. */
export class Mechanisms {
  readonly #offered: Set<number>;
  readonly #largest: Map<number, number>;
  readonly #wraps: Set<number>;

  constructor(module: PKCS11, slot: Handle) {
    const list = attempt({ operation: 'C_GetMechanismList' }, () => module.C_GetMechanismList(slot));
    this.#offered = new Set(list);
    const told = (named: NamedMechanism[]) =>
      named
        .filter(({ mechanism }) => this.#offered.has(mechanism))
        .map(({ mechanism }) => ({
          mechanism,
          info: attempt({ operation: 'C_GetMechanismInfo' }, () => module.C_GetMechanismInfo(slot, mechanism)),
        }));
    this.#largest = new Map(
      told([EC_GENERATE, RSA_GENERATE]).map(({ mechanism, info }) => [mechanism, info.maxKeySize]),
    );
    this.#wraps = new Set(
      told(KEY_WRAPS)
        .filter(({ info }) => (info.flags & WRAPS_AND_UNWRAPS) === WRAPS_AND_UNWRAPS)
        .map(({ mechanism }) => mechanism),
    );
  }

  has({ mechanism }: NamedMechanism): boolean {
    return this.#offered.has(mechanism);
  }

  /** Whether keys are wrapped and unwrapped by it: a YubiHSM 2 lists CKM_AES_KEY_WRAP_KWP, as a part of another one only. */
  wraps({ mechanism }: NamedMechanism): boolean {
    return this.#wraps.has(mechanism);
  }

  /** Whether keys of this length can be made with it. */
  reaches({ mechanism }: NamedMechanism, algorithm: KeyAlgorithm): boolean {
    return (this.#largest.get(mechanism) ?? Infinity) >= BITS[algorithm];
  }
}

export function generation(algorithm: KeyAlgorithm): NamedMechanism {
  if (algorithm === 'Ed25519') return EDWARDS_GENERATE;
  return algorithm.startsWith('EC') ? EC_GENERATE : RSA_GENERATE;
}

/** What a token offers to wrap such a key by, the best first. */
export function keyWraps(mechanisms: Mechanisms, algorithm: KeyAlgorithm | 'AES-256'): KeyWrap[] {
  return KEY_WRAPS.filter((one) => (one.of === 'any key' || one.of === algorithm) && mechanisms.wraps(one));
}

export type Signing = NamedMechanism & { input: Buffer; finish: (raw: Buffer) => Uint8Array };

/** How a message is signed. INPUT_INVALID (a hash where none belongs), MECHANISM_MISSING. */
export function signing(
  mechanisms: Mechanisms,
  algorithm: KeyAlgorithm,
  message: Buffer,
  hash: SignatureHash | null,
): Signing {
  const asItIs = (raw: Buffer) => new Uint8Array(raw);
  if ((hash === null) !== (algorithm === 'Ed25519')) {
    throw new Refusal('INPUT_INVALID', { detail: `${algorithm} does not sign with hash ${hash ?? 'none'}` });
  }
  if (hash === null) return { ...offered(mechanisms, EDDSA), input: message, finish: asItIs };
  const digest = () => createHash(hash).update(message).digest();
  if (algorithm.startsWith('EC')) {
    // Tokens that take a digest are more than those that hash themselves.
    return mechanisms.has(ECDSA)
      ? { ...ECDSA, input: digest(), finish: ecdsaSignature }
      : { ...offered(mechanisms, ECDSA_HASHED[hash], ECDSA), input: message, finish: ecdsaSignature };
  }
  return mechanisms.has(RSA_HASHED[hash])
    ? { ...RSA_HASHED[hash], input: message, finish: asItIs }
    : { ...offered(mechanisms, RSA), input: Buffer.from(digestInfo(hash, digest())), finish: asItIs };
}

function offered(mechanisms: Mechanisms, wanted: NamedMechanism, instead = wanted): NamedMechanism {
  if (!mechanisms.has(wanted)) throw new Refusal('MECHANISM_MISSING', { mechanism: instead.name });
  return wanted;
}

/** The first if it is a refusal. */
function orElse(first: Capability, second: Capability): Capability {
  return first.is === 'refused' ? first : second;
}

/** What a token can do, from what it offers and how it is known to behave. */
export function capabilitiesOf(mechanisms: Mechanisms, behaviour: Behaviour, hasRandom: boolean): Capabilities {
  const native = (by: string): Capability => ({ is: 'native', by });
  const refused = (lacks: string): Capability => ({ is: 'refused', lacks });
  const ifOffered = (...needed: NamedMechanism[]): Capability => {
    const missing = needed.find((candidate) => !mechanisms.has(candidate));
    return missing ? refused(missing.name) : native(needed[0]?.name ?? '');
  };
  const withoutReadBack = (capability: Capability): Capability =>
    capability.is === 'native' && behaviour.notReadBack.length > 0
      ? native(`${capability.by}, not read back: ${behaviour.notReadBack.join(', ')}`)
      : capability;
  const generate = (algorithm: KeyAlgorithm): Capability => {
    const by = generation(algorithm);
    if (behaviour.doesNotMake.algorithms.includes(algorithm)) return refused(behaviour.doesNotMake.because);
    if (!mechanisms.reaches(by, algorithm)) return refused(`${by.name} of ${BITS[algorithm]} bits`);
    return withoutReadBack(ifOffered(by));
  };
  const sign = (algorithm: KeyAlgorithm): Capability => {
    const made = generate(algorithm);
    if (made.is === 'refused') return made;
    if (algorithm === 'Ed25519') return ifOffered(EDDSA);
    if (algorithm.startsWith('EC')) {
      if (mechanisms.has(ECDSA)) return native('CKM_ECDSA on a digest');
      return HASHES.every((hash) => mechanisms.has(ECDSA_HASHED[hash]))
        ? native('CKM_ECDSA_SHA*')
        : refused(ECDSA.name);
    }
    if (HASHES.every((hash) => mechanisms.has(RSA_HASHED[hash]))) return native('CKM_SHA*_RSA_PKCS');
    return mechanisms.has(RSA)
      ? { is: 'emulated', by: 'digest and DigestInfo in the token process, CKM_RSA_PKCS' }
      : refused(RSA.name);
  };
  // A master key that cannot wrap would be of no use, and a trusted one that nothing insists on would be a pretence.
  const underMasterKey = (algorithm: KeyAlgorithm | 'AES-256', by: string | null): Capability => {
    const [wrap] = keyWraps(mechanisms, algorithm);
    if (!wrap) return refused('CKM_AES_KEY_WRAP_KWP');
    if (behaviour.trusts === 'nobody') return refused('CKA_TRUSTED');
    return native(by ?? (wrap.makes === 'RFC5649' ? wrap.name : `${wrap.name}, ${wrap.makes}`));
  };
  const backUp = (algorithm: KeyAlgorithm): Capability =>
    behaviour.doesNotBackUp.algorithms.includes(algorithm)
      ? orElse(generate(algorithm), refused(behaviour.doesNotBackUp.because))
      : orElse(generate(algorithm), underMasterKey(algorithm, null));
  const byTransportKey = (): Capability => {
    if (behaviour.doesNotTakeEncrypted !== null) return refused(behaviour.doesNotTakeEncrypted);
    const made = ifOffered(RSA_GENERATE);
    if (made.is !== 'refused' && !mechanisms.reaches(RSA_GENERATE, 'RSA-3072')) return generate('RSA-3072');
    return orElse(made, ifOffered(RSA_OAEP));
  };
  const trusts: Record<Behaviour['keepsToTrusted'], Capability> = {
    natively: native('CKA_WRAP_WITH_TRUSTED'),
    emulated: { is: 'emulated', by: 'checked in the token process: another program that logs in can wrap them' },
    no: refused('CKA_WRAP_WITH_TRUSTED'),
  };
  return {
    random: hasRandom ? native('C_GenerateRandom') : refused('CKF_RNG'),
    ...(Object.fromEntries([
      ...KEY_ALGORITHMS.map((algorithm) => [`generate ${algorithm}`, generate(algorithm)]),
      ...KEY_ALGORITHMS.map((algorithm) => [`sign ${algorithm}`, sign(algorithm)]),
    ]) as Pick<Capabilities, `generate ${KeyAlgorithm}` | `sign ${KeyAlgorithm}`>),
    'generate AES-256': withoutReadBack(ifOffered(AES_GENERATE, AES_GCM)),
    encrypt: ifOffered(AES_GCM),
    decrypt: ifOffered(AES_GCM),
    'keep CA keys to trusted wrapping': trusts[behaviour.keepsToTrusted],
    'import master key': underMasterKey(
      'AES-256',
      behaviour.trusts === 'security officer'
        ? 'C_CreateObject, the security officer makes it, the user copies it'
        : 'C_CreateObject, the user makes it',
    ),
    'import by transport key': orElse(underMasterKey('AES-256', null), byTransportKey()),
    ...(Object.fromEntries(KEY_ALGORITHMS.map((algorithm) => [`back up ${algorithm}`, backUp(algorithm)])) as Pick<
      Capabilities,
      `back up ${KeyAlgorithm}`
    >),
    'back up AES-256': orElse(ifOffered(AES_GENERATE, AES_GCM), underMasterKey('AES-256', null)),
    'keep data': behaviour.keepsNoData === null ? native('CKO_DATA') : refused(behaviour.keepsNoData),
  };
}
