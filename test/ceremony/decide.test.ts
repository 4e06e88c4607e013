import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Command, decide, refuseParticipants } from '../../core/ceremony/decide.ts';
import { type CeremonyState, evolve } from '../../core/ceremony/state.ts';
import type { Ask } from '../../core/contract/ceremony.ts';
import type { Answer } from '../../core/contract/commands.ts';
import { Refusal } from '../../core/contract/errors.ts';
import type { Role } from '../../core/contract/roles.ts';
import type { Participant } from '../../core/contract/script.ts';
import { SCRIPT } from '../shipped.ts';
import { refused } from '../hsm/refused.ts';

const script = readFileSync(SCRIPT, 'utf8');
const at = '2026-01-01T00:00:00.000Z';

function begun(): CeremonyState {
  const body = {
    script,
    scriptSha256: '00',
    mode: 'training' as const,
    out: '/out',
    copy: null,
    previous: null,
    after: null,
    tokenFile: null,
    token: 't',
  };
  return evolve(null, { kind: 'ceremony.begun', body, at }, 'c');
}

function apply(state: CeremonyState, command: Command): CeremonyState {
  return decide(state, command).reduce((now, event) => evolve(now, { ...event, at }, 'c'), state);
}

const PEOPLE: Ask = { id: 'people', kind: 'people', label: 'Names', given: false, roles: [] };

const cast: Participant[] = (
  [
    ['ceremonyAdministrator', 1],
    ['operator', 1],
    ['witness', 1],
    ['auditor', 1],
    ['custodian', 5],
  ] as [Role, number][]
).flatMap(([role, count]) => Array.from({ length: count }, (_, index) => ({ role, name: `${role} ${index}` })));

/** The third step, which the witness confirms. */
function atToken(): CeremonyState {
  let state = apply(begun(), named(cast));
  for (const step of ['roles', 'preflight']) {
    state = apply(state, { kind: 'intend', step, prepared: null, asks: [] });
    state = apply(state, { kind: 'finish', step, result: null, facts: [] });
  }
  return state;
}

function named(participants: Participant[]): Command {
  return { kind: 'answer', step: 'roles', ask: 'people', answer: { participants }, asks: [PEOPLE] };
}

describe('roles', () => {
  test('one person cannot hold two, however the name is written', async () => {
    const twice = cast.map((person) => (person.role === 'witness' ? { ...person, name: ' OPERATOR 0' } : person));
    expect(await refused('DUAL_CONTROL', () => decide(begun(), named(twice)))).toEqual({ person: ' OPERATOR 0' });
  });

  test.each([
    ['another case', 'OPERATOR 0'],
    ['spaces', ' operator   0 '],
    ['a space that does not break', 'operator\u00a00'],
    ['full-width letters', 'ｏperator 0'],
    ['a character that does not print', 'oper\u200bator 0'],
  ])('the same name in %s is the same person', async (_, name) => {
    const twice = cast.map((person) => (person.role === 'witness' ? { ...person, name } : person));
    await refused('DUAL_CONTROL', () => decide(begun(), named(twice)));
  });

  test.each([
    ['Weiß', 'WEISS'],
    ['Zoë', 'Zoe\u0308'],
  ])('%s and %s are one person', async (one, other) => {
    const twice = cast.map((person) =>
      person.role === 'witness'
        ? { ...person, name: one }
        : person.role === 'auditor'
          ? { ...person, name: other }
          : person,
    );
    await refused('DUAL_CONTROL', () => decide(begun(), named(twice)));
  });

  test('who brings an old sheet may take a new one, and hold nothing else', async () => {
    const both = { ...begun().script, participants: { operator: 1, witness: 1, custodian: 2, newCustodian: 2 } };
    const people = (...names: [Role, string][]) => names.map(([role, name]) => ({ role, name }));
    const staff: [Role, string][] = [
      ['operator', 'Olga'],
      ['witness', 'Wim'],
    ];
    const old: [Role, string][] = [
      ['custodian', 'Ada'],
      ['custodian', 'Bo'],
    ];
    const taking = (one: string, other: string) =>
      people(...staff, ...old, ['newCustodian', one], ['newCustodian', other]);
    refuseParticipants(both, taking('ada', 'Cleo'));
    refuseParticipants(both, taking('Bo', 'Ada'));
    for (const wrong of [taking('Cleo', 'cleo'), taking('Wim', 'Cleo'), taking('Ada', ' ADA')]) {
      await refused('DUAL_CONTROL', () => {
        refuseParticipants(both, wrong);
      });
    }
  });

  test('a name that does not print is no name', async () => {
    const blank = cast.map((person) => (person.role === 'witness' ? { ...person, name: '\u200b' } : person));
    await refused('INPUT_INVALID', () => decide(begun(), named(blank)));
  });

  test('every role needs its number', async () => {
    const params = await refused('PARTICIPANTS_MISSING', () => decide(begun(), named(cast.slice(0, -1))));
    expect(params).toEqual({ role: 'custodian', needed: 5, present: 4 });
    await refused('PARTICIPANTS_MISSING', () =>
      decide(begun(), named([...cast, { role: 'witness', name: 'another' }])),
    );
  });
});

