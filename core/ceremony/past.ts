import { join } from 'node:path';
import type { Ledger } from '../ledger/ledger.ts';
import { eventOf, isEvent } from './event.ts';
import { custodiansOf, keysOf, keysWrappedIn, resultsOf, wrappedKeysOf } from './records.ts';
import { type Custody, bundleResult, custodyResult, masterKeyResult } from './results.ts';
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
    return [
      ...wrapped.flatMap(({ label }) => [
        left(`backup sheet of ${label}`, 'on paper; where it is kept was not recorded'),
        left(`wrapped key of ${label}`, 'in this ledger: useless without the master key'),
      ]),
      ...sharesOf(state, left),
      ...(resultsOf(state, 'print-sheets').length > 0 ? [left('manifest sheet', 'on paper; it holds no secret')] : []),
      ...inBundles,
    ];
  });
}

/** Who holds the shares that a ceremony made, in the order of their numbers. */
export function holdersIn(state: CeremonyState): string[] {
  return registerOf(state)?.rows.map(({ custodian }) => custodian) ?? custodiansOf(state);
}

function registerOf(state: CeremonyState): Custody | null {
  return (
    resultsOf(state, 'seal-bags')
      .map((result) => custodyResult.parse(result))
      .at(-1) ?? null
  );
}

/** Share sheets where the custody register says they are, or with their custodians if it was never made. */
function sharesOf(state: CeremonyState, left: (what: string, where: string) => Remainder): Remainder[] {
  const register = registerOf(state);
  if (register) {
    return register.rows.map(({ share, custodian, place, bag, seal }) =>
      left(`share sheet ${share}`, `${custodian}, ${place}; bag ${bag}, seal ${seal}`),
    );
  }
  if (resultsOf(state, 'print-sheets').length === 0) return [];
  return custodiansOf(state).map((name, index) => left(`share sheet ${index + 1}`, `${name}; no bag was recorded`));
}
