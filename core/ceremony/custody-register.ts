import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Fact } from '../contract/ceremony.ts';
import {
  type Bag,
  type CustodyChange,
  type CustodyRegister,
  type CustodyRow,
  type Kept,
  STILL_VALID,
  type SheetAtLarge,
} from '../contract/custody.ts';
import { isChanged } from './custody-answer.ts';
import {
  backupsFoundBy,
  destroyedSheetsIn,
  foundSharesOf,
  keysWrappedIn,
  masterKeyOf,
  replacedShareIn,
  resultsOf,
  shareSetMadeIn,
  wrappedKeysOf,
} from './records.ts';
import type { Custody, ReplacedShare } from './results.ts';
import type { CeremonyState } from './state.ts';

/** The custody register: made of what people answered, each number built on the one before (docs/formats/custody.md). */

export type RegisterHead = Pick<CustodyRegister, 'ceremony' | 'mode' | 'setId' | 'at'>;

/** What lies in bags once a ceremony has made a share set. */
export function keptAtFirst(state: CeremonyState, custodians: string[]): Kept[] {
  const before = foundSharesOf(state)?.registers.at(-1)?.register.papers ?? [];
  return [
    ...custodians.map((custodian, index) => shareKept(index + 1, custodian, null, null)),
    ...keysWrappedIn(state).map(({ label }) => paperKept(backupPaper(label), null)),
    // Backups that a set of another epoch opens as well lie where they lay.
    ...backupsFoundBy(state).map(({ label }) => {
      const paper = backupPaper(label);
      const found = before.find(({ item }) => item === paper.item);
      return paperKept(paper, found ? { place: found.place, bag: found.bag, seal: found.seal } : null);
    }),
    ...(resultsOf(state, 'print-sheets').length > 0
      ? [paperKept({ item: 'manifest', what: 'Manifest sheet' }, null)]
      : []),
  ];
}

function backupPaper(label: string): { item: string; what: string } {
  return { item: `backup-${label}`, what: `Backup sheet of ${label}` };
}

/**
 * What a register says, to be changed: the shares of `custodians` alone, or (null) everything, and backup sheets that were
 * printed since. A share that was made again here is with its new custodian, and in no bag yet.
 */
export function keptIn({ shares, papers }: CustodyRegister, state: CeremonyState, custodians: string[] | null): Kept[] {
  const replaced = replacedShareIn(state);
  const kept = shares
    .map(({ share, custodian, sheet, card }) =>
      share === replaced?.share ? shareKept(share, replaced.to, null, null) : shareKept(share, custodian, sheet, card),
    )
    .filter(({ custodian }) => custodians === null || (custodian !== null && custodians.includes(custodian)));
  if (custodians !== null) return kept;
  const since = wrappedKeysOf(state)
    .map(({ label }) => backupPaper(label))
    .filter(({ item }) => !papers.some((paper) => paper.item === item));
  return [
    ...kept,
    ...papers.map(({ item, what, ...bag }) => paperKept({ item, what }, bag)),
    ...since.map((paper) => paperKept(paper, null)),
  ];
}

function shareKept(share: number, custodian: string, sheet: Bag | null, card: Bag | null): Kept {
  const bags: Kept['bags'] = [
    { of: 'sheet', present: sheet },
    { of: 'card', present: card },
  ];
  return { item: `share-${share}`, what: `Share ${share}`, custodian, bags };
}

function paperKept({ item, what }: { item: string; what: string }, present: Bag | null): Kept {
  return { item, what, custodian: null, bags: [{ of: 'sheet', present }] };
}

