import type { X509Certificate } from 'node:crypto';
import { certificatesIssuedIn, listsIssuedIn, x509Of } from '../ceremony/records.ts';
import type { CeremonyState } from '../ceremony/state.ts';
import type { Due, DueKind, RehearsalKind, ShareSetStanding } from '../contract/reports.ts';
import { REHEARSALS, type Rehearsal } from '../contract/reports.ts';
import { inventoryOf } from './inventory.ts';

/** A rehearsal is due a year after the last one (requirement C3). */
export const REHEARSAL_YEARS = 1;
/**
 * A key that wraps other keys makes no new backup after two years (NIST SP 800-57 part 1 revision 5, 5.3.6, table 1).
 * docs/decisions/0015-when-a-rotation-is-due.md
 */
export const ROTATION_YEARS = 2;
/** Days before the date from which on it is `soon`. */
export const NOTICE: Record<DueKind, number> = {
  attestation: 30,
  recovery: 30,
  'revocation list': 14,
  certificate: 180,
  rotation: 90,
};

/** What is to be done next and when, the most urgent first: rehearsals of share sets, rotations, revocation lists, certificates. */
export function dueOf(states: CeremonyState[], sets: ShareSetStanding[], rehearsals: Rehearsal[], now: Date): Due[] {
  return [
    ...sets.flatMap((set) => REHEARSALS.map((kind) => rehearsalDue(set, kind, rehearsals, now))),
    ...rotationsDue(states, sets, now),
    ...listsDue(states, now),
    ...certificatesDue(states, now),
  ].toSorted((one, other) => one.at.localeCompare(other.at));
}

export function rehearsalDueAfter(at: string): string {
  return yearsAfter(at, REHEARSAL_YEARS);
}

function yearsAfter(at: string, years: number): string {
  const due = new Date(at);
  due.setUTCFullYear(due.getUTCFullYear() + years);
  return due.toISOString();
}

/** The making of a set tried every subset of its shares: it counts as the first attestation, not as a recovery. */
function rehearsalDue(set: ShareSetStanding, kind: RehearsalKind, rehearsals: Rehearsal[], now: Date): Due {
  const last = rehearsals.findLast((done) => done.kind === kind && done.setId === set.setId);
  const oldest = set.shares.map(({ proof }) => proof.at).toSorted()[0] ?? set.madeAt;
  const since = kind === 'attestation' ? oldest : (last?.at ?? set.madeAt);
  const at = kind === 'recovery' && !last ? since : rehearsalDueAfter(since);
  return dueAt({ kind, label: set.masterKey }, at, since, now);
}

/** Master keys whose share set stands, and a vault's key-encryption keys. A CA key never rotates: its certificate ends. */
function rotationsDue(states: CeremonyState[], sets: ShareSetStanding[], now: Date): Due[] {
  const { keys } = inventoryOf(states);
  // Sharing anew makes the key no younger.
  const masterKeys = sets.map(({ masterKey, masterKeyId, madeAt }) => ({
    label: masterKey,
    madeAt: keys.find(({ id }) => id === masterKeyId)?.madeAt ?? madeAt,
  }));
  const vaultKeys = keys.filter(({ purpose, destroyedAt }) => purpose === 'vault-kek' && destroyedAt === null);
  return [...masterKeys, ...vaultKeys].map(({ label, madeAt }) =>
    dueAt({ kind: 'rotation', label }, yearsAfter(madeAt, ROTATION_YEARS), madeAt, now),
  );
}

/** The newest list of each key that signs one; what it revokes stays on the next. */
function listsDue(states: CeremonyState[], now: Date): Due[] {
  const newest = new Map(
    finished(states).flatMap((state) => listsIssuedIn(state).map((list) => [list.issuerKeySha256, list])),
  );
  return [...newest.values()].map(({ label, number, thisUpdate, nextUpdate }) =>
    dueAt({ kind: 'revocation list', label, number: number + 1 }, nextUpdate, thisUpdate, now),
  );
}

/** The newest certificate of each subject and key. */
function certificatesDue(states: CeremonyState[], now: Date): Due[] {
  const issued = finished(states).flatMap(certificatesIssuedIn).map(x509Of);
  const keyOf = ({ publicKey }: X509Certificate) => publicKey.export({ type: 'spki', format: 'der' }).toString('hex');
  const newest = new Map(issued.map((x509) => [`${x509.subject} ${keyOf(x509)}`, x509]));
  return [...newest.values()].map((x509) => {
    const label = [x509.toLegacyObject().subject.CN ?? x509.subject].flat().join(', ');
    const [at, since] = [x509.validToDate.toISOString(), x509.validFromDate.toISOString()];
    return dueAt({ kind: 'certificate', label }, at, since, now);
  });
}

function finished(states: CeremonyState[]): CeremonyState[] {
  return states.filter(({ status }) => status === 'completed');
}

function dueAt(
  { kind, label, number }: Pick<Due, 'kind' | 'label'> & { number?: number },
  at: string,
  since: string,
  now: Date,
): Due {
  const notice = new Date(at);
  notice.setUTCDate(notice.getUTCDate() - NOTICE[kind]);
  const standing = new Date(at) <= now ? 'overdue' : notice <= now ? 'soon' : 'later';
  return { kind, label, number: number ?? null, at, standing, since };
}
