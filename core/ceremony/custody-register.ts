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
import { tellPaper } from '../contract/tell.ts';
import { destroyedOfAborted, isSameSheet, sheetsAtLarge } from './aborted-sheets.ts';
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
import { say } from './say.ts';
import type { CeremonyState } from './state.ts';

/** The custody register: made of what people answered, each number built on the one before (docs/formats/custody.md). */

export type RegisterHead = Pick<CustodyRegister, 'ceremony' | 'mode' | 'setId' | 'at'>;

/** What lies in bags once a ceremony has made a share set. */
export function keptAtFirst(state: CeremonyState, custodians: string[]): Kept[] {
  const before = foundSharesOf(state)?.registers.at(-1)?.register.papers ?? [];
  return [
    ...custodians.map((custodian, index) => shareKept(state, index + 1, custodian, null, null)),
    ...keysWrappedIn(state).map(({ label }) => paperKept(state, backupItem(label), null)),
    // Backups that a set of another epoch opens as well lie where they lay.
    ...backupsFoundBy(state).map(({ label }) => {
      const item = backupItem(label);
      const found = before.find((paper) => paper.item === item);
      return paperKept(state, item, found ? { place: found.place, bag: found.bag, seal: found.seal } : null);
    }),
    ...(resultsOf(state, 'print-sheets').length > 0 ? [paperKept(state, MANIFEST, null)] : []),
  ];
}

const MANIFEST = 'manifest';
const BACKUP = 'backup-';

function backupItem(label: string): string {
  return `${BACKUP}${label}`;
}

/** What a register calls a paper; the same in every language, for registers of several ceremonies are read side by side. */
const paperOf = (item: string) => ({ item, what: paperName({ language: 'en' }, item) });

/** What people call it. */
export function paperName(ceremony: Pick<CeremonyState, 'language'>, item: string): string {
  return item === MANIFEST || item.startsWith(BACKUP) ? tellPaper(ceremony, item) : item;
}

/**
 * What a register says, to be changed: the shares of `custodians` alone, or (null) everything, and backup sheets that were
 * printed since. A share that was made again here is with its new custodian, and in no bag yet.
 */
export function keptIn({ shares, papers }: CustodyRegister, state: CeremonyState, custodians: string[] | null): Kept[] {
  const replaced = replacedShareIn(state);
  const kept = shares
    .map(({ share, custodian, sheet, card }) =>
      share === replaced?.share
        ? shareKept(state, share, replaced.to, null, null)
        : shareKept(state, share, custodian, sheet, card),
    )
    .filter(({ custodian }) => custodians === null || (custodian !== null && custodians.includes(custodian)));
  if (custodians !== null) return kept;
  const since = wrappedKeysOf(state)
    .map(({ label }) => backupItem(label))
    .filter((item) => !papers.some((paper) => paper.item === item));
  return [
    ...kept,
    ...papers.map(({ item, what: _, ...bag }) => paperKept(state, item, bag)),
    ...since.map((item) => paperKept(state, item, null)),
  ];
}

function shareKept(state: CeremonyState, share: number, custodian: string, sheet: Bag | null, card: Bag | null): Kept {
  const bags: Kept['bags'] = [
    { of: 'sheet', present: sheet },
    { of: 'card', present: card },
  ];
  return { item: `share-${share}`, what: say(state, 'custody.share', { share }), custodian, bags };
}

function paperKept(state: CeremonyState, item: string, present: Bag | null): Kept {
  return { item, what: paperName(state, item), custodian: null, bags: [{ of: 'sheet', present }] };
}

