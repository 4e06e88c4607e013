import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { LocalKms } from '../../core/kms/local.ts';
import { wipe } from '../../core/process/guarded.ts';
import { connect } from '../../core/process/rpc.ts';
import { SECRET_FD, SecretBox } from '../../core/process/secret-channel.ts';

/** A process that holds the KEK of a keystore from `open` to `close`, for a test that reads its memory. */

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const box = new SecretBox(SECRET_FD);
const connection = connect(process.stdin, process.stdout);
let kms: LocalKms | null = null;

connection.onRequest('open', async ({ path, ticket }: { path: string; ticket: string }) => {
  const passphrase = await box.take(ticket);
  kms = await LocalKms.open(path, passphrase);
  wipe(passphrase);
  for (let version = 0; version < 50; version += 1) {
    const context = { version: String(version) };
    const { plaintext, ciphertext } = await kms.generateDataKey(context);
    wipe(plaintext, await kms.decrypt(ciphertext, context));
  }
  // Ciphers that were not finished would hold a key schedule until then.
  collectGarbage();
  return {};
});
connection.onRequest('close', async () => {
  await kms?.close();
  return {};
});
connection.onClose(() => process.exit(0));
connection.listen();
