import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Fact } from '../contract/ceremony.ts';
import { Refusal } from '../contract/errors.ts';
import { wordsOf } from '../contract/words.ts';
import type { TokenCallInput } from '../hsm/process/protocol.ts';
import type { ActionAsk, EffectContext, SecretAsk, Unasked } from './action.ts';
import { custodiansOf, holdersOf, manifestOf } from './records.ts';
import type { CeremonyState } from './state.ts';
import { say } from './say.ts';

/** Shares that custodians bring for new sheets, and the passphrases that the takers of those sheets choose. */

/** The numbers of the shares whose holders came to bring them. */
export function broughtNumbers(state: CeremonyState): number[] {
  const here = custodiansOf(state);
  return holdersOf(state).flatMap((name, index) => (here.includes(name) ? [index + 1] : []));
}

/** PARTICIPANTS_MISSING: a threshold of the set is not here. */
export function refuseTooFew(state: CeremonyState, numbers: number[]): void {
  const { threshold: needed } = manifestOf(state);
  if (numbers.length >= needed) return;
  throw new Refusal('PARTICIPANTS_MISSING', { role: 'custodian', needed, present: numbers.length });
}

/** How the asks of passphrases begin: of shares that stay, and of those that a new set takes the place of. */
export type PassphraseAsk = 'passphrase' | 'old-passphrase';

/** Each share and its passphrase, of these numbers. */
export function asksForShares(state: CeremonyState, numbers: number[], ask: PassphraseAsk): Unasked<ActionAsk>[] {
  const names = holdersOf(state);
  const sheets = names.map((person, index) => ({ number: index + 1, person }));
  return numbers.flatMap((number): Unasked<ActionAsk>[] => {
    const person = names[number - 1] ?? '';
    const label = say(state, 'share.passphrase', { number });
    const secret = { id: `${ask}-${number}`, kind: 'secret', what: 'passphrase' } as const;
    return [
      { id: `share-${number}`, kind: 'share', label: say(state, 'share.number', { number }), person, sheets },
      { ...secret, label, manner: 'enter', minimumLength: 1, person, goesTo: 'main' },
    ];
  });
}

/** What was given, as the token process takes it. */
export function givenShares(
  { ticket, shareText }: EffectContext,
  numbers: number[],
  ask: PassphraseAsk,
): TokenCallInput<'rebuildShare'>['shares'] {
  return numbers.map((number) => ({
    text: shareText(`share-${number}`),
    passphrase: ticket(`${ask}-${number}`),
  }));
}

/** The passphrases of new sheets, by the numbers of their shares. */
export function asksForNewPassphrases(
  state: CeremonyState,
  sheets: { share: number; person: string }[],
): Unasked<SecretAsk>[] {
  return sheets.map(({ share, person }) => ({
    id: `passphrase-${share}`,
    kind: 'secret',
    what: 'passphrase',
    label: say(state, 'share.newPassphrase', { number: share }),
    manner: 'choose',
    minimumLength: state.script.policy.passphraseMinimum,
    person,
    goesTo: 'main',
  }));
}

/**
 * What is approved: rows for the room, and their SHA-256 with the ceremony and its script in words to read aloud. Each confirmation
 * carries what was shown, these among it.
 */
export function approvalFacts(state: CeremonyState, rows: [label: string, value: string][]): Fact[] {
  const approved = canonicalize({ ceremony: state.id, scriptSha256: state.scriptSha256, rows }) ?? '';
  const digest = createHash('sha256').update(approved).digest();
  return [
    ...rows.map(([label, value]): Fact => ({ kind: 'row', label, value })),
    {
      kind: 'words',
      label: say(state, 'share.approved'),
      words: wordsOf(digest.subarray(0, 8)),
      hex: digest.toString('hex'),
    },
  ];
}
