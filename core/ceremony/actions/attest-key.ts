import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { because } from '../../contract/because.ts';
import { Refusal } from '../../contract/errors.ts';
import { type KeyEvidence, evidenceFacts } from '../key-evidence.ts';
import { verifyYubiHsmAttestation } from '../../hsm/attestation/yubihsm.ts';
import { readFileOrRefuse } from '../../store/files.ts';
import { type Action, type EffectContext, nothingToUndo } from '../action.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({ key: z.string().min(1).max(64).describe('Label of the key in the token.') })
  .describe(
    'Records the evidence of where a key lives: the vendor’s attestation where there is one, else what the token answers.',
  );
const result = z.strictObject({ label: z.string(), evidence: z.enum(['yubihsm', 'attributes']) });
type Result = z.infer<typeof result>;

/** No chain is larger (bytes). */
const CHAIN_LIMIT = 64 * 1024;

/**
 * Evidence of where a key lives: the vendor's attestation where a file of it is brought (YubiHSM 2: the key's certificate,
 * the device's, the CAs), else what the token answers, which no vendor signs.
 */
export const attestKey: Action<z.infer<typeof parameters>, null, Result> = {
  name: 'attest-key',
  parameters,
  result,
  needs: ['main'],
  paper: (_parameters, reader) => ({
    incoming: [
      { label: say(reader, 'attestKey.attestation'), optional: true },
      { label: say(reader, 'attestKey.root'), optional: true },
    ],
  }),
  asks: ({ state }) => [
    {
      id: 'attestation',
      kind: 'text',
      label: say(state, 'attestKey.attestation'),
      hint: say(state, 'attestKey.attestationHint'),
      suggestion: null,
      optional: true,
    },
    {
      id: 'vendor-root',
      kind: 'text',
      label: say(state, 'attestKey.root'),
      hint: say(state, 'attestKey.rootHint'),
      suggestion: null,
      optional: true,
    },
  ],
  prepare: () => Promise.resolve(null),
  perform: async (context, { key: label }) => {
    const { keys } = await context.token('main').call('inventory', {});
    const key = keys.find((candidate) => candidate.label === label);
    if (!key) throw new Refusal('KEY_MISSING', { label });
    const chain = await certificatesOf(context, 'attestation');
    const evidence: KeyEvidence =
      chain.length === 0
        ? { kind: 'attributes', attributes: key.attributes }
        : { kind: 'yubihsm', attestation: await verified(context, chain, key.publicKey) };
    return { result: { label, evidence: evidence.kind }, facts: evidenceFacts(context.state, label, evidence) };
  },
  reconcile: nothingToUndo,
};

async function verified(context: EffectContext, [leaf, ...chain]: Uint8Array[], publicKey: string | null) {
  const [root, another] = await certificatesOf(context, 'vendor-root');
  if (!leaf || !root || another) throw new Refusal('ATTESTATION_INVALID', because('attestation.oneRoot'));
  if (publicKey === null) throw new Refusal('ATTESTATION_INVALID', because('attestation.noKey'));
  const shown = Buffer.from(publicKey, 'base64');
  return verifyYubiHsmAttestation(leaf, { chain, root, publicKey: shown, now: context.clock() });
}

async function certificatesOf({ state }: EffectContext, ask: string): Promise<Uint8Array[]> {
  const answer = state.answers[ask];
  const path = answer && 'text' in answer ? answer.text.trim() : '';
  if (path === '') return [];
  const text = Buffer.from(await readFileOrRefuse(path, CHAIN_LIMIT)).toString('latin1');
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block).raw);
  } catch {
    throw new Refusal('CERTIFICATE_INVALID', { path, ...because('certificate.pem') });
  }
}