export function firstRegister(
  head: RegisterHead,
  state: CeremonyState,
  kept: Kept[],
  rows: CustodyRow[],
): CustodyRegister {
  const { xByCustodian } = masterKeyOf(state);
  const shares = rows.flatMap((row, index) => {
    const { custodian } = row;
    if (custodian === null) return [];
    const share = index + 1;
    return [{ share, x: xByCustodian[index] ?? 0, custodian, sheet: bagOf(row, 'sheet'), card: bagOf(row, 'card') }];
  });
  const papers = rows.flatMap((row, index) => {
    const what = kept[index]?.what ?? row.item;
    return row.custodian === null ? [{ item: row.item, what, ...bagOf(row, 'sheet') }] : [];
  });
  const register = { number: 1, previous: null, ...head, shares, papers, changes: [] };
  return { format: 'claviger-custody-1', ...register, ...stillValid(state) };
}

export function nextRegister(
  head: RegisterHead,
  state: CeremonyState,
  { register, sha256 }: Custody,
  kept: Kept[],
  rows: CustodyRow[],
): CustodyRegister {
  const changed = kept.flatMap((before, index) => {
    const row = rows[index];
    return row && isChanged(before, row) ? [{ before, row }] : [];
  });
  const rowOf = (item: string) => changed.find(({ row }) => row.item === item)?.row;
  const shares = register.shares.map((share) => {
    const row = rowOf(`share-${share.share}`);
    if (!row) return share;
    const custodian = row.custodian ?? share.custodian;
    return { ...share, custodian, sheet: bagOf(row, 'sheet'), card: bagOf(row, 'card') };
  });
  const known = register.papers.map((paper) => {
    const row = rowOf(paper.item);
    return row ? { ...paper, ...bagOf(row, 'sheet') } : paper;
  });
  const papers = changed
    .filter(({ before }) => before.custodian === null && !register.papers.some(({ item }) => item === before.item))
    .map(({ before: { item, what }, row }) => ({ item, what, ...bagOf(row, 'sheet') }));
  return {
    format: 'claviger-custody-1',
    number: register.number + 1,
    previous: sha256,
    ...head,
    shares,
    papers: [...known, ...papers],
    changes: changed.map((change) => changeOf(change, replacedShareIn(state))),
    ...stillValid(state),
  };
}

/** Sheets in no bag of a register that still hold a share: known before, lost and made again here, or of the set before. */
function stillValid(state: CeremonyState): Pick<CustodyRegister, 'stillValid'> {
  const found = foundSharesOf(state);
  if (!found) return {};
  const { masterKeyId, setId, epoch } = found.masterKey.manifest;
  const set = { masterKeyId, setId, epoch };
  const sheets: SheetAtLarge[] = [...(found.registers.at(-1)?.register.stillValid?.sheets ?? [])];
  const replaced = replacedShareIn(state);
  if (replaced) {
    const { share, x, from, to } = replaced;
    sheets.push({ ...set, share, x, custodian: from, why: `lost; the same share was made again for ${to}` });
  }
  if (shareSetMadeIn(state)) {
    const told = destroyedSheetsIn(state).flatMap((destroyed) => destroyed.sheets);
    for (const [index, custodian] of found.holders.entries()) {
      const share = index + 1;
      const said = told.find((sheet) => sheet.share === share);
      if (said?.fate === 'destroyed') continue;
      const x = found.masterKey.xByCustodian[index] ?? 0;
      sheets.push({ ...set, share, x, custodian, why: said?.why ?? 'nobody said what became of it' });
    }
  }
  return sheets.length === 0 ? {} : { stillValid: { says: STILL_VALID, sheets } };
}

function changeOf({ before, row }: { before: Kept; row: CustodyRow }, replaced: ReplacedShare | null): CustodyChange {
  const differing = (...fields: (keyof Bag)[]) =>
    before.bags.flatMap(({ of, present }, index) =>
      fields.some((field) => present?.[field] !== row.bags[index]?.[field]) ? [of] : [],
    );
  const { custodian: from } = before;
  const { custodian: to } = row;
  return {
    item: row.item,
    handOver: from !== null && to !== null && from !== to ? { from, to } : null,
    ...(replaced && row.item === `share-${replaced.share}`
      ? { replaced: { from: replaced.from, to: replaced.to } }
      : {}),
    moved: differing('place'),
    sealedAnew: differing('bag', 'seal'),
    reason: row.reason ?? '',
  };
}

