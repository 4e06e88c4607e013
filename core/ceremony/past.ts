import { join } from 'node:path';
import type { CustodyRegister } from '../contract/custody.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { eventOf, isEvent } from './event.ts';
import { inBag } from './custody-register.ts';
import {
  destroyedSheetsIn,
  keysOf,
  keysWrappedIn,
  manifestOf,
  registersMadeIn,
  resultsOf,
  shareSetMadeIn,
  takersOf,
  wrappedKeysOf,
} from './records.ts';
import { type Custody, bundleResult } from './results.ts';
import { type CeremonyState, evolve } from './state.ts';
import { say } from './say.ts';

/** What the ledger tells of ceremonies that were done before, of whatever store they share with this one. */

export async function ceremoniesOf(ledger: Ledger): Promise<CeremonyState[]> {
  const states = new Map<string, CeremonyState>();
  for (const { ceremony, kind, body, at } of await ledger.read({ ofCeremonies: true })) {
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
  const states = await ceremoniesOfMode(mode, ledger);
  return states.filter((state) => state.id !== id && state.status === 'completed');
}

/** Every ceremony of a mode, this one and aborted ones too: what they made may have left the room. */
export async function ceremoniesOfMode(mode: CeremonyState['mode'], ledger: Ledger): Promise<CeremonyState[]> {
  return (await ceremoniesOf(ledger)).filter((state) => state.mode === mode);
}

/** A wrapped key that a ceremony wrote to a file in its `folder`. `keyId`: of the key, for another one may have its label. */
export type KnownBackup = {
  ceremony: string;
  label: string;
  keyId: string;
  folder: string;
  path: string;
  sha256: string;
};

export function backupsOf(states: CeremonyState[], labels: string[]): KnownBackup[] {
  return states.flatMap((state) =>
    keysWrappedIn(state)
      .filter(({ label }) => labels.includes(label))
      .flatMap(({ label, file, sha256 }) =>
        [state.out, ...(state.copy === null ? [] : [state.copy])].map((folder) => ({
          ceremony: state.id,
          label,
          keyId: keysOf(state).find((key) => key.label === label)?.id ?? '',
          folder,
          path: join(folder, file),
          sha256,
        })),
      ),
  );
}

/** Something that a ceremony left outside token and files, and where it is kept if that was recorded. */
/** The ceremony that tells of it. */
type Speaking = Pick<CeremonyState, 'language'>;

export type Remainder = { ceremony: string; what: string; where: string };

/** What still exists of these keys on paper, in bundles and in this ledger. */
export function remaindersOf(here: Speaking, states: CeremonyState[], labels: string[]): Remainder[] {
  return states.flatMap((state) => {
    const wrapped = keysWrappedIn(state).filter(({ label }) => labels.includes(label));
    const made = shareSetMadeIn(state);
    const concerned = wrapped.length > 0 || (made !== null && labels.includes(made.label));
    const left = (what: string, where: string): Remainder => ({ ceremony: state.id, what, where });
    const carried = wrappedKeysOf(state).some(({ label }) => labels.includes(label));
    const bundles = resultsOf(state, 'export-bundle').map((result) => bundleResult.parse(result));
    const carrying = carried ? bundles.filter(({ sequence }) => sequence !== null) : [];
    const inBundles = carrying.map(() => left('bundle.cms', say(here, 'left.bundle')));
    if (!concerned) return inBundles;
    const register = registersAmong(states, manifestOf(state).setId).at(-1)?.register;
    return [
      ...wrapped.flatMap(({ label }) => [
        left(
          say(here, 'left.backupSheet', { label }),
          paperIn(here, register, `backup-${label}`) ?? say(here, 'left.unrecorded'),
        ),
        left(say(here, 'left.wrappedKey', { label }), say(here, 'left.inLedger')),
      ]),
      ...sharesOf(here, state, states, register, left),
      ...(resultsOf(state, 'print-sheets').length > 0
        ? [left(say(here, 'left.manifest'), paperIn(here, register, 'manifest') ?? say(here, 'left.noSecret'))]
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
  return register?.shares.map(({ custodian }) => custodian) ?? takersOf(made);
}

type Left = (what: string, where: string) => Remainder;

/** Sheets and cards where the newest custody register says they are, or with their custodians if there is none. */
function sharesOf(
  here: Speaking,
  state: CeremonyState,
  states: CeremonyState[],
  register: CustodyRegister | undefined,
  left: Left,
): Remainder[] {
  const made = shareSetMadeIn(state);
  if (!made || resultsOf(state, 'print-sheets').length === 0) return [];
  const { setId } = made.manifest;
  const gone = states
    .flatMap(destroyedSheetsIn)
    .filter((destroyed) => destroyed.setId === setId)
    .flatMap(({ sheets }) => sheets.filter(({ fate }) => fate === 'destroyed').map(({ share }) => share));
  if (register) {
    const atLarge = (register.stillValid?.sheets ?? []).filter((sheet) => sheet.setId === setId);
    return [
      ...register.shares.flatMap(({ share, custodian, sheet, card }) => [
        ...(gone.includes(share)
          ? []
          : [left(say(here, 'left.sheet', { share }), `${custodian}, ${inBag(here, sheet)}`)]),
        left(say(here, 'left.card', { share }), `${custodian}, ${inBag(here, card)}`),
      ]),
      ...atLarge.map(({ share, custodian, why }) =>
        left(say(here, 'left.olderSheet', { share }), `${custodian}: ${why}`),
      ),
    ];
  }
  return takersOf(state).map((name, index) =>
    left(say(here, 'left.sheet', { share: index + 1 }), say(here, 'left.noBag', { name })),
  );
}

/** Where the newest register says that a sheet is which is no share. */
function paperIn(here: Speaking, register: CustodyRegister | undefined, item: string): string | null {
  const paper = register?.papers.find((candidate) => candidate.item === item);
  return paper ? inBag(here, paper) : null;
}