export function firstRegister(head: RegisterHead, state: CeremonyState, rows: CustodyRow[]): CustodyRegister {
  const { xByCustodian } = masterKeyOf(state);
  const shares = rows.flatMap((row, index) => {
    const { custodian } = row;
    if (custodian === null) return [];
    const share = index + 1;
    return [{ share, x: xByCustodian[index] ?? 0, custodian, sheet: bagOf(row, 'sheet'), card: bagOf(row, 'card') }];
  });
  const papers = rows.flatMap((row) => {
    return row.custodian === null ? [{ ...paperOf(row.item), ...bagOf(row, 'sheet') }] : [];
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
    .map(({ before: { item }, row }) => ({ ...paperOf(item), ...bagOf(row, 'sheet') }));
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

/**
 * Sheets in no bag of a register that still hold a share: known before, of aborted ceremonies, lost and made again here, or of the
 * set before. Why is in the language of the ceremony that found it, as what people say of a sheet is.
 */
function stillValid(state: CeremonyState): Pick<CustodyRegister, 'stillValid'> {
  const found = foundSharesOf(state);
  if (!found) return {};
  const { masterKeyId, setId, epoch } = found.masterKey.manifest;
  const set = { masterKeyId, setId, epoch };
  const gone = destroyedOfAborted(state);
  const sheets = sheetsAtLarge(found).filter((sheet) => !gone.some((other) => isSameSheet(other, sheet)));
  const replaced = replacedShareIn(state);
  if (replaced) {
    const { share, x, from, to } = replaced;
    sheets.push({ ...set, share, x, custodian: from, why: say(state, 'custody.lost', { to }) });
  }
  // A set that was brought after a disaster is the one that stands.
  if ((shareSetMadeIn(state)?.manifest.setId ?? setId) !== setId) {
    const told = destroyedSheetsIn(state).flatMap((destroyed) => destroyed.sheets);
    for (const [index, custodian] of found.holders.entries()) {
      const share = index + 1;
      const said = told.find((sheet) => sheet.share === share);
      if (said?.fate === 'destroyed') continue;
      const x = found.masterKey.xByCustodian[index] ?? 0;
      sheets.push({ ...set, share, x, custodian, why: said?.why ?? say(state, 'custody.nobodySaid') });
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

export function registerFacts(state: CeremonyState, { number, shares, papers, stillValid }: CustodyRegister): Fact[] {
  const held = (custodian: string, bag: Bag) => say(state, 'custody.held', { custodian, bag: inBag(state, bag) });
  return [
    { kind: 'row', label: say(state, 'custody.register'), value: say(state, 'custody.number', { number }) },
    ...shares.flatMap(({ share, custodian, sheet, card }): Fact[] => [
      { kind: 'row', label: say(state, 'custody.sheet', { share }), value: held(custodian, sheet) },
      { kind: 'row', label: say(state, 'custody.card', { share }), value: held(custodian, card) },
    ]),
    ...papers.map(({ item, ...bag }): Fact => ({
      kind: 'row',
      label: paperName(state, item),
      value: inBag(state, bag),
    })),
    ...(stillValid ? atLargeFacts(state, stillValid.sheets) : []),
  ];
}

function atLargeFacts(state: CeremonyState, sheets: SheetAtLarge[]): Fact[] {
  return [
    {
      kind: 'check',
      label: say(state, 'custody.stillOpen'),
      verdict: 'warning',
      detail: say(state, 'custody.stillValid'),
    },
    ...sheets.map((sheet): Fact => ({
      kind: 'row',
      label: atLargeName(state, sheet),
      value: atLargeText(state, sheet),
    })),
  ];
}

export function atLargeName(state: Pick<CeremonyState, 'language'>, { share, epoch }: SheetAtLarge): string {
  return say(state, 'custody.atLarge', { share, epoch });
}

export function atLargeText(state: Pick<CeremonyState, 'language'>, { custodian, setId, why }: SheetAtLarge): string {
  return say(state, 'custody.had', { custodian, setId, why });
}

/** What changed, in a line each. */
export function changeFacts(state: CeremonyState, register: CustodyRegister): Fact[] {
  return register.changes.map((change) => ({
    kind: 'row',
    label: say(state, 'custody.change', { what: nameOf(state, change) }),
    value: changeText(state, change),
  }));
}

/** What changed, by the name that people know it by. */
export function nameOf(state: CeremonyState, { item }: CustodyChange): string {
  const share = /^share-(\d+)$/.exec(item)?.[1];
  return share === undefined ? paperName(state, item) : say(state, 'custody.share', { share });
}

export function changeText(
  state: CeremonyState,
  { handOver, replaced, moved, sealedAnew, reason }: CustodyChange,
): string {
  const both = (bags: CustodyChange['moved']) =>
    bags
      .map((of) => say(state, `custody.of.${of}`))
      .reduce((first, second) => say(state, 'fact.and', { first, second }));
  const what = [
    ...(replaced ? [say(state, 'custody.madeAgain', replaced)] : []),
    ...(handOver ? [say(state, 'custody.handedOver', handOver)] : []),
    ...(!replaced && moved.length > 0 ? [say(state, 'custody.moved', { what: both(moved) })] : []),
    ...(!replaced && sealedAnew.length > 0 ? [say(state, 'custody.sealedAnew', { what: both(sealedAnew) })] : []),
  ];
  return say(state, 'custody.why', { what: what.join(', '), reason });
}

export function inBag(state: Pick<CeremonyState, 'language'>, { place, bag, seal }: Bag): string {
  return say(state, 'custody.inBag', { place, bag, seal });
}
