import { type KeyObject, createPrivateKey } from 'node:crypto';
import { Refusal } from '../contract/errors.ts';
import { wipe } from '../process/guarded.ts';
import { readFileOrRefuse } from '../store/files.ts';

/** No private key file is larger (bytes); RSA-16384 has 12 KiB. */
const KEY_FILE_LIMIT_BYTES = 64 * 1024;

/**
 * A recipient's private key from an unencrypted PEM file. The file's bytes are wiped; the key itself stays in the crypto
 * library until it is collected. FILE_MISSING, FILE_UNREADABLE, FILE_TOO_LARGE, KEY_FILE_INVALID.
 */
export async function readPrivateKey(path: string): Promise<KeyObject> {
  const bytes = await readFileOrRefuse(path, KEY_FILE_LIMIT_BYTES);
  try {
    const key = createPrivateKey({ key: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), format: 'pem' });
    if (key.asymmetricKeyType !== 'ec' && key.asymmetricKeyType !== 'rsa') {
      throw new Refusal('KEY_FILE_INVALID', { path, detail: 'it is neither EC nor RSA' });
    }
    return key;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal('KEY_FILE_INVALID', { path, detail: 'it is not an unencrypted private key in PEM' });
  } finally {
    wipe(bytes);
  }
}
