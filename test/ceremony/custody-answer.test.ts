import { describe, expect, test } from 'vitest';
import type { Ask } from '../../core/contract/ceremony.ts';
import type { CustodyRow } from '../../core/contract/custody.ts';
import { Refusal } from '../../core/contract/errors.ts';
import { refuseUnfitCustody } from '../../core/ceremony/custody-answer.ts';

type CustodyAsk = Extract<Ask, { kind: 'custody' }>;

const bag = (number: number, place = `place ${number}`) => ({ place, bag: `A-${number}`, seal: `S-${number}` });

const ASK: CustodyAsk = {
  id: 'custody',
  kind: 'custody',
  label: 'Custody changes',
  given: false,
  kept: [
    {
      ...{ item: 'share-1', what: 'Share 1', custodian: 'Ada' },
      bags: [
        { of: 'sheet', present: bag(1) },
        { of: 'card', present: bag(2) },
      ],
    },
    {
      ...{ item: 'share-2', what: 'Share 2', custodian: 'Ben' },
      bags: [
        { of: 'sheet', present: bag(3) },
        { of: 'card', present: bag(4) },
      ],
    },
    { item: 'manifest', what: 'Manifest sheet', custodian: null, bags: [{ of: 'sheet', present: bag(5) }] },
  ],
  changing: true,
  used: { bag: ['A-1', 'A-2', 'A-3', 'A-4', 'A-5', 'A-99'], seal: ['S-1', 'S-2', 'S-3', 'S-4', 'S-5', 'S-99'] },
  elsewhere: ['Cleo'],
};

/** What is there, with share 1 sealed anew. */
function rows(change: (rows: { first: CustodyRow; second: CustodyRow; third: CustodyRow }) => void): CustodyRow[] {
  const [first, second, third] = ASK.kept.map(({ item, custodian, bags }): CustodyRow => ({
    item,
    custodian,
    reason: null,
    bags: bags.flatMap(({ of, present }) => (present ? [{ of, ...present }] : [])),
  }));
  if (!first || !second || !third) throw new Error('three rows');
  first.reason = 'opened';
  Object.assign(first.bags[0] ?? {}, { bag: 'A-11', seal: 'S-11' });
  change({ first, second, third });
  return [first, second, third];
}

function refusal(answer: CustodyRow[], ask: Partial<CustodyAsk> = {}): string {
  try {
    const people = [
      { role: 'operator' as const, name: 'Otto' },
      { role: 'custodian' as const, name: 'Ada' },
    ];
    refuseUnfitCustody({ ...ASK, ...ask }, answer, people);
    return 'taken';
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return `${error.code} ${Object.values(error.params).join(' ')}`;
  }
}

describe('an answer to what changes in custody', () => {
  test('one bag sealed anew, the rest as it is', () => {
    expect(refusal(rows(() => undefined))).toBe('taken');
  });

  test.each<[string, (rows: { first: CustodyRow; second: CustodyRow; third: CustodyRow }) => void, string]>([
    ['no reason', ({ first }) => (first.reason = null), 'why does Share 1 change'],
    ['a reason for nothing', ({ second }) => (second.reason = 'moved'), 'Share 2 has a reason and no change'],
    ['the seal of another bag', ({ first }) => Object.assign(first.bags[0] ?? {}, { seal: 'S-3' }), 'S-3 stands twice'],
    ['the same in other letters', ({ first }) => Object.assign(first.bags[0] ?? {}, { bag: ' a-3' }), 'stands twice'],
    ['a seal that was broken', ({ first }) => Object.assign(first.bags[0] ?? {}, { seal: 's-99' }), 'was used before'],
    [
      'seals that change places',
      ({ first }) => {
        Object.assign(first.bags[0] ?? {}, { seal: 'S-2' });
        Object.assign(first.bags[1] ?? {}, { seal: 'S-1' });
      },
      'was used before',
    ],
    [
      'sheet and card in one place',
      ({ first }) => Object.assign(first.bags[0] ?? {}, { place: 'Place  2' }),
      'cannot lie in one place',
    ],
    ['a second share', ({ first }) => (first.custodian = 'ben'), 'ben would hold two shares'],
    ['a second share that is not asked for', ({ first }) => (first.custodian = 'CLEO'), 'would hold two shares'],
    ['somebody with another role', ({ first }) => (first.custodian = 'otto'), 'DUAL_CONTROL otto'],
    ['a custodian for the manifest', ({ third }) => (third.custodian = 'Ada'), 'who keeps Manifest sheet'],
    ['another order', ({ first }) => (first.item = 'share-2'), 'in the order it was asked'],
    ['a bag too few', ({ first }) => first.bags.pop(), 'in the order it was asked'],
  ])('%s is refused', (_what, change, said) => {
    expect(refusal(rows(change))).toContain(said);
  });

  test('nothing at all is no change', () => {
    const same = rows(({ first }) => {
      first.reason = null;
      Object.assign(first.bags[0] ?? {}, bag(1));
    });
    expect(refusal(same)).toContain('nothing changes');
  });

  test('who gives shares to two people who change places is taken: each holds one', () => {
    const exchanged = rows(({ first, second }) => {
      first.custodian = 'Ben';
      second.custodian = 'Ada';
      second.reason = 'exchanged';
    });
    expect(refusal(exchanged)).toBe('taken');
  });

  test('in the first register nobody hands over', () => {
    const first = rows(({ first: row }) => {
      row.reason = null;
      row.custodian = 'Somebody Else';
    });
    const used = { bag: [], seal: [] };
    expect(refusal(first, { changing: false, used })).toContain('Share 1 is not handed over here');
  });
});
