import {
  argon2Sync,
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createHmac,
  createPublicKey,
  hkdfSync,
  pbkdf2Sync,
  scryptSync,
  verify,
} from 'node:crypto';
import { combineShares } from '../shares/shamir.ts';
import { parseShare } from '../shares/share.ts';
import { AGREED, SHARES, SIGNATURES } from './known-answers.ts';

/** One primitive and its known answer; `answers` throws or is false where the primitive is broken. */
type KnownAnswer = { primitive: string; answers: () => boolean | Promise<boolean> };

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const is = (made: ArrayBuffer | Uint8Array, hex: string) => Buffer.from(made as Uint8Array).toString('hex') === hex;
const abc = (hash: string) => createHash(hash).update('abc').digest();

/** Every primitive that core and its token processes take from the platform, and our share format. All inputs are public. */
const KNOWN_ANSWERS: KnownAnswer[] = [
  // FIPS 180-4, "abc".
  {
    primitive: 'SHA-256',
    answers: () => is(abc('sha256'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'),
  },
  {
    primitive: 'SHA-384',
    answers: () =>
      is(
        abc('sha384'),
        'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
      ),
  },
  // RFC 4231 4.3.
  {
    primitive: 'HMAC-SHA-256',
    answers: () =>
      is(
        createHmac('sha256', 'Jefe').update('what do ya want for nothing?').digest(),
        '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
      ),
  },
  // RFC 5869 A.1.
  {
    primitive: 'HKDF-SHA-256',
    answers: () =>
      is(
        hkdfSync(
          'sha256',
          Buffer.alloc(22, 0x0b),
          bytes('000102030405060708090a0b0c'),
          bytes('f0f1f2f3f4f5f6f7f8f9'),
          42,
        ),
        '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
      ),
  },
  // RFC 7914 11 and 12.
  {
    primitive: 'PBKDF2-HMAC-SHA-256',
    answers: () =>
      is(
        pbkdf2Sync('passwd', 'salt', 1, 64, 'sha256'),
        '55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc' +
          '49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783',
      ),
  },
  {
    primitive: 'scrypt',
    answers: () =>
      is(
        scryptSync('password', 'NaCl', 64, { N: 1024, r: 8, p: 16, maxmem: 64 * 1024 * 1024 }),
        'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162' +
          '2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
      ),
  },
  // RFC 9106 5.3.
  {
    primitive: 'Argon2id',
    answers: () =>
      is(
        argon2Sync('argon2id', {
          message: Buffer.alloc(32, 1),
          nonce: Buffer.alloc(16, 2),
          secret: Buffer.alloc(8, 3),
          associatedData: Buffer.alloc(12, 4),
          memory: 32,
          passes: 3,
          parallelism: 4,
          tagLength: 32,
        }),
        '0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659',
      ),
  },
  // The GCM specification, test case 14; and an altered tag.
  { primitive: 'AES-256-GCM', answers: gcmAnswers },
  // RFC 3394 4.6.
  {
    primitive: 'AES key wrap',
    answers: () => {
      const kek = bytes('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
      const cipher = createCipheriv('id-aes256-wrap', kek, Buffer.alloc(8, 0xa6));
      const key = bytes('00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f');
      return is(
        Buffer.concat([cipher.update(key), cipher.final()]),
        '28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21',
      );
    },
  },
  // RFC 5649 6.
  {
    primitive: 'AES key wrap with padding',
    answers: () => {
      const kek = bytes('5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8');
      const cipher = createCipheriv('id-aes192-wrap-pad', kek, bytes('a65959a6'));
      const key = bytes('c37b7e6492584340bed12207808941155068f738');
      return is(
        Buffer.concat([cipher.update(key), cipher.final()]),
        '138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a',
      );
    },
  },
  ...SIGNATURES.map(({ name, hash, publicKey, signature }) => ({
    primitive: name,
    answers: () => {
      const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
      const signed = (message: string) => verify(hash, Buffer.from(message), key, Buffer.from(signature, 'base64'));
      return signed('') && !signed('x');
    },
  })),
  {
    primitive: 'ECDH P-384',
    answers: () => {
      const ecdh = createECDH('secp384r1');
      ecdh.setPrivateKey(bytes(AGREED.privateScalar));
      // The point is the end of the SubjectPublicKeyInfo: 0x04, x, y.
      return is(ecdh.computeSecret(Buffer.from(AGREED.publicKey, 'base64').subarray(-97)), AGREED.secret);
    },
  },
  // docs/formats/share.md, its sample set.
  {
    primitive: 'Shamir shares',
    answers: async () => {
      const secret = new Uint8Array(32);
      // The library takes no Buffer.
      const plain = SHARES.plain.map((hex) => Uint8Array.from(bytes(hex)));
      await combineShares(plain, secret);
      return is(secret, SHARES.secret);
    },
  },
  {
    primitive: 'Share checksum',
    answers: () => {
      parseShare(SHARES.text);
      try {
        parseShare(SHARES.text.replace('QY64', 'QY6C'));
        return false;
      } catch {
        return true;
      }
    },
  },
];

/** How many primitives there are, and the names of those that give a wrong answer. */
export async function selfTest(): Promise<{ tested: number; wrong: string[] }> {
  const wrong: string[] = [];
  for (const { primitive, answers } of KNOWN_ANSWERS) {
    const right = await Promise.resolve()
      .then(answers)
      .catch(() => false);
    if (!right) wrong.push(primitive);
  }
  return { tested: KNOWN_ANSWERS.length, wrong };
}

function gcmAnswers(): boolean {
  const cipher = createCipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12));
  const ciphertext = Buffer.concat([cipher.update(Buffer.alloc(16)), cipher.final()]);
  if (!is(ciphertext, 'cea7403d4d606b6e074ec5d3baf39d18')) return false;
  if (!is(cipher.getAuthTag(), 'd0d1c8a799996bf0265b98b5d48ab919')) return false;
  const decipher = createDecipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12));
  decipher.setAuthTag(bytes('d0d1c8a799996bf0265b98b5d48ab918'));
  decipher.update(ciphertext);
  try {
    decipher.final();
    return false;
  } catch {
    return true;
  }
}