/** What somebody looked at is what is there. */
const SEEN = { shown: 'seen', showing: 'seen' };

describe('a pause', () => {
  test('holds everything until somebody continues by name, and what was confirmed is confirmed again', async () => {
    const ready = apply(atToken(), { kind: 'confirm', step: 'token', role: 'witness', ...SEEN, asks: [] });
    const paused = apply(ready, { kind: 'pause', person: 'operator 0', reason: 'lunch' });
    expect(paused).toMatchObject({ status: 'paused', paused: { person: 'operator 0', reason: 'lunch' } });
    for (const command of [
      { kind: 'intend', step: 'token', prepared: null, asks: [] },
      { kind: 'confirm', step: 'token', role: 'witness', ...SEEN, asks: [] },
      { kind: 'pause', person: 'operator 0', reason: 'y' },
    ] as Command[]) {
      await refused('CEREMONY_PAUSED', () => decide(paused, command));
    }
    const continued = apply(paused, { kind: 'continue', person: 'auditor 0' });
    expect(continued).toMatchObject({ status: 'running', paused: null, confirmed: [], position: 2 });
    expect(continued.incidents.map(({ text }) => text)).toEqual([
      'Paused by operator 0: lunch',
      'Continued by auditor 0.',
    ]);
    await refused('CEREMONY_NOT_PAUSED', () => decide(continued, { kind: 'continue', person: 'auditor 0' }));
  });

  test('waits for an effect that is under way', async () => {
    const state = apply(begun(), named(cast));
    const intended = apply(state, { kind: 'intend', step: 'roles', prepared: null, asks: [] });
    await refused('STEP_INTERRUPTED', () => decide(intended, { kind: 'pause', person: 'x', reason: 'y' }));
  });
});

describe('who speaks', () => {
  const spoken = (person: string): Command[] => [
    { kind: 'pause', person, reason: 'r' },
    { kind: 'deviate', person, text: 't' },
    { kind: 'abort', person, reason: 'r' },
  ];

  test('has a role, and is recorded as they were named, however the name is written', async () => {
    const state = atToken();
    const paused = apply(state, { kind: 'pause', person: 'witness 0', reason: 'r' });
    await refused('PERSON_UNKNOWN', () => decide(paused, { kind: 'continue', person: 'observer' }));
    expect(decide(paused, { kind: 'continue', person: 'WITNESS  0' })[0]?.body).toEqual({ person: 'witness 0' });
    for (const command of spoken('observer')) {
      expect(await refused('PERSON_UNKNOWN', () => decide(state, command))).toEqual({ person: 'observer' });
    }
    for (const command of spoken(' Witness\u00a00')) {
      expect(decide(state, command)[0]?.body).toMatchObject({ person: 'witness 0' });
    }
  });

  test('is anybody before roles are taken', () => {
    for (const command of spoken('observer')) {
      expect(decide(begun(), command)[0]?.body).toMatchObject({ person: 'observer' });
    }
  });
});

