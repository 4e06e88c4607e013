import { sheetsOfAborted, withAborted } from '../ceremony/aborted-sheets.ts';
import { foldedName } from '../ceremony/names.ts';
import { registersAmong } from '../ceremony/past.ts';
import { masterKeyOf, replacedShareIn, retiredMasterKeysIn, shareSetMadeIn, takersOf } from '../ceremony/records.ts';
import type { CeremonyState } from '../ceremony/state.ts';
import type { CustodyRegister } from '../contract/custody.ts';
import type { PlaceLoss, Proof, Rehearsal, ShareSetStanding, ShareStanding } from '../contract/reports.ts';
import { rehearsalDueAfter } from './due.ts';
import { fewestPlacesForQuorum, fewestPlacesToLose, isLost } from './quorum.ts';

/** Who holds what, which shares still count, and which losses each share set survives. From the ledger alone; the newest set first. */
export function shareSetsOf(states: CeremonyState[], rehearsals: Rehearsal[], now: Date): ShareSetStanding[] {
  const finished = states.filter(({ status }) => status === 'completed');
  return finished
    .filter((state) => stands(state, finished))
    .map((made) => standingOf(made, states, rehearsals, now))
    .reverse();
}

/** It made a share set, of whose master key there is no newer one, and which was not rotated away. */
function stands(state: CeremonyState, finished: CeremonyState[]): boolean {
  const made = shareSetMadeIn(state)?.manifest;
  if (!made || finished.some((other) => retiredMasterKeysIn(other).includes(made.masterKeyId))) return false;
  const others = finished.flatMap((other) => shareSetMadeIn(other)?.manifest ?? []);
  return !others.some(({ masterKeyId, epoch }) => masterKeyId === made.masterKeyId && epoch > made.epoch);
}

function standingOf(
  made: CeremonyState,
  states: CeremonyState[],
  rehearsals: Rehearsal[],
  now: Date,
): ShareSetStanding {
  const { label, manifest, xByCustodian } = masterKeyOf(made);
  const { setId, epoch, masterKeyId, threshold } = manifest;
  const madeAt = timeOf(made, 'scan-sheets') ?? timeOf(made, 'make-master-key') ?? made.begunAt;
  const custody = registersAmong(states, setId).at(-1)?.register;
  const ofMode = states.filter(({ mode }) => mode === made.mode);
  const shares = xByCustodian.map((x, index): ShareStanding => {
    const share = index + 1;
    const kept = custody?.shares.find((row) => row.share === share);
    const again = states.findLast((state) => {
      const replaced = state.status === 'completed' ? replacedShareIn(state) : null;
      return replaced?.setId === setId && replaced.share === share;
    });
    const sheetAt = (again && timeOf(again, 'scan-sheets')) ?? madeAt;
    const proof = lastProof(share, { setId, madeAt: sheetAt, ceremony: (again ?? made).id }, rehearsals);
    const due = rehearsalDueAfter(proof.at);
    return {
      share,
      x,
      custodian: kept?.custodian ?? takersOf(made)[index] ?? '',
      sheet: kept?.sheet ?? null,
      card: kept?.card ?? null,
      proof,
      due,
      counts: now < new Date(due),
    };
  });
  const valid = shares.filter(({ counts }) => counts).length;
  return {
    setId,
    epoch,
    masterKey: label,
    masterKeyId,
    mode: made.mode,
    ceremony: made.id,
    madeAt,
    threshold,
    shares,
    valid,
    alert: valid < threshold ? 'broken' : valid < threshold + 1 ? 'thin' : 'none',
    register: custody ? { number: custody.number, at: custody.at } : null,
    stillValid: withAborted(custody?.stillValid?.sheets ?? [], sheetsOfAborted(ofMode, masterKeyId)),
    papers: custody?.papers.map(({ item, place, bag, seal }) => ({ item, place, bag, seal })) ?? [],
    survivesPeople: Math.max(valid - threshold, 0),
    ...placesOf(custody, shares, threshold),
  };
}

function lastProof(
  share: number,
  made: { setId: string; madeAt: string; ceremony: string },
  rehearsals: Rehearsal[],
): Proof {
  // What was shown before a sheet was made again was another sheet.
  const last = rehearsals.findLast(
    ({ setId, shares, at }) => setId === made.setId && shares.includes(share) && at >= made.madeAt,
  );
  if (!last) return { by: 'made', at: made.madeAt, ceremony: made.ceremony };
  return { by: last.kind, at: last.at, ceremony: last.ceremony };
}

/** Places are one if they read the same: letter case and spaces do not tell two apart. */
function placesOf(
  custody: CustodyRegister | undefined,
  shares: ShareStanding[],
  threshold: number,
): Pick<ShareSetStanding, 'survivesPlaces' | 'placeLosses' | 'placesForQuorum'> {
  if (!custody) return { survivesPlaces: null, placeLosses: [], placesForQuorum: null };
  const lying = shares.flatMap(({ share, counts, sheet, card }) =>
    sheet && card ? [{ share, counts, sheet: foldedName(sheet.place), card: foldedName(card.place) }] : [],
  );
  const names = new Map(
    shares
      .flatMap(({ sheet, card }) => [sheet, card])
      .flatMap((bag): [string, string][] => (bag ? [[foldedName(bag.place), bag.place]] : [])),
  );
  const counting = lying.filter(({ counts }) => counts);
  const placeLosses = [...names].map(([key, place]): PlaceLoss => {
    const left = counting.filter((share) => !isLost(share, new Set([key]))).length;
    return {
      place,
      sheets: lying.filter(({ sheet }) => sheet === key).map(({ share }) => share),
      cards: lying.filter(({ card }) => card === key).map(({ share }) => share),
      left,
      quorum: left >= threshold,
    };
  });
  const fatal = fewestPlacesToLose(counting, counting.length - threshold + 1);
  return {
    // Fewer shares than the threshold: there is nothing left to lose.
    survivesPlaces: fatal === null || fatal === 0 ? 0 : fatal - 1,
    placeLosses: placeLosses.toSorted((one, other) => one.left - other.left || one.place.localeCompare(other.place)),
    placesForQuorum: fewestPlacesForQuorum(counting, threshold)?.map((key) => names.get(key) ?? key) ?? null,
  };
}

function timeOf(state: CeremonyState, action: string): string | null {
  return state.records.findLast(({ step }) => step.action === action)?.at ?? null;
}
