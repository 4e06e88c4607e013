import { writeSync } from 'node:fs';
import { LocalKms } from '../../core/kms/local.ts';
import { guardedCopy } from '../../core/process/guarded.ts';
import { Vault } from '../../core/vault/vault.ts';
import { DATABASE, bytes, sampleVault } from './sample-vault.ts';

/**
 * Stores a secret and reads it once, and says on standard error when it is about to be decrypted: a process for a test that watches its system calls.
 * `late`: what must not be, the ledger's row after the decryption.
 */

const [home = '', purpose = '', order = ''] = process.argv.slice(2);
let watched = false;

class Marked extends LocalKms {
  override decrypt(...words: Parameters<LocalKms['decrypt']>): Promise<Uint8Array> {
    if (watched) writeSync(2, 'decryption begins');
    return super.decrypt(...words);
  }
}

const kms = new Marked('7d444840-9dc0-41d1-b245-5ffdce74fad2', guardedCopy(bytes('a key-encryption key for testing')));
const { vault, somebody, close } = await sampleVault(home, { kms });
const service = await somebody('billing', ['READ', 'WRITE'], { system: true });
await vault.secrets.put(service, { identity: DATABASE, category: 'database-password' }, bytes('secret'));

const { parts } = vault;
const deferred: (() => Promise<unknown>)[] = [];
const late = new Vault({
  ...parts,
  ledger: {
    ...parts.ledger,
    append(rows, also) {
      deferred.push(() => parts.ledger.append(rows, also));
      return Promise.resolve(rows.map((row) => ({ ...row, at: '', seq: 1 })));
    },
  },
});
watched = true;
await (order === 'late' ? late : vault).secrets.get(service, { identity: DATABASE, purpose });
for (const append of deferred) await append();
await close();
