import { Refusal } from '../contract/errors.ts';
import { sameBytes } from '../pki/same-bytes.ts';
import { type ReadCertificate, parseCertificate } from '../pki/read-certificate.ts';
import { verifySignedData } from '../pki/signed-data.ts';
import type { Store } from '../store/open.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { bytesOf, nextKey, signatureFault } from './keys.ts';
import { LEDGER_KINDS, type LedgerBody } from './kinds.ts';
import type { Ledger, NewRow } from './ledger.ts';

/**
 * A ledger on which no ceremony is done, since several nodes share it, is signed elsewhere: its checkpoint goes out as a text, and comes back with a detached CMS signature over it, made by OpenSSL with a
 * key that no node has. The rows are those that a ceremony writes.
 */
export function refuseSignedHere(store: Store): void {
  if (!store.shared) throw new Refusal('LEDGER_SIGNED_HERE');
}

/**
 * Takes such a signature. The first key is trusted for itself; a later one needs the signature of the key before it over its certificate (DER). Answers the number of the checkpoint's row.
 * LEDGER_SIGNED_HERE, CHECKPOINT_INVALID, LEDGER_OTHER, LEDGER_ROLLED_BACK, LEDGER_FORKED, LEDGER_SIGNATURE_REFUSED, STORE_OVERTAKEN.
 */
export async function takeSignature(
  store: Store,
  ledger: Ledger,
  { text, signature, handOver }: { text: string; signature: Uint8Array; handOver: Uint8Array | null },
): Promise<{ seq: number; size: number }> {
  refuseSignedHere(store);
  const checkpoint = parseCheckpoint(text);
  if (!checkpoint) throw new Refusal('CHECKPOINT_INVALID', { detail: 'it is not the file that was to be signed' });
  const { origin, size } = checkpoint;
  const here = await ledger.origin();
  if (origin !== here) throw new Refusal('LEDGER_OTHER', { paper: origin, origin: here });
  const { size: present } = await ledger.head();
  if (size > present) throw new Refusal('LEDGER_ROLLED_BACK', { size: present, paper: size, missing: size - present });
  if ((await ledger.checkpoint(size)).text !== text) throw new Refusal('LEDGER_FORKED', { paper: size });
  const before = await newest(ledger, 'ledger.checkpoint');
  if (before && (parseCheckpoint(before.body)?.size ?? 0) > size) throw refused('a checkpoint of more rows is signed');

  const content = new TextEncoder().encode(text);
  const signer = signerOf(signature, content);
  const last = await newest(ledger, 'ledger.key');
  const known = last && keyOf(last);
  const rows: NewRow[] = [];
  if (!known || !sameBytes(known.der, signer.der)) {
    const body = { certificate: base64(signer.der), signature: known && handOver ? base64(handOver) : null };
    const key = nextKey(known, body);
    if (typeof key === 'string') throw refused(key);
    rows.push({ kind: 'ledger.key', ceremony: null, body });
  }
  const body = { body: text, signature: base64(signature) };
  const fault = signatureFault(signer, content, body.signature);
  if (fault !== null) throw refused(fault);
  rows.push({ kind: 'ledger.checkpoint', ceremony: null, body });
  const written = await ledger.append(rows, async (db, first) => {
    // Another node may have taken one meanwhile, of another key.
    const other = await db
      .selectFrom('ledger')
      .select('seq')
      .where('kind', 'in', ['ledger.key', 'ledger.checkpoint'])
      .where('seq', '>', present)
      .where('seq', '<', first)
      .executeTakeFirst();
    if (other) throw new Refusal('STORE_OVERTAKEN', { path: store.folder, detail: `row ${other.seq}` });
  });
  return { seq: written.at(-1)?.seq ?? 0, size };
}

async function newest<K extends 'ledger.key' | 'ledger.checkpoint'>(
  ledger: Ledger,
  kind: K,
): Promise<LedgerBody<K> | null> {
  const [row] = await ledger.read({ kind, limit: 1 });
  return row ? (LEDGER_KINDS[kind].parse(row.body) as LedgerBody<K>) : null;
}

function keyOf({ certificate }: LedgerBody<'ledger.key'>): ReadCertificate {
  const der = bytesOf(certificate);
  const key = der && parseCertificate(der);
  if (!key) throw new Error('the certificate of the ledger key is none');
  return key;
}

function signerOf(signature: Uint8Array, content: Uint8Array): ReadCertificate {
  try {
    return verifySignedData(signature, content).signer;
  } catch (error) {
    throw error instanceof Refusal ? refused(String(error.params['detail'])) : error;
  }
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const refused = (detail: string) => new Refusal('LEDGER_SIGNATURE_REFUSED', { detail });
