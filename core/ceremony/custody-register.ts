import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Fact } from '../contract/ceremony.ts';
import { type Bag, type CustodyChange, type CustodyRegister, type CustodyRow, type Kept } from '../contract/custody.ts';
import { isChanged } from './custody-answer.ts';
import { keysWrappedIn, masterKeyOf, resultsOf, wrappedKeysOf } from './records.ts';
import type { Custody } from './results.ts';
import type { CeremonyState } from './state.ts';

/** The custody register: made of what people answered, each number built on the one before (docs/formats/custody.md). */

export type RegisterHead = Pick<CustodyRegister, 'ceremony' | 'mode' | 'setId' | 'at'>;

/** What a ceremony made that lies in bags from then on. */
export function keptAtFirst(state: CeremonyState, custodians: string[]): Kept[] {
  const papers = [
    ...keysWrappedIn(state).map(({ label }) => ({ item: `backup-${label}`, what: `Backup sheet of ${label}` })),
    ...(resultsOf(state, 'print-sheets').length > 0 ? [{ item: 'manifest', what: 'Manifest sheet' }] : []),
  ];
  return [
    ...custodians.map((custodian, index) => shareKept(index + 1, custodian, null, null)),
    ...papers.map((paper) => paperKept(paper, null)),
  ];
}

/**
 * What a register says, to be changed: the shares of `custodians` alone, or (null) everything, and backup sheets that were
 * printed since.
 */
export function keptIn({ shares, papers }: CustodyRegister, state: CeremonyState, custodians: string[] | null): Kept[] {
  const rows = shares.filter(({ custodian }) => custodians === null || custodians.includes(custodian));
  const kept = rows.map(({ share, custodian, sheet, card }) => shareKept(share, custodian, sheet, card));
  if (custodians !== null) return kept;
  const since = wrappedKeysOf(state)
    .map(({ label }) => ({ item: `backup-${label}`, what: `Backup sheet of ${label}` }))
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
  return { format: 'claviger-custody-1', number: 1, previous: null, ...head, shares, papers, changes: [] };
}

export function nextRegister(
  head: RegisterHead,
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
    changes: changed.map(changeOf),
  };
}

function changeOf({ before, row }: { before: Kept; row: CustodyRow }): CustodyChange {
  const differing = (...fields: (keyof Bag)[]) =>
    before.bags.flatMap(({ of, present }, index) =>
      fields.some((field) => present?.[field] !== row.bags[index]?.[field]) ? [of] : [],
    );
  const { custodian: from } = before;
  const { custodian: to } = row;
  return {
    item: row.item,
    handOver: from !== null && to !== null && from !== to ? { from, to } : null,
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

export function registerFacts({ number, shares, papers }: CustodyRegister): Fact[] {
  return [
    { kind: 'row', label: 'Register', value: `number ${number}` },
    ...shares.flatMap(({ share, custodian, sheet, card }): Fact[] => [
      { kind: 'row', label: `Share ${share}, sheet`, value: `${custodian}: ${inBag(sheet)}` },
      { kind: 'row', label: `Share ${share}, card`, value: `${custodian}: ${inBag(card)}` },
    ]),
    ...papers.map(({ what, ...bag }): Fact => ({ kind: 'row', label: what, value: inBag(bag) })),
  ];
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

export function changeText({ handOver, moved, sealedAnew, reason }: CustodyChange): string {
  return [
    ...(handOver ? [`handed over by ${handOver.from} to ${handOver.to}`] : []),
    ...(moved.length > 0 ? [`${moved.join(' and ')} moved`] : []),
    ...(sealedAnew.length > 0 ? [`${sealedAnew.join(' and ')} sealed anew`] : []),
  ]
    .join(', ')
    .concat(`: ${reason}`);
}

export function inBag({ place, bag, seal }: Bag): string {
  return `${place}; bag ${bag}, seal ${seal}`;
}
