import { X509Certificate } from 'node:crypto';
import { Refusal } from '../contract/errors.ts';
import type { Checkpoint } from '../ledger/checkpoint.ts';
import { signatureFault } from '../ledger/keys.ts';
import { LEDGER_KINDS } from '../ledger/kinds.ts';
import type { Ledger, NewRow } from '../ledger/ledger.ts';
import { parseCertificate } from '../pki/read-certificate.ts';
import { signData } from '../pki/signed-data.ts';
import type { Signer } from '../pki/signer.ts';
import type { EffectContext } from './action.ts';
import { keyPairOf } from './records.ts';
import { signerOf, tokenSigner } from './signing.ts';
import { say } from './say.ts';
import type { CeremonyState } from './state.ts';

/** The key that signs the ledger's checkpoints, and how one key hands over to the next. docs/formats/ledger.md */

/** The certificate (DER) of the key that signs now; null before the first. */
export async function ledgerCertificate(ledger: Ledger): Promise<Uint8Array | null> {
  const [row] = await ledger.read({ kind: 'ledger.key', limit: 1 });
  return row ? Buffer.from(LEDGER_KINDS['ledger.key'].parse(row.body).certificate, 'base64') : null;
}

/**
 * The row by which a certified key of this ceremony's token becomes the ledger's: signed by the key before it, which may be the same
 * one under an older certificate. LEDGER_KEY_ELSEWHERE if that key is in another token: a training run goes on all the same, and
 * its row says so by carrying no signature.
 */
export async function ledgerKeyRow(context: EffectContext, certificate: Uint8Array, at: Date): Promise<NewRow> {
  const before = await ledgerCertificate(context.ledger);
  let signature: string | null = null;
  if (before) {
    const signer = await signerInToken(context, before);
    if (signer) signature = base64(await signBy(signer, before, certificate, at, { handingOver: true }));
    else if (context.state.mode === 'live') throw new Refusal('LEDGER_KEY_ELSEWHERE');
  }
  return {
    kind: 'ledger.key',
    ceremony: context.state.id,
    body: { certificate: base64(certificate), signature },
  };
}

/** Before anything is signed for it: whether the key before it is here to hand over. LEDGER_KEY_ELSEWHERE, live only. */
export async function refuseWithoutHandOver(context: EffectContext): Promise<void> {
  const before = await ledgerCertificate(context.ledger);
  if (before && context.state.mode === 'live' && !(await signerInToken(context, before))) {
    throw new Refusal('LEDGER_KEY_ELSEWHERE');
  }
}

/** How it became the ledger's key, in words. */
export function handOver(state: CeremonyState, { body }: NewRow): string {
  const { signature } = LEDGER_KINDS['ledger.key'].parse(body);
  return say(state, signature === null ? 'ledgerKey.fromHere' : 'ledgerKey.handedOver');
}

/**
 * The row of a signed checkpoint; null if `label` is not the ledger's key: then nobody signs this ledger today, which only a
 * training run may do. LEDGER_KEY_OTHER.
 */
export async function checkpointRow(
  context: EffectContext,
  label: string,
  checkpoint: Checkpoint,
  at: Date,
): Promise<{ row: NewRow; signature: Uint8Array } | null> {
  const certificate = await ledgerCertificate(context.ledger);
  if (!certificate || publicKeyOf(certificate) !== keyPairOf(context.state, label).publicKey) {
    if (context.state.mode === 'live') throw new Refusal('LEDGER_KEY_OTHER', { label });
    return null;
  }
  const text = new TextEncoder().encode(checkpoint.text);
  const signature = await signBy(tokenSigner(context, label), certificate, text, at);
  const body = { body: checkpoint.text, signature: base64(signature) };
  return { row: { kind: 'ledger.checkpoint', ceremony: context.state.id, body }, signature };
}

/**
 * A detached signature that carries the signer's certificate and no other, checked as whoever verifies the ledger will check it:
 * a row that they would refuse is never written. LEDGER_SIGNATURE_REFUSED.
 */
async function signBy(
  signer: Signer,
  certificate: Uint8Array,
  content: Uint8Array,
  at: Date,
  options: { handingOver?: boolean } = {},
): Promise<Uint8Array> {
  const signature = await signData({
    content,
    attached: false,
    signer,
    certificate,
    certificates: [],
    signingTime: at,
  });
  const read = parseCertificate(certificate);
  const fault = read ? signatureFault(read, content, base64(signature), options) : 'its certificate does not parse';
  if (fault !== null) throw new Refusal('LEDGER_SIGNATURE_REFUSED', { detail: fault });
  return signature;
}

/** The key of a certificate, whatever its label, if it is in the open token. */
async function signerInToken({ token }: EffectContext, certificate: Uint8Array): Promise<Signer | null> {
  const { keys } = await token('main').call('inventory', {});
  const publicKey = publicKeyOf(certificate);
  const held = keys.find((key) => key.publicKey === publicKey);
  return held ? signerOf(token('main'), { label: held.label, algorithm: held.algorithm, publicKey }) : null;
}

function publicKeyOf(certificate: Uint8Array): string {
  return new X509Certificate(certificate).publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
