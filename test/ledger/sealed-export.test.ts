import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EVENTS } from '../../core/ceremony/event.ts';
import { openLedger } from '../../core/ledger/ledger.ts';
import type { RowText } from '../../core/ledger/row.ts';
import { SLICE_FORMAT, type SliceHeader, sealSlice } from '../../core/ledger/slice.ts';
import { readRecipientCertificate } from '../../core/pki/read-certificate.ts';
import { verifyLedger } from '../../core/ledger/verify.ts';
import { openStore } from '../../core/store/open.ts';
import { claviger } from '../cli/claviger.ts';
import { refused } from '../hsm/refused.ts';
import { sampleRecipient, temporaryFolder } from '../pki/sample-authority.ts';
import { appendCheckpoint, appendKey, selfSignedKey } from './sample-ledger.ts';

async function signedStore() {
  const data = join(temporaryFolder(), 'data');
  const store = await openStore(data);
  const ledger = openLedger(store, () => new Date(), EVENTS);
  const key = selfSignedKey();
  await appendKey(ledger, key, null);
  const body = { step: 'a', ask: 'b', answer: { text: 'what somebody said' } };
  for (let count = 0; count < 20; count += 1) {
    await ledger.append([{ kind: 'step.answered', ceremony: 'one', body }]);
  }
  await appendCheckpoint(ledger, key);
  return { data, store, ledger };
}

const openssl = (...words: string[]) => execFileSync('openssl', words, { stdio: 'pipe' });

test.each(['EC-P256', 'EC-P384', 'RSA-3072'] as const)(
  'an export that is encrypted to a certificate (%s) is opened by openssl, and is the one in the clear',
  async (kind) => {
    const { store, ledger } = await signedStore();
    const { certificate, key } = await sampleRecipient(kind);
    const folder = temporaryFolder({ 'to.key': key });
    const file = (name: string) => join(folder, name);
    const recipient = readRecipientCertificate(Buffer.from(certificate), 'to.crt', new Date());
    await ledger.export({ from: 2, to: 9 }, file('clear'));
    const sha256 = await ledger.export({ from: 2, to: 9 }, file('sealed'), recipient);
    await store.close();
    expect(hash('sha256', readFileSync(file('sealed')))).toBe(sha256);
    expect(readFileSync(file('sealed')).includes('what somebody said')).toBe(false);
    const open = ['cms', '-decrypt', '-inform', 'DER', '-in', file('sealed'), '-inkey', file('to.key')];
    openssl(...open, '-out', file('opened'));
    expect(readFileSync(file('opened'))).toEqual(readFileSync(file('clear')));
    expect(await verifyLedger(file('opened'), { kinds: EVENTS, paper: null })).toMatchObject({ from: 2, to: 9 });
  },
);

test('claviger ledger export --recipient', async () => {
  const { data, store } = await signedStore();
  await store.close();
  const { certificate, key } = await sampleRecipient('EC-P256');
  const folder = temporaryFolder({ 'to.crt': certificate, 'to.key': key });
  const file = (name: string) => join(folder, name);
  const exported = async (recipient: string) => {
    const words = ['ledger', 'export', '--data', data, '--recipient', recipient, '-o', file('sealed'), '--json'];
    return JSON.parse((await claviger(words)).stdout) as Record<string, unknown>;
  };
  expect(await exported(file('to.key'))).toMatchObject({ error: { code: 'CERTIFICATE_INVALID' } });
  expect(await exported(file('to.crt'))).toMatchObject({ from: 1, to: 21, recipient: 'CN=Empfänger' });
  const clear = openssl('cms', '-decrypt', '-inform', 'DER', '-in', file('sealed'), '-inkey', file('to.key'));
  expect(clear.toString().split('\n')).toHaveLength(23);
});

test('rows that are too many for one message are refused, and leave nothing', async () => {
  const { certificate } = await sampleRecipient('EC-P256');
  const recipient = readRecipientCertificate(Buffer.from(certificate), 'to.crt', new Date());
  const body = JSON.stringify({ text: 'x'.repeat(1024 * 1024) });
  // eslint-disable-next-line @typescript-eslint/require-await -- pages come from a store elsewhere
  async function* pages(): AsyncGenerator<RowText[]> {
    for (let seq = 1; seq <= 130; seq += 1) yield [{ seq, at: '', kind: 'note', ceremony: null, body }];
  }
  const path = join(temporaryFolder(), 'sealed');
  const header = { format: SLICE_FORMAT } as SliceHeader;
  const file = { path, mode: 0o644, overwrite: false };
  expect(await refused('EXPORT_LARGE', () => sealSlice(file, header, pages(), recipient))).toMatchObject({
    limit: 128 * 1024 * 1024,
  });
  expect(() => readFileSync(path)).toThrow('ENOENT');
});