function bagOf({ item, bags }: CustodyRow, of: 'sheet' | 'card'): Bag {
  const found = bags.find((candidate) => candidate.of === of);
  if (!found) throw new Error(`${item} has no bag for its ${of}`);
  return { place: found.place, bag: found.bag, seal: found.seal };
}

/** The bytes that are written and signed (RFC 8785), and their SHA-256 in hex. */
export function bytesOf(register: CustodyRegister): { bytes: Uint8Array; sha256: string } {
  const bytes = new TextEncoder().encode(canonicalize(register));
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Every bag and seal number that registers name. */
export function numbersIn(registers: CustodyRegister[]): { bag: string[]; seal: string[] } {
  const bags = registers.flatMap(({ shares, papers }) => [
    ...shares.flatMap(({ sheet, card }) => [sheet, card]),
    ...papers,
  ]);
  return { bag: [...new Set(bags.map(({ bag }) => bag))], seal: [...new Set(bags.map(({ seal }) => seal))] };
}

export function registerFacts({ number, shares, papers, stillValid }: CustodyRegister): Fact[] {
  return [
    { kind: 'row', label: 'Register', value: `number ${number}` },
    ...shares.flatMap(({ share, custodian, sheet, card }): Fact[] => [
      { kind: 'row', label: `Share ${share}, sheet`, value: `${custodian}: ${inBag(sheet)}` },
      { kind: 'row', label: `Share ${share}, card`, value: `${custodian}: ${inBag(card)}` },
    ]),
    ...papers.map(({ what, ...bag }): Fact => ({ kind: 'row', label: what, value: inBag(bag) })),
    ...(stillValid ? atLargeFacts(stillValid) : []),
  ];
}

function atLargeFacts({ says, sheets }: NonNullable<CustodyRegister['stillValid']>): Fact[] {
  return [
    { kind: 'check', label: 'Sheets that still open', verdict: 'warning', detail: says },
    ...sheets.map((sheet): Fact => ({ kind: 'row', label: atLargeName(sheet), value: atLargeText(sheet) })),
  ];
}

export function atLargeName({ share, epoch }: SheetAtLarge): string {
  return `Sheet ${share} of epoch ${epoch}, still valid`;
}

export function atLargeText({ custodian, setId, why }: SheetAtLarge): string {
  return `${custodian} had it: ${why} (share set ${setId})`;
}

/** What changed, in a line each. */
export function changeFacts(register: CustodyRegister): Fact[] {
  return register.changes.map((change) => ({
    kind: 'row',
    label: `${nameOf(register, change)}, change`,
    value: changeText(change),
  }));
}

/** What changed, by the name that people know it by. */
export function nameOf({ papers }: CustodyRegister, { item }: CustodyChange): string {
  return papers.find((paper) => paper.item === item)?.what ?? item.replace('share-', 'Share ');
}

export function changeText({ handOver, replaced, moved, sealedAnew, reason }: CustodyChange): string {
  return [
    ...(replaced
      ? [`made again on a new sheet for ${replaced.to}; ${replaced.from} lost the old one, which stays valid`]
      : []),
    ...(handOver ? [`handed over by ${handOver.from} to ${handOver.to}`] : []),
    ...(!replaced && moved.length > 0 ? [`${moved.join(' and ')} moved`] : []),
    ...(!replaced && sealedAnew.length > 0 ? [`${sealedAnew.join(' and ')} sealed anew`] : []),
  ]
    .join(', ')
    .concat(`: ${reason}`);
}

export function inBag({ place, bag, seal }: Bag): string {
  return `${place}; bag ${bag}, seal ${seal}`;
}