test('a warning is accepted by whoever holds the role', async () => {
  const ask: Ask = { id: 'a', kind: 'accept', label: 'Warnings', given: false, by: 'auditor', tone: 'warning' };
  const by = (person: string): Command => ({
    kind: 'answer',
    step: 'token',
    ask: 'a',
    answer: { person },
    asks: [ask],
  });
  await refused('INPUT_INVALID', () => decide(atToken(), by('operator 0')));
  await refused('PERSON_UNKNOWN', () => decide(atToken(), by('somebody')));
  expect(decide(atToken(), by(' Auditor  0'))[0]?.body).toMatchObject({ answer: { person: 'auditor 0' } });
});

test('a warning for a role that nobody holds is accepted by nobody', async () => {
  const ask: Ask = { id: 'a', kind: 'accept', label: 'Warnings', given: false, by: 'auditor', tone: 'warning' };
  const state = { ...atToken(), participants: cast.filter(({ role }) => role !== 'auditor') };
  const by = (person: string): Command => ({
    kind: 'answer',
    step: 'token',
    ask: 'a',
    answer: { person },
    asks: [ask],
  });
  await refused('PERSON_UNKNOWN', () => decide(state, by('auditor 0')));
  await refused('INPUT_INVALID', () => decide(state, by('operator 0')));
});

