import { z } from 'zod';
import { manifestOf, masterKeyOf } from '../ceremony/records.ts';
import type { CeremonyState, StepRecord } from '../ceremony/state.ts';
import type { Rehearsal } from '../contract/reports.ts';
import { ROLE_NAMES } from '../contract/script.ts';

/** Part of what core/ceremony/actions/rehearse-recovery.ts leaves. */
const recovered = z.object({
  proofs: z.array(z.object({ label: z.string(), signature: z.base64().nullable() })),
  sharesUsed: z.array(z.int()),
});

/** Every rehearsal that the ledger tells of, the oldest first. One stands however its ceremony ended: it was shown. */
export function rehearsalsIn(states: CeremonyState[]): Rehearsal[] {
  return states
    .flatMap((state) => state.records.flatMap((record) => rehearsalOf(state, record)))
    .toSorted((one, other) => one.at.localeCompare(other.at));
}

function rehearsalOf(state: CeremonyState, { step, at, result }: StepRecord): Rehearsal[] {
  if (step.action !== 'rehearse-recovery') return [];
  const { proofs, sharesUsed } = recovered.parse(result);
  const { xByCustodian } = masterKeyOf(state);
  const keys = proofs.map(({ label, signature }) => ({
    label,
    shown:
      signature === null
        ? 'the recovered key opened a fresh challenge that the original had encrypted'
        : 'the recovered key signed a fresh challenge that verifies under its certificate',
  }));
  return [
    {
      kind: 'recovery',
      mode: state.mode,
      ceremony: state.id,
      title: state.script.title,
      scriptSha256: state.scriptSha256,
      at,
      setId: manifestOf(state).setId,
      people: state.participants.map(({ role, name }) => ({ role: ROLE_NAMES[role], name })),
      shares: sharesUsed.map((x) => xByCustodian.indexOf(x) + 1).toSorted((one, other) => one - other),
      keys,
      outcome: state.status === 'completed' || state.status === 'aborted' ? state.status : 'under way',
    },
  ];
}
