import { writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLedger } from '../../core/ledger/ledger.ts';
import { takeSignature } from '../../core/ledger/signed-elsewhere.ts';
import { openStore } from '../../core/store/open.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { refused } from '../hsm/refused.ts';
import { run } from '../pki/sample-authority.ts';
import { type PostgresServer, pointAt, startPostgres } from '../store/postgres-server.ts';
import { KINDS, note, sampleLedger, verify } from './sample-ledger.ts';

/** A ledger on PostgreSQL whose checkpoints OpenSSL signs, with keys that no node has. */

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => {
  server.stop();
});

/** A key with its certificate, and what it signs. */
function signerIn(folder: string, name: string) {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`];
  const usage = ['-addext', 'keyUsage=critical,digitalSignature', '-addext', 'basicConstraints=critical,CA:FALSE'];
  run(
    folder,
    'openssl',
    'req',
    '-x509',
    ...key,
    '-subj',
    `/CN=${name}`,
    '-days',
    '30',
    ...usage,
    '-out',
    `${name}.crt`,
  );
  run(folder, 'openssl', 'x509', '-in', `${name}.crt`, '-outform', 'DER', '-out', `${name}.der`);
  const read = (file: string) => new Uint8Array(readFileSync(join(folder, file)));
  return {
    certificate: () => read(`${name}.der`),
    sign(content: string | Uint8Array) {
      writeFileSync(join(folder, 'content'), content);
      const with_ = ['-signer', `${name}.crt`, '-inkey', `${name}.key`, '-md', 'sha256', '-nosmimecap'];
      run(folder, 'openssl', 'cms', '-sign', '-binary', '-in', 'content', ...with_, '-outform', 'DER', '-out', 'p7s');
      return read('p7s');
    },
  };
}

test('a checkpoint goes out, comes back signed, and rows leave by it; another key needs the hand of the one before', async () => {
  const folder = temporaryFolder();
  const data = join(folder, 'data');
  pointAt(data, server, await server.database());
  const store = await openStore(data);
  const ledger = openLedger(store, () => new Date(), KINDS);
  const take = (text: string, signature: Uint8Array, handOver: Uint8Array | null = null) =>
    takeSignature(store, ledger, { text, signature, handOver });
  await ledger.append(['one', 'two', 'three'].map((text) => note(text)));
  const [first, second] = [signerIn(folder, 'first'), signerIn(folder, 'second')];

  const { text } = await ledger.checkpoint();
  const signature = first.sign(text);
  await ledger.append([note('meanwhile')]);
  expect(await take(text, signature)).toEqual({ seq: 6, size: 3 });
  expect(await verify(data)).toMatchObject({ signed: 3, notYetSigned: 3, keys: [{}], signer: { subject: 'CN=first' } });
  expect(await ledger.seal(3)).toMatchObject([{ from: 1, to: 3 }]);

  // The same key, which is in no segment, and then once more when it is.
  for (const size of [7, 8]) {
    const next = await ledger.checkpoint(size);
    expect(await take(next.text, first.sign(next.text))).toMatchObject({ size });
  }
  await ledger.seal(8);
  const { text: later } = await ledger.checkpoint();
  expect(await refused('LEDGER_SIGNATURE_REFUSED', () => take(later, second.sign(later)))).toEqual({
    detail: 'the key before it has not signed it',
  });
  const own = second.sign(second.certificate());
  await refused('LEDGER_SIGNATURE_REFUSED', () => take(later, second.sign(later), own));
  const handed = first.sign(second.certificate());
  const { size: before } = await ledger.head();
  expect(await take(later, second.sign(later), handed)).toEqual({ seq: before + 2, size: before });
  expect(await verify(data)).toMatchObject({ signed: before, keys: [{}, {}], segments: 2, warnings: [] });

  // Nothing else is taken, and nothing is written by it.
  const { size } = await ledger.head();
  const whole = await ledger.checkpoint();
  const bad = second.sign('another text');
  await refused('LEDGER_SIGNATURE_REFUSED', () => take(whole.text, bad));
  await refused('LEDGER_SIGNATURE_REFUSED', () => take(text, second.sign(text)));
  const forged = [
    ['LEDGER_OTHER', whole.text.replace(/ledger\/\S+/, 'ledger/0123456789abcdef')],
    ['LEDGER_ROLLED_BACK', whole.text.replace(`\n${size}\n`, `\n${size + 1}\n`)],
    ['LEDGER_FORKED', whole.text.replace(`\n${size}\n`, `\n${size - 1}\n`)],
    ['CHECKPOINT_INVALID', `${whole.text}\n`],
  ] as const;
  for (const [code, wrong] of forged) await refused(code, () => take(wrong, second.sign(wrong)));
  expect((await ledger.head()).size).toBe(size);
  await store.close();
});

test('where ceremonies sign, nobody else does', async () => {
  const { store, ledger } = await sampleLedger(1);
  const { text } = await ledger.checkpoint();
  const given = { text, signature: new Uint8Array(1), handOver: null };
  await refused('LEDGER_SIGNED_HERE', () => takeSignature(store, ledger, given));
  await store.close();
});
