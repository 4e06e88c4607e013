import { ALPHABET } from '../../core/shares/alphabet.ts';
import { wordsOf } from '../../core/contract/words.ts';

/** A secret that must be nowhere, by a name that says which: `kind` is what the allowed places go by. */
export type Canary = { kind: CanaryKind; name: string; bytes: Uint8Array };
export type CanaryKind =
  | 'PIN'
  | 'PIN key'
  | 'dice'
  | 'key'
  | 'master key'
  | 'passphrase'
  | 'passphrase key'
  | 'plain share'
  | 'recipient key'
  | 'sealed share'
  | 'password'
  | 'password of Redis'
  | 'token'
  | 'value';

/** What is searched for: a piece of a canary in one of the forms that it could have taken. */
export type Needle = { canary: Canary; form: string; bytes: Uint8Array };

const PIECE_BYTES = 16;
const PIECE_STEP = 8;
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE64URL = BASE64.replace('+/', '-_');
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Every needle of a canary. A long one is searched for in pieces: 24 bytes of it in a row are always found. */
export function needlesOf(canary: Canary): Needle[] {
  return piecesOf(canary.bytes).flatMap(({ bytes, offset }) =>
    formsOf(bytes, offset).map(([form, shape]) => ({
      canary,
      form,
      bytes: typeof shape === 'string' ? Buffer.from(shape) : shape,
    })),
  );
}

function piecesOf(bytes: Uint8Array): { bytes: Uint8Array; offset: number }[] {
  if (bytes.length < PIECE_BYTES + PIECE_STEP) return [{ bytes, offset: 0 }];
  const offsets = Array.from(
    { length: Math.floor((bytes.length - PIECE_BYTES) / PIECE_STEP) + 1 },
    (_, index) => index * PIECE_STEP,
  );
  const last = bytes.length - PIECE_BYTES;
  return [...new Set([...offsets, last])].map((offset) => ({
    bytes: bytes.subarray(offset, offset + PIECE_BYTES),
    offset,
  }));
}

function formsOf(bytes: Uint8Array, offset: number): [string, string | Uint8Array][] {
  const hex = Buffer.from(bytes).toString('hex');
  const latin = Buffer.from(bytes).toString('latin1');
  const utf8 = Buffer.from(bytes).toString('utf8');
  const little = Buffer.from(latin, 'utf16le');
  const numbers = Array.from(bytes);
  const forms: [string, string | Uint8Array][] = [
    ['raw', bytes],
    ['reversed', Uint8Array.from(bytes).reverse()],
    ['hex', hex],
    ['HEX', hex.toUpperCase()],
    ['hex with colons', hex.replace(/..(?=.)/g, '$&:')],
    ['HEX with colons', hex.toUpperCase().replace(/..(?=.)/g, '$&:')],
    ['UTF-16LE', little],
    ['UTF-16BE', Buffer.from(little).swap16()],
    ['UTF-8 of Latin-1', latin],
    ['percent', numbers.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')],
    ['numbers', numbers.join(',')],
    ['numbered', numbers.map((byte, index) => `"${offset + index}":${byte}`).join(',')],
    ...[0, 1].flatMap((turn): [string, string][] => {
      // Two lists of words take turns.
      const words = wordsOf(Uint8Array.from([...new Uint8Array(turn), ...bytes])).slice(turn);
      return [
        [`words ${turn}`, words.join('')],
        [`list of words ${turn}`, words.join('","')],
      ];
    }),
    ...aligned(bytes, 6, BASE64, 'base64'),
    ...aligned(bytes, 6, BASE64URL, 'base64url'),
    ...aligned(bytes, 5, BASE32, 'base32'),
    ...aligned(bytes, 5, ALPHABET, 'share alphabet'),
  ];
  if (latin !== utf8 && !utf8.includes('\ufffd')) {
    forms.push(['escaped', Array.from(utf8, (letter) => escaped(letter)).join('')]);
  }
  return forms;
}

/** As JSON and JavaScript escape it. */
function escaped(letter: string): string {
  const code = letter.charCodeAt(0);
  return code < 128 ? letter : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** The characters that stand for these bytes and no others, wherever in a longer text they begin. */
function aligned(bytes: Uint8Array, bits: 5 | 6, alphabet: string, form: string): [string, string][] {
  const turns = bits === 6 ? 3 : 5;
  return Array.from({ length: turns }, (_, before): [string, string] => {
    const binary = [...new Uint8Array(before), ...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    const first = Math.ceil((before * 8) / bits);
    const count = Math.floor(binary.length / bits) - first;
    const characters = Array.from({ length: count }, (_unused, index) => {
      const from = (first + index) * bits;
      return alphabet.charAt(Number.parseInt(binary.slice(from, from + bits), 2));
    });
    return [`${form} ${before}`, characters.join('')];
  });
}
