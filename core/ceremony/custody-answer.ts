import type { Ask } from '../contract/ceremony.ts';
import type { CustodyRow, Kept } from '../contract/custody.ts';
import { because } from '../contract/because.ts';
import { type ErrorParams, Refusal } from '../contract/errors.ts';
import type { Participant } from '../contract/script.ts';
import { foldedName } from './names.ts';

type CustodyAsk = Extract<Ask, { kind: 'custody' }>;

/** An answer that the register could not take. INPUT_INVALID, DUAL_CONTROL. */
export function refuseUnfitCustody(ask: CustodyAsk, rows: CustodyRow[], participants: Participant[]): void {
  const { label } = ask;
  const misfit = (params: ErrorParams) => new Refusal('INPUT_INVALID', params);
  const whole = ask.kept.every(({ item, bags }, index) => {
    const row = rows[index];
    return row?.item === item && row.bags.map(({ of }) => of).join() === bags.map(({ of }) => of).join();
  });
  if (!whole || rows.length !== ask.kept.length) throw misfit(because('custody.order', { label }));
  const given = ask.kept.flatMap((kept, index) => {
    const row = rows[index];
    return row ? [{ kept, row }] : [];
  });
  for (const { kept, row } of given) {
    const { what } = kept;
    const changed = isChanged(kept, row);
    if (!ask.changing && row.custodian !== kept.custodian) throw misfit(because('custody.noHandOver', { label, what }));
    if ((row.custodian === null) !== (kept.custodian === null))
      throw misfit(because('custody.keeper', { label, what }));
    if (ask.changing && changed && row.reason === null) throw misfit(because('custody.why', { label, what }));
    if (row.reason !== null && !(ask.changing && changed)) throw misfit(because('custody.noChange', { label, what }));
    const [sheet, card] = row.bags;
    if (sheet && card && foldedName(sheet.place) === foldedName(card.place)) {
      throw misfit(because('custody.onePlace', { label, what }));
    }
  }
  if (ask.changing && !given.some(({ kept, row }) => isChanged(kept, row)))
    throw misfit(because('custody.nothing', { label }));
  for (const field of ['bag', 'seal'] as const) refuseRepeated(ask, given, field);
  refuseCustodians(ask, given, participants);
}

export function isChanged(kept: Kept, row: CustodyRow): boolean {
  const bags = kept.bags.some(({ present }, index) => {
    const now = row.bags[index];
    return (['place', 'bag', 'seal'] as const).some((field) => present?.[field] !== now?.[field]);
  });
  return bags || kept.custodian !== row.custodian;
}

type Given = { kept: Kept; row: CustodyRow }[];

/** A number names one bag or seal for ever: nothing but the bag that has it may keep it. */
function refuseRepeated(ask: CustodyAsk, given: Given, field: 'bag' | 'seal') {
  const { label } = ask;
  const used = new Set(ask.used[field].map(foldedName));
  const numbers = given.flatMap(({ kept, row }) =>
    row.bags.map((bag, index) => ({ said: bag[field], own: kept.bags[index]?.present?.[field] })),
  );
  const folded = numbers.map(({ said }) => foldedName(said));
  const twice = numbers.find((_, index) => folded.indexOf(folded[index] ?? '') !== index);
  if (twice) throw new Refusal('INPUT_INVALID', because(`custody.${field}Twice`, { label, number: twice.said }));
  const again = numbers.find(({ said, own }) => own !== said && used.has(foldedName(said)));
  if (again) throw new Refusal('INPUT_INVALID', because(`custody.${field}Used`, { label, number: again.said }));
}

/** Whoever takes a share holds no other, and no other role in the room. */
function refuseCustodians(ask: CustodyAsk, given: Given, participants: Participant[]) {
  const { label } = ask;
  const holders = [...ask.elsewhere, ...given.flatMap(({ row }) => row.custodian ?? [])].map(foldedName);
  for (const { kept, row } of given) {
    const { custodian } = row;
    if (!ask.changing || custodian === null || custodian === kept.custodian) continue;
    const folded = foldedName(custodian);
    if (holders.filter((holder) => holder === folded).length > 1) {
      throw new Refusal('INPUT_INVALID', because('custody.twoShares', { label, custodian }));
    }
    const here = participants.find(({ name }) => foldedName(name) === folded);
    if (here && here.role !== 'custodian') throw new Refusal('DUAL_CONTROL', { person: custodian });
  }
}
