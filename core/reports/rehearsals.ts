import { z } from 'zod';
import { attestedSharesOf, checkedBackupsOf, manifestOf, masterKeyOf } from '../ceremony/records.ts';
import type { CeremonyState, StepRecord } from '../ceremony/state.ts';
import type { Rehearsal } from '../contract/reports.ts';

/** Part of what core/ceremony/actions/rehearse-recovery.ts leaves. */
const recovered = z.object({
  proofs: z.array(z.object({ label: z.string(), signature: z.base64().nullable() })),
  sharesUsed: z.array(z.int()),
});

/** Every rehearsal that the ledger tells of, the oldest first. One stands however its ceremony ended: it was shown. */
export function rehearsalsIn(states: CeremonyState[]): Rehearsal[] {
  return states
    .flatMap((state) => [...state.records.flatMap((record) => rehearsalOf(state, record)), ...attestationOf(state)])
    .toSorted((one, other) => one.at.localeCompare(other.at));
}

/** One line of a table for each rehearsal; what there is several of stands in one cell, with semicolons between. */
export function rehearsalLines(rehearsals: Rehearsal[]) {
  return rehearsals.map(({ shares, absent, keys, people, ...rehearsal }) => ({
    ...rehearsal,
    shares: shares.join('; '),
    absent: absent.map(({ share, custodian, reason }) => `${share} ${custodian}: ${reason}`).join('; '),
    keys: keys.map(({ label, shown }) => `${label} ${shown}`).join('; '),
    people: people.map(({ role, name }) => `${role} ${name}`).join('; '),
  }));
}

/** What a ceremony attested, share by share, at the time of the last; and the backups that it tried. */
function attestationOf(state: CeremonyState): Rehearsal[] {
  const records = attestedSharesOf(state).map(({ record }) => record);
  const attested = records.filter(({ outcome }) => outcome.is === 'attested');
  const last = attested.at(-1);
  if (!last) return [];
  const keys = checkedBackupsOf(state).map(({ label }) => ({
    label,
    shown: 'backup' as const,
  }));
  const shares = attested.map(({ share }) => share).toSorted((one, other) => one - other);
  const absent = records
    .flatMap(({ share, custodian, outcome }) =>
      outcome.is === 'absent' ? [{ share, custodian, reason: outcome.reason }] : [],
    )
    .toSorted((one, other) => one.share - other.share);
  // Custodians come one after another, each to a step of their own.
  const custodians = attested.map(({ custodian: name }) => ({ role: 'custodian' as const, name }));
  const { people, ...head } = headOf(state);
  return [{ kind: 'attestation', ...head, people: [...people, ...custodians], at: last.at, shares, absent, keys }];
}

function rehearsalOf(state: CeremonyState, { step, at, result }: StepRecord): Rehearsal[] {
  if (step.action !== 'rehearse-recovery') return [];
  const { proofs, sharesUsed } = recovered.parse(result);
  const { xByCustodian } = masterKeyOf(state);
  const keys = proofs.map(({ label, signature }) => ({
    label,
    shown: signature === null ? ('opened' as const) : ('signed' as const),
  }));
  return [
    {
      kind: 'recovery',
      ...headOf(state),
      at,
      shares: sharesUsed.map((x) => xByCustodian.indexOf(x) + 1).toSorted((one, other) => one - other),
      absent: [],
      keys,
    },
  ];
}

function headOf(state: CeremonyState): Omit<Rehearsal, 'kind' | 'at' | 'shares' | 'absent' | 'keys'> {
  const { id, mode, script, scriptSha256, status, participants } = state;
  return {
    mode,
    ceremony: id,
    title: script.title,
    scriptSha256,
    setId: manifestOf(state).setId,
    people: participants,
    outcome: status === 'completed' || status === 'aborted' ? status : 'under way',
  };
}