describe('a step', () => {
  test('waits for what it asks', async () => {
    const state = begun();
    await refused('ANSWERS_PENDING', () =>
      decide(state, { kind: 'intend', step: 'roles', prepared: null, asks: [PEOPLE] }),
    );
    await refused('ASK_UNKNOWN', () => decide(state, { ...named(cast), ask: 'other' } as Command));
    await refused('STEP_NOT_CURRENT', () => decide(state, { kind: 'intend', step: 'token', prepared: null, asks: [] }));
  });

  test('waits for everybody who confirms it, and nobody confirms for another', async () => {
    let state = atToken();
    const open: Command = { kind: 'intend', step: 'token', prepared: null, asks: [] };
    await refused('CONFIRMATION_MISSING', () => decide(state, open));
    await refused('ASK_UNKNOWN', () =>
      decide(state, { kind: 'confirm', step: 'token', role: 'auditor', ...SEEN, asks: [] }),
    );
    const stale: Command = { kind: 'confirm', step: 'token', role: 'witness', shown: 'a', showing: 'b', asks: [] };
    expect(await refused('SHOWN_DIFFERENT', () => decide(state, stale))).toEqual({ step: 'token' });
    state = apply(state, { kind: 'confirm', step: 'token', role: 'witness', ...SEEN, asks: [] });
    expect(decide(state, open)).toHaveLength(1);
  });

  test('is confirmed when everything is given, and again when something given has changed', async () => {
    const state = atToken();
    const question = { label: 'Note', hint: '', suggestion: null, optional: false, given: false };
    const pin: Ask = { id: 'note', kind: 'text', ...question };
    const confirmed = (given: boolean): Command => ({
      ...{ kind: 'confirm', step: 'token', role: 'witness', ...SEEN },
      asks: [{ ...pin, given }],
    });
    await refused('ANSWERS_PENDING', () => decide(state, confirmed(false)));
    const ready = apply(state, confirmed(true));
    expect(ready.confirmed).toEqual(['witness']);
    const answered: Command = { kind: 'answer', step: 'token', ask: 'note', answer: { text: 'x' }, asks: [pin] };
    expect(apply(ready, answered).confirmed).toEqual([]);
    expect(apply(ready, { kind: 'reopen', step: 'token' }).confirmed).toEqual([]);
    const begun = apply(ready, { kind: 'intend', step: 'token', prepared: null, asks: [] });
    const error = new Refusal('OUTPUT_FULL', { path: 'x' }).value;
    expect(apply(begun, { kind: 'fail', step: 'token', error }).confirmed).toEqual([]);
    expect(apply(begun, { kind: 'undo', step: 'token', detail: '' }).confirmed).toEqual([]);
  });

  test('with an intent takes nothing but its end', async () => {
    const state = apply(begun(), { kind: 'intend', step: 'roles', prepared: null, asks: [] });
    expect(state.status).toBe('interrupted');
    await refused('STEP_INTERRUPTED', () => decide(state, { kind: 'intend', step: 'roles', prepared: null, asks: [] }));
    const undone = apply(state, { kind: 'undo', step: 'roles', detail: 'nothing had changed' });
    expect(undone).toMatchObject({ status: 'running', position: 0, attempts: 1 });
  });

  test('with an intent takes somebody’s word for the way back to its token, and nothing else of what it is asked', async () => {
    const ready = apply(atToken(), { kind: 'confirm', step: 'token', role: 'witness', ...SEEN, asks: [] });
    const state = apply(ready, { kind: 'intend', step: 'token', prepared: 7, asks: [] });
    const clock: Ask = { id: 'clock', kind: 'accept', label: 'c', given: false, by: 'auditor', tone: 'warning' };
    const note: Ask = {
      ...{ id: 'note', kind: 'text', label: 'Note', hint: '', suggestion: null },
      ...{ optional: false, given: false },
    };
    const asks = [clock, note];
    const answer = (ask: string, given: Answer): Command => ({
      kind: 'answer',
      step: 'token',
      ask,
      answer: given,
      asks,
    });
    await refused('STEP_INTERRUPTED', () => decide(state, answer('note', { text: 'x' })));
    await refused('STEP_INTERRUPTED', () => decide(state, answer('other', { person: 'auditor 0' })));
    await refused('INPUT_INVALID', () => decide(state, answer('clock', { person: 'witness 0' })));
    const accepted = apply(state, answer('clock', { person: 'auditor 0' }));
    expect(accepted).toEqual({ ...state, answers: { clock: { person: 'auditor 0' } } });
  });

  test('never takes a secret or the text of a share as an answer, which would be recorded', async () => {
    const secret = {
      id: 'pin',
      kind: 'secret',
      label: 'PIN',
      given: false,
      what: 'pin',
      manner: 'enter',
      minimumLength: 4,
      person: 'x',
    } as const;
    const share = {
      id: 'share',
      kind: 'share',
      label: 'Share',
      given: false,
      person: 'x',
      sheets: [] as { number: number; person: string }[],
    } as const;
    for (const ask of [secret, share]) {
      const command: Command = {
        kind: 'answer',
        step: 'roles',
        ask: ask.id,
        answer: { text: 'CLV1' },
        asks: [ask],
      };
      await refused('ASK_UNKNOWN', () => decide(begun(), command));
    }
  });

  test('read back in words needs every word matched by both', async () => {
    const ask: Ask = {
      id: 'words',
      kind: 'words',
      label: 'w',
      given: false,
      words: ['a', 'b'],
      hex: '0000',
      roles: ['witness', 'auditor'],
    };
    const answer = (ticks: [boolean, boolean][]): Command => ({
      kind: 'answer',
      step: 'roles',
      ask: 'words',
      answer: { ticks },
      asks: [ask],
    });
    await refused('WORDS_DIFFER', () =>
      decide(
        begun(),
        answer([
          [true, true],
          [true, false],
        ]),
      ),
    );
    await refused('WORDS_DIFFER', () => decide(begun(), answer([[true, true]])));
    expect(
      decide(
        begun(),
        answer([
          [true, true],
          [true, true],
        ]),
      ),
    ).toHaveLength(1);
  });
});
