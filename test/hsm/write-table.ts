import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { GROUNDS } from './grounds/all.ts';
import { TABLE_FILE, columnOf, tableText } from './token-table.ts';

/** `node test/hsm/write-table.ts` writes docs/tokens.md. Each module is asked in a process of its own, as ever. */

const INTRODUCTION = `# What each module can do

Made by \`node test/hsm/write-table.ts\`; the conformance suite (\`test/hsm/conformance.ts\`) runs every operation on every
module below and fails where this table says another thing than the module's \`capabilities()\`.

- **native**: the token does it, by this mechanism.
- **emulated**: the token process does a part of it that needs no key, and the table says which.
- **refused**: for want of what is named, before the token is touched (\`MECHANISM_MISSING\`).

\`back up\` means to wrap a key under the master key (RFC 5649) and to take it back as a key that only signs, or only
encrypts and decrypts. A token that cannot do both makes no CA key of that kind. An attribute that is *not read back* is
one that the module does not tell, or sets as it likes. \`keep data\` is for what is no secret: the copy of a ledger
checkpoint. It is a private object, so that nobody changes it without the PIN.

A master key comes in one of two ways. \`import master key\` is C_CreateObject, in the clear from the token process to the module. \`import by
transport key\` is for a token that refuses that, as an HSM in FIPS mode does: the token makes an RSA-3072 key pair for this once, the master key
is encrypted under it (RSA-OAEP, SHA-256 or else SHA-1) and comes in by C_UnwrapKey, and the pair is destroyed. It is taken by itself where the
first is refused; a token that refuses both gets no master key. The suite imports both ways on every module. RSA-AES key wrap
(CKM_RSA_AES_KEY_WRAP) is not used: it is RSA-OAEP of an AES key that wraps something longer, and a master key fits into one block.

By what a backup was wrapped is recorded with it (\`mechanism\`), and that opens it:

- \`RFC5649\`, wherever the token offers it. It opens on every token that offers it, and with OpenSSL.
- \`RFC3394\`, for an AES key on a token that has no other.
- \`YUBIHSM-AES-CCM\`, the native wrap of a YubiHSM 2 (CKM_YUBICO_AES_CCM_WRAP), where it is the only one. Not tried on the device: the
  suite of its own (\`test/hsm/native-wrap.test.ts\`) and a whole ceremony (\`test/cli/native-wrap-run.test.ts\`) run on a fake, SoftHSM 2 behind the
  rules of Yubico's module. It wraps an object with its id, its label and what it may do, and gives it back as it was: a rehearsal
  finds the label free on the second token, compares label, id and algorithm with what was asked for, and destroys the copy. A clash
  is refused (\`KEY_EXISTS\`), and so is the backup of another key (\`BACKUP_UNOPENED\`). It opens on another YubiHSM 2 only. No
  key is marked as trusted there: every key of the type wraps, and the token process uses none that was not brought in, or
  that does anything else.

A ceremony works on one token, which it knows by its serial number, and on a rehearsal token; when the token's process ends, the
step is resumed on that token and no other. The pool (\`core/hsm/pool\`) is for what is done many times over with keys that several
sessions or several tokens hold alike: signatures and wraps of a service that runs. It balances, bounds its queue, and gives a call whose process
ended to another where doing it twice is harmless. It falls back to a software token only for the calls that policy names, each recorded first.

`;

const [, , module] = process.argv;
if (module === undefined) {
  const columns = Object.keys(GROUNDS).map((name) => {
    const answer = execFileSync(process.execPath, [import.meta.filename, name], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return { module: name, cells: JSON.parse(answer.toString()) as string[] };
  });
  const options = await resolveConfig(TABLE_FILE);
  writeFileSync(TABLE_FILE, await format(INTRODUCTION + tableText(columns), { ...options, filepath: TABLE_FILE }));
} else {
  const prepare = GROUNDS[module];
  if (!prepare) throw new Error(`no module ${module}`);
  const ground = await prepare();
  const token = ground.open('first');
  token.login(ground.pin, ground.securityOfficerPin);
  process.stdout.write(JSON.stringify(columnOf(token.capabilities())));
  token.close();
  ground.remove();
}
