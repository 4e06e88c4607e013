import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { asksFor } from '../../core/service/vault-key.ts';
import { temporaryFolder } from '../cli/claviger.ts';

test('what a person types to unlock a vault is told by its key’s place, and nothing where a file has the PIN', () => {
  const folder = temporaryFolder();
  const asks = (place: object) =>
    asksFor({
      ...{ id: '7d444840-9dc0-41d1-b245-5ffdce74fad2', provider: 'pkcs11', state: 'active', mode: 'training' },
      ...{ place: JSON.stringify(place), check_value: new Uint8Array(0), created_at: '2026-11-22T12:00:00.000Z' },
    });
  const token = (name: string, pin: string) => {
    const path = join(folder, name);
    writeFileSync(path, `software: ${join(folder, 'software')}\ntoken: vault\npin: ${pin}\n`);
    return { token: path, label: 'vault-kek', check: '' };
  };
  writeFileSync(join(folder, 'pin'), 'a PIN of no token', { mode: 0o600 });
  expect(asks({ keystore: 'vault.keystore' })).toBe('passphrase');
  expect(asks(token('prompt.yaml', 'prompt'))).toBe('pin');
  expect(asks(token('file.yaml', `{ file: ${join(folder, 'pin')} }`))).toBe(null);
  // Not there now: whoever unlocks it is told then.
  expect(asks({ token: join(folder, 'gone.yaml'), label: 'vault-kek', check: '' })).toBe('pin');
});
