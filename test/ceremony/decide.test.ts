import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Command, decide } from '../../core/ceremony/decide.ts';
import { type CeremonyState, evolve } from '../../core/ceremony/state.ts';
import type { Ask } from '../../core/contract/ceremony.ts';
import { Refusal } from '../../core/contract/errors.ts';
import type { Participant, Role } from '../../core/contract/script.ts';
import { SCRIPT } from '../shipped.ts';
import { refused } from '../hsm/refused.ts';

const script = readFileSync(SCRIPT, 'utf8');
const at = '2026-01-01T00:00:00.000Z';

function begun(): CeremonyState {
  const body = { script, scriptSha256: '00', mode: 'training' as const, out: '/out', tokenFile: null, token: 't' };
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

/** The second step, where roles are taken. */
function atRoles(): CeremonyState {
  const intended = apply(begun(), { kind: 'intend', step: 'preflight', prepared: null, asks: [] });
  return apply(intended, { kind: 'finish', step: 'preflight', result: null, facts: [] });
}

function named(participants: Participant[]): Command {
  return { kind: 'answer', step: 'roles', ask: 'people', answer: { participants }, asks: [PEOPLE] };
}

describe('roles', () => {
  test('one person cannot hold two, however the name is written', async () => {
    const twice = cast.map((person) => (person.role === 'witness' ? { ...person, name: ' OPERATOR 0' } : person));
    expect(await refused('DUAL_CONTROL', () => decide(atRoles(), named(twice)))).toEqual({ person: ' OPERATOR 0' });
  });

  test.each([
    ['another case', 'OPERATOR 0'],
    ['spaces', ' operator   0 '],
    ['a space that does not break', 'operator\u00a00'],
    ['full-width letters', 'ｏperator 0'],
    ['a character that does not print', 'oper\u200bator 0'],
  ])('the same name in %s is the same person', async (_, name) => {
    const twice = cast.map((person) => (person.role === 'witness' ? { ...person, name } : person));
    await refused('DUAL_CONTROL', () => decide(atRoles(), named(twice)));
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
    await refused('DUAL_CONTROL', () => decide(atRoles(), named(twice)));
  });

  test('a name that does not print is no name', async () => {
    const blank = cast.map((person) => (person.role === 'witness' ? { ...person, name: '\u200b' } : person));
    await refused('INPUT_INVALID', () => decide(atRoles(), named(blank)));
  });

  test('every role needs its number', async () => {
    const params = await refused('PARTICIPANTS_MISSING', () => decide(atRoles(), named(cast.slice(0, -1))));
    expect(params).toEqual({ role: 'custodian', needed: 5, present: 4 });
    await refused('PARTICIPANTS_MISSING', () =>
      decide(atRoles(), named([...cast, { role: 'witness', name: 'another' }])),
    );
  });
});

describe('a step', () => {
  test('waits for what it asks', async () => {
    const state = atRoles();
    await refused('ANSWERS_PENDING', () =>
      decide(state, { kind: 'intend', step: 'roles', prepared: null, asks: [PEOPLE] }),
    );
    await refused('ASK_UNKNOWN', () => decide(state, { ...named(cast), ask: 'other' } as Command));
    await refused('STEP_NOT_CURRENT', () => decide(state, { kind: 'intend', step: 'token', prepared: null, asks: [] }));
  });

  test('waits for everybody who confirms it, and nobody confirms for another', async () => {
    let state = apply(atRoles(), named(cast));
    state = apply(state, { kind: 'intend', step: 'roles', prepared: null, asks: [] });
    state = apply(state, { kind: 'finish', step: 'roles', result: null, facts: [] });
    const open: Command = { kind: 'intend', step: 'token', prepared: null, asks: [] };
    await refused('CONFIRMATION_MISSING', () => decide(state, open));
    await refused('ASK_UNKNOWN', () => decide(state, { kind: 'confirm', step: 'token', role: 'auditor', asks: [] }));
    state = apply(state, { kind: 'confirm', step: 'token', role: 'witness', asks: [] });
    expect(decide(state, open)).toHaveLength(1);
  });

  test('is confirmed when everything is given, and again when something given has changed', async () => {
    let state = apply(atRoles(), named(cast));
    state = apply(state, { kind: 'intend', step: 'roles', prepared: null, asks: [] });
    state = apply(state, { kind: 'finish', step: 'roles', result: null, facts: [] });
    const question = { label: 'Note', hint: '', suggestion: null, optional: false, given: false };
    const pin: Ask = { id: 'note', kind: 'text', ...question };
    const confirmed = (given: boolean): Command => ({
      ...{ kind: 'confirm', step: 'token', role: 'witness' },
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
    const state = apply(begun(), { kind: 'intend', step: 'preflight', prepared: null, asks: [] });
    expect(state.status).toBe('interrupted');
    await refused('STEP_INTERRUPTED', () =>
      decide(state, { kind: 'intend', step: 'preflight', prepared: null, asks: [] }),
    );
    const undone = apply(state, { kind: 'undo', step: 'preflight', detail: 'nothing had changed' });
    expect(undone).toMatchObject({ status: 'running', position: 0, attempts: 1 });
  });

  test('never takes a secret or the text of a share as an answer, which would be recorded', async () => {
    const secret = {
      id: 'pin',
      kind: 'secret',
      label: 'PIN',
      given: false,
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
        step: 'preflight',
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
      step: 'preflight',
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
