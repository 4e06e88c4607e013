import { Refusal } from '../contract/errors.ts';
import type { ActionAsk, TokenUse, Unasked } from './action.ts';
import { holdersOf } from './records.ts';
import type { CeremonyState } from './state.ts';
import { say } from './say.ts';

/** How a custodian is asked for a share, by its number: the sheet's text, and the passphrase that goes to one token process. */
export function shareAsks(state: CeremonyState, number: number, goesTo: TokenUse): Unasked<ActionAsk>[] {
  const names = holdersOf(state);
  const person = names[number - 1] ?? say(state, 'share.custodian', { number });
  const sheets = names.map((name, index) => ({ number: index + 1, person: name }));
  return [
    { id: `share-${number}`, kind: 'share', label: say(state, 'share.ofCustodian', { number }), person, sheets },
    {
      id: `passphrase-${number}`,
      kind: 'secret',
      what: 'passphrase',
      label: say(state, 'masterKey.passphrase', { number }),
      manner: 'enter',
      minimumLength: 1,
      person,
      goesTo,
    },
  ];
}

/** A refusal that names a share by its point x, named by the number on its sheet: the room knows no other. */
export function inNumbers(error: unknown, xByCustodian: number[]): unknown {
  if (!(error instanceof Refusal) || typeof error.params['x'] !== 'number') return error;
  return new Refusal(error.code, { ...error.params, x: xByCustodian.indexOf(error.params['x']) + 1 });
}
