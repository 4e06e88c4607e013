import { createSecretKey, randomBytes } from 'node:crypto';
import {
  AlgorithmSuiteIdentifier,
  CommitmentPolicy,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
  buildClient,
} from '@aws-crypto/client-node';
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { LocalKms } from '../../core/kms/local.ts';
import { guardedCopy, wipe } from '../../core/process/guarded.ts';
import { contextOf, seal, unseal } from '../../core/vault/envelope.ts';
import { VALUE_BYTES } from './vault-ground.ts';

/** A value of 1 KiB there and back, each under a fresh data key that a key-encryption key of 256 bits wraps; age under the key of a recipient. */

export type Peer = { name: string; roundTrip: () => Promise<void> };

export async function peers(): Promise<Peer[]> {
  const value = new Uint8Array(randomBytes(VALUE_BYTES));
  const check = (opened: Uint8Array) => {
    if (opened.length !== VALUE_BYTES) throw new Error('another value came back');
  };

  const kms = new LocalKms('7d444840-9dc0-41d1-b245-5ffdce74fad2', guardedCopy(randomBytes(32)));
  const secret = { owner: 'billing', environment: 'production', name: 'db/main', id: kms.keyId } as const;
  const context = contextOf(secret, 1);

  const aws = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  const keyring = new RawAesKeyringNode({
    keyName: 'bench',
    keyNamespace: 'claviger',
    unencryptedMasterKey: new Uint8Array(randomBytes(32)),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  });
  // Without the signature that is its default: nothing else here signs.
  const suiteId = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;

  const key = createSecretKey(randomBytes(32));
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);

  return [
    {
      name: 'this vault: AES-256-GCM, KEK local',
      roundTrip: async () => {
        const { dataKeys, iv, ciphertext } = await seal(kms, context, value);
        const opened = await unseal(kms, context, { dataKey: dataKeys[0] ?? new Uint8Array(0), iv, ciphertext });
        check(opened);
        wipe(opened);
      },
    },
    {
      name: '@aws-crypto/client-node: raw AES keyring',
      roundTrip: async () => {
        const { result } = await aws.encrypt(keyring, value, { suiteId, encryptionContext: { ...context } });
        check((await aws.decrypt(keyring, result)).plaintext);
      },
    },
    {
      name: 'jose: JWE, A256GCMKW and A256GCM',
      roundTrip: async () => {
        const jwe = await new CompactEncrypt(value)
          .setProtectedHeader({ alg: 'A256GCMKW', enc: 'A256GCM' })
          .encrypt(key);
        check((await compactDecrypt(jwe, key)).plaintext);
      },
    },
    {
      name: 'age-encryption: X25519',
      roundTrip: async () => {
        const encrypter = new Encrypter();
        encrypter.addRecipient(recipient);
        const decrypter = new Decrypter();
        decrypter.addIdentity(identity);
        check(await decrypter.decrypt(await encrypter.encrypt(value)));
      },
    },
  ];
}
