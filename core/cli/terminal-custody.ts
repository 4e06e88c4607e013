import type { CustodyRow, Kept } from '../contract/custody.ts';
import { say } from './report.ts';
import { line, yes } from './terminal-line.ts';

/** One thing's custodian and bags, typed. Of a register that changes, an empty line keeps what is there. */
export async function custodyRow({ item, what, custodian, bags }: Kept, changing: boolean): Promise<CustodyRow> {
  const name = custodian === null ? what : `${what}, ${custodian}`;
  const present = bags.flatMap(({ of, present: bag }) => (bag ? [{ of, ...bag }] : []));
  if (changing && present.length === bags.length) {
    for (const { of, place, bag, seal } of present) say(`  ${name}, ${of}: ${place}; bag ${bag}, seal ${seal}`);
    if (!(await yes(`  ${name}: does anything change?`))) return { item, custodian, bags: present, reason: null };
  }
  const ask = async (label: string, now: string | undefined) => {
    if (now === undefined) return line(`  ${label}: `);
    const typed = await line(`  ${label} [${now}]: `);
    return typed === '' ? now : typed;
  };
  const keeper = changing && custodian !== null ? await ask(`${what}, custodian`, custodian) : custodian;
  const typed: CustodyRow['bags'] = [];
  for (const { of, present: now } of bags) {
    const place = await ask(`${name}, ${of}, place`, now?.place);
    const bag = await ask(`${name}, ${of}, bag number`, now?.bag);
    const seal = await ask(`${name}, ${of}, seal number`, now?.seal);
    typed.push({ of, place, bag, seal });
  }
  return { item, custodian: keeper, bags: typed, reason: changing ? await line(`  ${name}, why: `) : null };
}
