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
