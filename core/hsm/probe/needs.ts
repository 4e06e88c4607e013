import type { Need, Offer, ProbedMechanism, ProbedToken, TokenNeed } from '../../contract/token.ts';

/** A mechanism by its name, what it must do, and the size of key (in its own unit) that it must take. */
type Wanted = { name: string; does: string[]; keySize?: number };

const P384 = 384;
const RSA_BITS = 4096;
const AES_BYTES = 32;

/** RFC 5649 under its two numbers: v2.40 mechanisms 2.14 (0x210A) and v3.0 2.9 (0x210B). */
const PADDED_WRAP: Wanted[] = ['CKM_AES_KEY_WRAP_PAD', 'CKM_AES_KEY_WRAP_KWP'].map((name) => ({
  name,
  does: ['WRAP', 'UNWRAP'],
  keySize: AES_BYTES,
}));

/** A vendor's own wrap: its backups open on devices of that vendor only. */
const NATIVE_WRAP: Wanted = { name: 'CKM_YUBICO_AES_CCM_WRAP', does: ['WRAP', 'UNWRAP'], keySize: AES_BYTES };

/** What other wraps are worth knowing of where RFC 5649 is missing. */
const OTHER_WRAPS = ['CKM_AES_KEY_WRAP', 'CKM_AES_CBC_PAD', 'CKM_AES_GCM'];

/** What a ceremony needs of a token, against what it offers without a login. */
export function needsOf(token: ProbedToken, mechanisms: ProbedMechanism[]): TokenNeed[] {
  const offers = (wanted: Wanted): TokenNeed['verdict'] => verdictOf(wanted, mechanisms);
  const all = (need: Need, wanted: Wanted[]): TokenNeed => {
    const verdicts = wanted.map((one) => ({ name: one.name, verdict: offers(one) }));
    const missing = verdicts.filter(({ verdict }) => verdict === 'missing').map(({ name }) => name);
    if (missing.length > 0) return { need, verdict: 'missing', offer: named(missing) };
    const unsure = verdicts.filter(({ verdict }) => verdict === 'unknown').map(({ name }) => name);
    if (unsure.length > 0) return { need, verdict: 'unknown', offer: { is: 'noSize', names: unsure.join(', ') } };
    return { need, verdict: 'there', offer: named(wanted.map(({ name }) => name)) };
  };
  const flagged = (need: Need, flag: string, otherwise: Offer['is']): TokenNeed =>
    token.flags.includes(flag)
      ? { need, verdict: 'there', offer: named([flag]) }
      : { need, verdict: 'missing', offer: { is: otherwise } };

  const wrap = [...PADDED_WRAP, NATIVE_WRAP].find((wanted) => offers(wanted) !== 'missing');
  const others = mechanisms.filter(({ name, flags }) => OTHER_WRAPS.includes(name) && flags.includes('WRAP'));
  const readWrite = token.sessions.maximumReadWrite;
  return [
    flagged('initialised', 'TOKEN_INITIALIZED', 'notInitialised'),
    pinNeed(token),
    flagged('login', 'LOGIN_REQUIRED', 'noLogin'),
    token.flags.includes('WRITE_PROTECTED')
      ? { need: 'writable', verdict: 'missing', offer: named(['WRITE_PROTECTED']) }
      : {
          need: 'writable',
          verdict: 'there',
          offer: readWrite === null ? { is: 'sessionsUnlimited' } : { is: 'sessions', count: readWrite },
        },
    flagged('randomness', 'RNG', 'noRandomness'),
    all('p384', [
      { name: 'CKM_EC_KEY_PAIR_GEN', does: ['GENERATE_KEY_PAIR'], keySize: P384 },
      { name: 'CKM_ECDSA', does: ['SIGN'], keySize: P384 },
    ]),
    all('rsa4096', [
      { name: 'CKM_RSA_PKCS_KEY_PAIR_GEN', does: ['GENERATE_KEY_PAIR'], keySize: RSA_BITS },
      { name: 'CKM_SHA384_RSA_PKCS', does: ['SIGN'], keySize: RSA_BITS },
    ]),
    wrap
      ? all('backup', [wrap])
      : {
          need: 'backup',
          verdict: 'missing',
          offer:
            others.length > 0
              ? { is: 'otherWraps', names: others.map(({ name }) => name).join(', ') }
              : { is: 'noWrap' },
        },
    all('vaultKey', [
      { name: 'CKM_AES_KEY_GEN', does: ['GENERATE'], keySize: AES_BYTES },
      { name: 'CKM_AES_GCM', does: ['ENCRYPT', 'DECRYPT'], keySize: AES_BYTES },
    ]),
    { need: 'trusted', verdict: 'unknown', offer: { is: 'triedTrusted' } },
    { need: 'kept', verdict: 'unknown', offer: { is: 'triedKept' } },
  ];
}

function pinNeed({ pin }: ProbedToken): TokenNeed {
  const need = 'pin';
  const { user, minimumLength: minimum, maximumLength: maximum } = pin;
  switch (user) {
    case 'good':
      return { need, verdict: 'there', offer: { is: 'pinLength', minimum, maximum } };
    case 'not set':
    case 'locked':
      return { need, verdict: 'missing', offer: { is: `pin.${user}` } };
    case 'a try has failed':
    case 'one try left':
      return { need, verdict: 'there', offer: { is: `pin.${user}` } };
  }
}

function named(names: string[]): Offer {
  return { is: 'names', names: names.join(', ') };
}

/** A module that tells 0 as its largest key has told nothing. */
function verdictOf({ name, does, keySize }: Wanted, mechanisms: ProbedMechanism[]): TokenNeed['verdict'] {
  const found = mechanisms.find((mechanism) => mechanism.name === name);
  if (!found || does.some((flag) => !found.flags.includes(flag))) return 'missing';
  if (keySize === undefined) return 'there';
  if (found.maximumKey === 0) return 'unknown';
  // AES sizes are bytes in the standard, and bits in some modules.
  const size = keySize === AES_BYTES && found.maximumKey >= 128 ? keySize * 8 : keySize;
  return found.minimumKey <= size && size <= found.maximumKey ? 'there' : 'missing';
}
