import type { ProbedMechanism, ProbedToken, TokenNeed } from '../../contract/token.ts';

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
  const all = (need: string, wanted: Wanted[]): TokenNeed => {
    const verdicts = wanted.map((one) => ({ name: one.name, verdict: offers(one) }));
    const missing = verdicts.filter(({ verdict }) => verdict === 'missing').map(({ name }) => name);
    if (missing.length > 0) return { need, verdict: 'missing', detail: missing.join(', ') };
    const unsure = verdicts.filter(({ verdict }) => verdict === 'unknown').map(({ name }) => name);
    if (unsure.length > 0) return { need, verdict: 'unknown', detail: `${unsure.join(', ')}: no key size told` };
    return { need, verdict: 'there', detail: wanted.map(({ name }) => name).join(', ') };
  };
  const flagged = (need: string, flag: string, otherwise: string): TokenNeed =>
    token.flags.includes(flag)
      ? { need, verdict: 'there', detail: flag }
      : { need, verdict: 'missing', detail: otherwise };

  const wrap = [...PADDED_WRAP, NATIVE_WRAP].find((wanted) => offers(wanted) !== 'missing');
  const others = mechanisms.filter(({ name, flags }) => OTHER_WRAPS.includes(name) && flags.includes('WRAP'));
  const readWrite = token.sessions.maximumReadWrite;
  return [
    flagged(
      'The token is initialised',
      'TOKEN_INITIALIZED',
      'claviger token init, or the ceremony token-initialisation',
    ),
    pinNeed(token),
    flagged('Keys are behind a login', 'LOGIN_REQUIRED', 'the token says that nobody needs to log in'),
    token.flags.includes('WRITE_PROTECTED')
      ? { need: 'It can be written', verdict: 'missing', detail: 'WRITE_PROTECTED' }
      : {
          need: 'It can be written',
          verdict: 'there',
          detail: readWrite === null ? 'sessions without a limit' : `${readWrite} sessions`,
        },
    flagged('Randomness of its own', 'RNG', 'the operating system alone would make the master key'),
    all('CA keys on P-384, and ECDSA', [
      { name: 'CKM_EC_KEY_PAIR_GEN', does: ['GENERATE_KEY_PAIR'], keySize: P384 },
      { name: 'CKM_ECDSA', does: ['SIGN'], keySize: P384 },
    ]),
    all('CA keys of RSA 4096, where a script asks for them', [
      { name: 'CKM_RSA_PKCS_KEY_PAIR_GEN', does: ['GENERATE_KEY_PAIR'], keySize: RSA_BITS },
      { name: 'CKM_SHA384_RSA_PKCS', does: ['SIGN'], keySize: RSA_BITS },
    ]),
    wrap
      ? all('Backups of CA keys, by RFC 5649 or a native wrap', [wrap])
      : {
          need: 'Backups of CA keys, by RFC 5649 or a native wrap',
          verdict: 'missing',
          detail: others.length > 0 ? `other wraps: ${others.map(({ name }) => name).join(', ')}` : 'no wrap at all',
        },
    all('A vault key: AES-256-GCM', [
      { name: 'CKM_AES_KEY_GEN', does: ['GENERATE'], keySize: AES_BYTES },
      { name: 'CKM_AES_GCM', does: ['ENCRYPT', 'DECRYPT'], keySize: AES_BYTES },
    ]),
    {
      need: 'A master key that is brought in and marked as trusted',
      verdict: 'unknown',
      detail: 'C_CreateObject and CKA_TRUSTED as security officer are seen only when they are tried',
    },
    {
      need: 'CA keys that leave only under a trusted key',
      verdict: 'unknown',
      detail: 'CKA_WRAP_WITH_TRUSTED is read back when the first key is made',
    },
  ];
}

function pinNeed({ pin }: ProbedToken): TokenNeed {
  const need = 'The user PIN is set and good';
  switch (pin.user) {
    case 'good':
      return { need, verdict: 'there', detail: `${pin.minimumLength} to ${pin.maximumLength} bytes` };
    case 'not set':
    case 'locked':
      return { need, verdict: 'missing', detail: pin.user };
    case 'a try has failed':
    case 'one try left':
      return { need, verdict: 'there', detail: `careful: ${pin.user}` };
  }
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
