import { createPublicKey, verify } from 'node:crypto';
import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { Refusal } from '../../contract/errors.ts';
import { tellAttributes } from '../../contract/tell.ts';
import type { KeyRecordMessage } from '../../hsm/process/protocol.ts';
import { sha256Of } from '../../pki/certificate.ts';
import { type Action, type EffectContext, nothingToUndo } from '../action.ts';
import { ceremoniesOfMode, finishedBefore } from '../past.ts';
import { certificatesIssuedIn, issuersOf, keysMadeIn, listsIssuedIn, publicKeyOf } from '../records.ts';
import { type Certificate, type FoundKeys, type GeneratedKey, type KeyPair, foundKeysResult } from '../results.ts';
import { hashOf } from '../signing.ts';
import type { CeremonyState } from '../state.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    keys: z
      .array(z.string().min(1).max(64))
      .min(1)
      .max(16)
      .describe('Labels of keys that earlier ceremonies made. Later steps use them as if they had been made here.'),
  })
  .describe('Finds keys of earlier ceremonies in the ledger and in the token, where each must be the very one.');
type Parameters = z.infer<typeof parameters>;

/**
 * Finds keys of earlier ceremonies: in the ledger, and in the token that is open, where the public key must be the very one
 * that was recorded. A label alone proves nothing.
 */
export const findKeys: Action<Parameters, null, FoundKeys> = {
  name: 'find-keys',
  parameters,
  result: foundKeysResult,
  needs: ['main'],
  lint: ({ keys }) => (new Set(keys).size < keys.length ? ['a key stands twice'] : []),
  prepare: () => Promise.resolve(null),
  perform: async (context, { keys: labels }) => {
    const { state, token, ledger } = context;
    const past = await finishedBefore(state, ledger);
    const { keys: held } = await token('main').call('inventory', {});
    const keys: FoundKeys['keys'] = [];
    for (const label of labels) keys.push(await foundIn(context, past, heldAs(held, label)));
    const certificates = certificatesAround(
      keys.map(({ key }) => key),
      past,
    );
    // A list that an aborted ceremony signed may have left the room, and the numbers go on after it.
    const lists = (await ceremoniesOfMode(state.mode, ledger))
      .filter(({ id }) => id !== state.id)
      .flatMap(listsIssuedIn);
    const revocationLists = keys.flatMap(({ key }) => {
      if (key.purpose === 'vault-kek') return [];
      const keySha256 = sha256Of(Buffer.from(key.publicKey, 'base64'));
      return lists.findLast(({ issuerKeySha256 }) => issuerKeySha256 === keySha256) ?? [];
    });
    return { result: { keys, certificates, revocationLists }, facts: keys.flatMap((found) => factsOf(state, found)) };
  },
  reconcile: nothingToUndo,
};

/** KEY_MISSING, KEY_AMBIGUOUS. */
function heldAs(held: KeyRecordMessage[], label: string): KeyRecordMessage {
  const [key, another] = held.filter((candidate) => candidate.label === label);
  if (!key) throw new Refusal('KEY_MISSING', { label });
  if (another) throw new Refusal('KEY_AMBIGUOUS', { label });
  return key;
}

/** KEY_UNRECORDED, KEY_DIFFERENT. */
async function foundIn(
  context: EffectContext,
  past: CeremonyState[],
  held: KeyRecordMessage,
): Promise<FoundKeys['keys'][number]> {
  const { label } = held;
  const made = past.flatMap((state) => keysMadeIn(state).map((key) => ({ ceremony: state.id, key })));
  const recorded = made.filter(({ key }) => key.label === label);
  if (recorded.length === 0) throw new Refusal('KEY_UNRECORDED', { label });
  for (const found of recorded.toReversed()) {
    if (await isSame(context, found.key, held)) return { ...found, key: { ...found.key, attributes: held.attributes } };
  }
  throw new Refusal('KEY_DIFFERENT', { label });
}

/** A secret key shows nothing of itself but the identifier that it was given. */
async function isSame(context: EffectContext, key: GeneratedKey, held: KeyRecordMessage): Promise<boolean> {
  if (key.algorithm !== held.algorithm) return false;
  if (key.purpose === 'vault-kek') return key.id === held.id;
  return held.publicKey === null ? signsAs(context, key) : key.publicKey === held.publicKey;
}

/** A key that came back from a backup has no public half in the token: it signs a fresh challenge instead. */
async function signsAs({ token, random }: EffectContext, { label, algorithm, publicKey }: KeyPair): Promise<boolean> {
  const challenge = random(32);
  const message = Buffer.from(challenge).toString('base64');
  const hash = hashOf({ algorithm });
  const { signature } = await token('main').call('sign', { label, message, hash });
  const known = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  return verify(hash.replace('-', ''), challenge, known, Buffer.from(signature, 'base64'));
}

/** Certificates of the keys, the newest of each first; those above them; and what the keys certified. */
function certificatesAround(keys: GeneratedKey[], past: CeremonyState[]): Certificate[] {
  const all = past.flatMap(certificatesIssuedIn).reverse();
  const own = keys.flatMap((key) => {
    if (key.purpose === 'vault-kek') return [];
    return all.find((certificate) => publicKeyOf(certificate) === key.publicKey) ?? [];
  });
  const above = own.flatMap((certificate) => issuersOf(certificate, all));
  const below = all.filter((certificate) => {
    const [issuer] = issuersOf(certificate, all);
    return own.some(({ sha256 }) => sha256 === issuer?.sha256);
  });
  const around = [...own, ...above, ...below];
  return around.filter(({ sha256 }, index) => around.findIndex((other) => other.sha256 === sha256) === index);
}

function factsOf(state: CeremonyState, { ceremony, key }: FoundKeys['keys'][number]): Fact[] {
  return [
    {
      kind: 'check',
      label: key.label,
      verdict: 'go',
      detail: say(state, 'found.key', { algorithm: key.algorithm, ceremony }),
    },
    { kind: 'row', label: say(state, 'fact.identifier'), value: key.id, mono: true },
    { kind: 'row', label: say(state, 'fact.inToken'), value: tellAttributes(state, key.attributes) },
  ];
}
