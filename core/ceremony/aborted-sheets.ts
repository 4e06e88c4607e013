import type { SheetAtLarge } from '../contract/custody.ts';
import { chosenPrinter } from './chosen-printer.ts';
import { copiesOf } from './prints.ts';
import { destroyedSheetsIn, foundSharesOf, masterKeyOf, resultsOf, takersOf } from './records.ts';
import type { FoundShares } from './results.ts';
import { say } from './say.ts';
import { sheetNumbers } from './sealed-shares.ts';
import { type CeremonyState, currentStep } from './state.ts';

/**
 * Sheets that ceremonies printed before they were aborted, which nobody saw destroyed. Each holds a share all the same: of the master key that
 * stands (shared anew, a share made again), or of the one that was to come after it (rotated), under which backups may have been written.
 */
export function sheetsOfAborted(states: CeremonyState[], masterKeyId: string): SheetAtLarge[] {
  const gone = states.flatMap(destroyedOfAborted);
  return states
    .filter(({ status }) => status === 'aborted')
    .filter((state) => foundSharesOf(state)?.masterKey.manifest.masterKeyId === masterKeyId)
    .flatMap(sheetsOf)
    .filter((sheet) => !gone.some((other) => isSameSheet(other, sheet)));
}

/** Those among them that a ceremony saw destroyed. */
export function destroyedOfAborted(state: CeremonyState): SheetName[] {
  return destroyedSheetsIn(state).flatMap(({ aborted }) => aborted.filter(({ fate }) => fate === 'destroyed'));
}

/** Every sheet in no bag that still opens: those that the newest register names, and those of aborted ceremonies. */
export function sheetsAtLarge({ registers, aborted }: Pick<FoundShares, 'registers' | 'aborted'>): SheetAtLarge[] {
  return withAborted(registers.at(-1)?.register.stillValid?.sheets ?? [], aborted);
}

export function withAborted(known: SheetAtLarge[], aborted: SheetAtLarge[]): SheetAtLarge[] {
  return [...known, ...aborted.filter((sheet) => !known.some((other) => isSameSheet(other, sheet)))];
}

type SheetName = Pick<SheetAtLarge, 'setId' | 'share' | 'custodian'>;

/** Of a share that was made again there are two sheets, of two custodians. */
export function isSameSheet(one: SheetName, other: SheetName): boolean {
  return one.setId === other.setId && one.share === other.share && one.custodian === other.custodian;
}

function sheetsOf(state: CeremonyState): SheetAtLarge[] {
  const numbers = printedIn(state);
  if (numbers.length === 0) return [];
  const { manifest, xByCustodian } = masterKeyOf(state);
  const { masterKeyId, setId, epoch } = manifest;
  return numbers.map((share) => {
    const custodian = takersOf(state)[sheetNumbers(state.script).indexOf(share)] ?? '';
    const x = xByCustodian[share - 1] ?? 0;
    const why = say(state, 'custody.ofAborted', { ceremony: state.id });
    return { masterKeyId, setId, epoch, share, x, custodian, why };
  });
}

/** Numbers of the share sheets that were printed or may have been. */
function printedIn(state: CeremonyState): number[] {
  const numbers = sheetNumbers(state.script);
  if (resultsOf(state, 'print-sheets').length > 0) return numbers;
  if (currentStep(state)?.action !== 'print-sheets' || state.attempts === 0) return [];
  // Files are looked for by nobody once their ceremony is aborted; what goes to a printer has rows of its own.
  return chosenPrinter(state) === null ? numbers : numbers.filter((share) => copiesOf(state, `share-${share}`) > 0);
}
