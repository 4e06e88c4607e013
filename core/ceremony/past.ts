import { join } from 'node:path';
import type { CustodyRegister } from '../contract/custody.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { eventOf, isEvent } from './event.ts';
import { inBag } from './custody-register.ts';
import { custodiansOf, keysWrappedIn, manifestOf, registersMadeIn, resultsOf, wrappedKeysOf } from './records.ts';
import { type Custody, bundleResult, masterKeyResult } from './results.ts';
import { type CeremonyState, evolve } from './state.ts';

/** What the ledger tells of ceremonies that were done before, of whatever store they share with this one. */

export async function ceremoniesOf(ledger: Ledger): Promise<CeremonyState[]> {
  const states = new Map<string, CeremonyState>();
  for (const { ceremony, kind, body, at } of await ledger.read()) {
    if (ceremony === null || !isEvent(kind)) continue;
    states.set(ceremony, evolve(states.get(ceremony) ?? null, eventOf(kind, body, at), ceremony));
  }
  return [...states.values()];
}

/**
 * What a ceremony may build on: those that were finished, of its own mode. What was made in training never serves a live
 * ceremony, nor the other way round.
 */
export async function finishedBefore({ id, mode }: CeremonyState, ledger: Ledger): Promise<CeremonyState[]> {
  const states = await ceremoniesOf(ledger);
  return states.filter((state) => state.id !== id && state.status === 'completed' && state.mode === mode);
}

/** A wrapped key that a ceremony wrote to a file. */
export type KnownBackup = { ceremony: string; label: string; path: string; sha256: string };

export function backupsOf(states: CeremonyState[], labels: string[]): KnownBackup[] {
  return states.flatMap((state) =>
    keysWrappedIn(state)
      .filter(({ label }) => labels.includes(label))
      .flatMap(({ label, file, sha256 }) =>
        [state.out, ...(state.copy === null ? [] : [state.copy])].map((folder) => ({
          ceremony: state.id,
          label,
          path: join(folder, file),
          sha256,
        })),
      ),
  );
}

/** Something that a ceremony left outside token and files, and where it is kept if that was recorded. */
export type Remainder = { ceremony: string; what: string; where: string };

/** What still exists of these keys on paper, in bundles and in this ledger. */
export function remaindersOf(states: CeremonyState[], labels: string[]): Remainder[] {
  return states.flatMap((state) => {
    const wrapped = keysWrappedIn(state).filter(({ label }) => labels.includes(label));
    const masterKey = resultsOf(state, 'make-master-key').map((result) => masterKeyResult.parse(result));
    const concerned = wrapped.length > 0 || masterKey.some(({ label }) => labels.includes(label));
    const left = (what: string, where: string): Remainder => ({ ceremony: state.id, what, where });
    const carried = wrappedKeysOf(state).some(({ label }) => labels.includes(label));
    const bundles = resultsOf(state, 'export-bundle').map((result) => bundleResult.parse(result));
    const carrying = carried ? bundles.filter(({ sequence }) => sequence !== null) : [];
    const inBundles = carrying.map(() => left('bundle.cms', 'with its recipient: it carries the wrapped keys'));
    if (!concerned) return inBundles;
    const register = registersAmong(states, manifestOf(state).setId).at(-1)?.register;
    return [
      ...wrapped.flatMap(({ label }) => [
        left(
          `backup sheet of ${label}`,
          paperIn(register, `backup-${label}`) ?? 'on paper; where it is kept was not recorded',
        ),
        left(`wrapped key of ${label}`, 'in this ledger: useless without the master key'),
      ]),
      ...sharesOf(state, register, left),
      ...(resultsOf(state, 'print-sheets').length > 0
        ? [left('manifest sheet', paperIn(register, 'manifest') ?? 'on paper; it holds no secret')]
        : []),
      ...inBundles,
    ];
  });
}

/**
 * Every custody register of a share set, in the order of their numbers. One that a ceremony wrote stands, however that
 * ceremony ended: the bags are where it says.
 */
export function registersAmong(states: CeremonyState[], setId: string): Custody[] {
  return states
    .flatMap(registersMadeIn)
    .filter(({ register }) => register.setId === setId)
    .toSorted((one, other) => one.register.number - other.register.number);
}

/** Who holds the shares that a ceremony made, in the order of their numbers: the newest register of the set says so. */
export function holdersIn(made: CeremonyState, states: CeremonyState[]): string[] {
  const register = registersAmong(states, manifestOf(made).setId).at(-1)?.register;
  return register?.shares.map(({ custodian }) => custodian) ?? custodiansOf(made);
}

type Left = (what: string, where: string) => Remainder;

/** Sheets and cards where the newest custody register says they are, or with their custodians if there is none. */
function sharesOf(state: CeremonyState, register: CustodyRegister | undefined, left: Left): Remainder[] {
  if (resultsOf(state, 'print-sheets').length === 0) return [];
  if (register) {
    return register.shares.flatMap(({ share, custodian, sheet, card }) => [
      left(`share sheet ${share}`, `${custodian}, ${inBag(sheet)}`),
      left(`passphrase card ${share}`, `${custodian}, ${inBag(card)}`),
    ]);
  }
  return custodiansOf(state).map((name, index) => left(`share sheet ${index + 1}`, `${name}; no bag was recorded`));
}

/** Where the newest register says that a sheet is which is no share. */
function paperIn(register: CustodyRegister | undefined, item: string): string | null {
  const paper = register?.papers.find((candidate) => candidate.item === item);
  return paper ? inBag(paper) : null;
}
