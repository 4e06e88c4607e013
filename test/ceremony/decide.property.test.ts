import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { type Command, decide, isAnswered } from '../../core/ceremony/decide.ts';
import { type RecordedEvent, eventOf } from '../../core/ceremony/event.ts';
import { copiesOf } from '../../core/ceremony/prints.ts';
import { type CeremonyState, currentStep, evolve, pendingPrint } from '../../core/ceremony/state.ts';
import type { Ask } from '../../core/contract/ceremony.ts';
import type { Answer } from '../../core/contract/commands.ts';
import { Refusal } from '../../core/contract/errors.ts';
import { ROLES, type Role } from '../../core/contract/roles.ts';
import type { Participant, Script } from '../../core/contract/script.ts';

/**
 * The pure part of the engine under every command that there is, in every order, on scripts that are made up: what holds
 * here holds whatever a face, a runner or a crash does between two commands.
 */

const ID = 'ceremony';
const at = '2026-01-01T00:00:00.000Z';

/** One name in the ways in which it may be written. */
const SPELLINGS: [(name: string) => string, ...((name: string) => string)[]] = [
  (name) => name,
  (name) => name.toUpperCase(),
  (name) => ` ${name}  `,
  (name) => name.replace(' ', '\u00a0 '),
  (name) => name.normalize('NFD'),
  (name) => name.replace('i', 'ｉ'),
  (name) => name.replace('o', 'o\u200b'),
];
const NAMES = [
  'Inês Antonio',
  'Zoë Lindström',
  'José Oliveira',
  'Ingrid Solheim',
  'Weiß Olli',
  'Rita Cossio',
  'Tomáš Ivo',
];

/** Who it is, by a rule written apart from the one under test: the letters alone, taken apart and in capitals. */
function identityOf(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/[^\p{L}\p{M}]/gu, '')
    .toUpperCase()
    .normalize('NFKD');
}

/** Nobody takes a new sheet in these scripts. */
const HELD = ROLES.filter((role) => role !== 'newCustodian');
const anyRole = fc.constantFrom(...HELD);

/** The second step takes the roles. Some have fewer custodians than a recovery needs, some a body as a confirming role. */
const anyScript: fc.Arbitrary<Script> = fc
  .record({
    custodians: fc.integer({ min: 1, max: 3 }),
    steps: fc.array(
      fc.record({
        acting: anyRole,
        confirming: fc.uniqueArray(anyRole, {
          maxLength: 3,
        }),
        action: fc.constantFrom('open-token', 'generate-key', 'rehearse-recovery'),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ custodians, steps }): Script => {
    const step = (id: string, action: string, acting: Role, confirming: Role[]) => {
      const parameters = action === 'rehearse-recovery' ? { keys: ['k'], custodians: [1, 2] } : {};
      return { id, action, acting, confirming, section: 's', title: id, instruction: 'i', primary: 'p', parameters };
    };
    return {
      ...{ claviger: 1, language: 'en', title: 't', organisation: 'o', purpose: 'p' },
      policy: { threshold: 2, shareCount: 3, passphraseMinimum: 16 },
      participants: { ceremonyAdministrator: 1, operator: 1, witness: 1, auditor: 1, custodian: custodians },
      steps: [
        step('preflight', 'preflight', 'operator', []),
        step('roles', 'take-roles', 'ceremonyAdministrator', []),
        ...steps.map(({ acting, confirming, action }, index) =>
          step(
            `step-${index}`,
            action,
            acting,
            confirming.filter((role) => role !== acting),
          ),
        ),
      ],
    };
  });

const text = { label: 'Note', hint: '', suggestion: null };
/** What a step asks: the runner tells `given` from the state and from the secrets that it holds. */
function asksOf(state: CeremonyState, secretGiven: boolean): Ask[] {
  const step = currentStep(state);
  if (!step) return [];
  const given = (id: string) => id in state.answers;
  if (step.action === 'take-roles') {
    return [{ id: 'people', kind: 'people', label: 'Names', roles: [], given: given('people') }];
  }
  const note: Ask = { id: 'note', kind: 'text', ...text, optional: false, given: given('note') };
  const remark: Ask = { id: 'remark', kind: 'text', ...text, optional: true, given: given('remark') };
  const words: Ask = {
    ...{ id: 'words', kind: 'words', label: 'Words', given: given('words') },
    ...{ words: ['a', 'b'], hex: '0000', roles: ['witness', 'ceremonyAdministrator'] },
  };
  const secret: Ask = {
    ...{ id: 'secret', kind: 'secret', label: 'PIN', given: secretGiven },
    ...{ what: 'pin', manner: 'enter', minimumLength: 4, person: 'x' },
  };
  const word: Ask = { id: 'word', kind: 'accept', label: 'Word', by: 'witness', tone: 'plain', given: given('word') };
  switch (step.action) {
    case 'open-token':
      return [secret, remark, word];
    case 'generate-key':
      return [note, words, word];
    default:
      return [];
  }
}

const ANSWERS: Answer[] = [
  { text: 'a' },
  { text: 'b' },
  { text: ' ' },
  { person: 'x' },
  { scanSheet: 1 },
  { rows: [] },
];
const MATCHING: Answer = {
  ticks: [
    [true, true],
    [true, true],
  ],
};
const TICKS: Answer[] = [
  MATCHING,
  {
    ticks: [
      [true, true],
      [true, false],
    ],
  },
  { ticks: [] },
];

const anyPeople = fc.record({
  names: fc.shuffledSubarray(NAMES, { minLength: NAMES.length }),
  spelling: fc.constantFrom(...SPELLINGS),
  fault: fc.constantFrom('none', 'twice', 'twice', 'few', 'role'),
});
type People = typeof anyPeople extends fc.Arbitrary<infer P> ? P : never;

/** Those whom the script wants, but for the fault: one too few, a role too often, or the first and the last one person. */
function participantsOf({ participants: wanted }: Script, { names, spelling, fault }: People): Participant[] {
  const roles = (Object.entries(wanted) as [Role, number][]).flatMap(([role, count]) => Array<Role>(count).fill(role));
  const participants = roles.map((role, index): Participant => ({ role, name: names[index] ?? 'Eighth' }));
  const [first, last] = [participants[0], participants.at(-1)];
  if (fault === 'few') participants.pop();
  if (fault === 'twice' && first && last) last.name = spelling(first.name);
  if (fault === 'role' && last) last.role = 'auditor';
  return participants;
}

/** What is tried: of the current step most of the time, so that ceremonies get somewhere. */
type Try = {
  kind: Command['kind'] | 'orderly';
  /** Whether it names the step that is current. */
  here: boolean;
  role: Role;
  /** Which of the asks; one more than there are is an ask that there is not. */
  ask: number;
  people: People;
  answer: Answer;
  secret: boolean;
};

const anyTry: fc.Arbitrary<Try> = fc.record({
  kind: fc.oneof(
    { weight: 50, arbitrary: fc.constant('orderly' as const) },
    { weight: 25, arbitrary: fc.constantFrom('answer' as const, 'confirm' as const) },
    { weight: 16, arbitrary: fc.constantFrom('intend' as const, 'finish' as const) },
    {
      weight: 8,
      arbitrary: fc.constantFrom('reopen', 'refuse', 'fail', 'undo', 'adopt', 'deviate', 'pause', 'continue'),
    },
    { weight: 12, arbitrary: fc.constantFrom('print' as const, 'queue' as const, 'printed' as const) },
    { weight: 1, arbitrary: fc.constant('abort' as const) },
  ),
  here: fc.integer({ min: 0, max: 9 }).map((number) => number > 0),
  role: anyRole,
  ask: fc.nat(2),
  people: anyPeople,
  answer: fc.oneof(fc.constantFrom(...ANSWERS), fc.constantFrom(...TICKS)),
  secret: fc.boolean(),
});

const error = new Refusal('OUTPUT_FULL', { path: 'x' }).value;

function commandOf(state: CeremonyState, tried: Try): Command {
  const step = tried.here ? (currentStep(state)?.id ?? 'none') : 'roles';
  const asks = asksOf(state, tried.secret);
  switch (tried.kind) {
    case 'answer': {
      const ask = state.intent && tried.secret ? asks.find(({ kind }) => kind === 'accept') : asks[tried.ask];
      const answer =
        ask?.kind === 'people'
          ? { participants: participantsOf(state.script, tried.people) }
          : ask?.kind === 'accept'
            ? { person: holderOf(state, tried.secret ? 'witness' : tried.role) }
            : tried.answer;
      return { kind: 'answer', step, ask: ask?.id ?? 'none', answer, asks };
    }
    case 'confirm':
      return { kind: 'confirm', step, role: tried.role, shown: 's', showing: tried.here ? 's' : 't', asks };
    case 'intend':
      return { kind: 'intend', step, prepared: null, asks };
    case 'finish':
      return { kind: 'finish', step, result: null, facts: [] };
    case 'adopt':
      return { kind: 'adopt', step, detail: 'd', result: null, facts: [] };
    case 'fail':
    case 'refuse':
      return { kind: tried.kind, step, error };
    case 'undo':
      return { kind: 'undo', step, detail: 'd' };
    case 'reopen':
      return { kind: 'reopen', step };
    case 'deviate':
      return { kind: 'deviate', person: personOf(state, tried), text: 'y' };
    case 'pause':
      return { kind: 'pause', person: personOf(state, tried), reason: 'y' };
    case 'continue':
      return { kind: 'continue', person: personOf(state, tried) };
    case 'print': {
      const seenBy = holderOf(state, tried.role);
      const again = { reason: 'y', person: personOf(state, { ...tried, role: 'operator' }), seenBy };
      return { kind: 'print', step, sheet: SHEET, printer: 'p', again: copiesOf(state, SHEET) > 0 ? again : null };
    }
    case 'queue':
      return { kind: 'queue', step, job: 'j' };
    case 'printed': {
      const outcome = (['ended', 'uncertain', 'not-sent'] as const)[tried.ask] ?? 'ended';
      return { kind: 'printed', step, outcome, detail: 'd', others: [], ended: 0 };
    }
    case 'orderly':
      return orderly(state);
    case 'abort':
      return { kind: 'abort', person: personOf(state, tried), reason: 'y' };
  }
}

/** Somebody of the ceremony in one of the ways to write their name, or now and then somebody else. */
function personOf(state: CeremonyState, { role, people, here }: Try): string {
  return here ? people.spelling(holderOf(state, role)) : 'Somebody else';
}

function holderOf({ participants }: CeremonyState, role: Role): string {
  return participants.find((held) => held.role === role)?.name ?? 'x';
}

const SHEET = 'share-1';

const ORDERLY: People = { names: NAMES, spelling: SPELLINGS[0], fault: 'none' };

/** The command that an orderly ceremony would give now: without it chance alone never reaches the end. */
function orderly(state: CeremonyState): Command {
  const step = currentStep(state);
  if (state.status === 'paused') return { kind: 'continue', person: holderOf(state, 'witness') };
  if (!step) return { kind: 'deviate', person: holderOf(state, 'witness'), text: 'nothing is left to do' };
  const asks = asksOf(state, true);
  const ended = { outcome: 'ended' as const, detail: 'd', others: [], ended: 0 };
  if (pendingPrint(state)) return { kind: 'printed', step: step.id, ...ended };
  if (state.intent) return { kind: 'finish', step: step.id, result: null, facts: [] };
  const open = asks.find((ask) => !isAnswered(ask));
  if (open) {
    const answer =
      open.id === 'people'
        ? { participants: participantsOf(state.script, ORDERLY) }
        : open.id === 'words'
          ? MATCHING
          : open.id === 'word'
            ? { person: holderOf(state, 'witness') }
            : { text: 'a' };
    return { kind: 'answer', step: step.id, ask: open.id, answer, asks };
  }
  const silent = step.confirming.find((role) => !state.confirmed.includes(role));
  if (silent) return { kind: 'confirm', step: step.id, role: silent, shown: 's', showing: 's', asks };
  return { kind: 'intend', step: step.id, prepared: null, asks };
}

const ORDERLY_TRY: Try = {
  ...{ kind: 'orderly', here: true, role: 'operator', ask: 0, people: ORDERLY, answer: { text: 'a' }, secret: true },
};

type Taken = { before: CeremonyState; command: Command; events: RecordedEvent[]; after: CeremonyState };
type Course = { events: RecordedEvent[]; taken: Taken[]; state: CeremonyState };

/** Runs what is tried from the beginning; what is refused changes nothing. A bug would not be a refusal. */
function run(script: Script, tries: Try[]): Course {
  const body = {
    script: stringify(script),
    scriptSha256: '00',
    mode: 'training' as const,
    out: '/out',
    copy: null,
    previous: null,
    after: null,
    tokenFile: null,
    token: 't',
  };
  const begun: RecordedEvent = { kind: 'ceremony.begun', body, at };
  const course: Course = { events: [begun], taken: [], state: evolve(null, begun, ID) };
  for (const tried of tries) {
    const before = course.state;
    const command = commandOf(before, tried);
    // The runner settles what is interrupted only where something is.
    const settles = ['finish', 'fail', 'undo', 'adopt'].includes(command.kind);
    const printing = pendingPrint(before) !== null;
    if (settles && (before.intent === null || printing) && currentStep(before) && !isOver(before)) continue;
    // And a printer tells only of what it was sent, one sheet after the other.
    if (['queue', 'printed'].includes(command.kind) ? !printing : command.kind === 'print' && printing) continue;
    const events = recorded(before, command);
    course.state = events.reduce((state, event) => evolve(state, event, ID), before);
    course.events.push(...events);
    course.taken.push({ before, command, events, after: course.state });
  }
  return course;
}

function recorded(state: CeremonyState, command: Command): RecordedEvent[] {
  try {
    return decide(state, command).map((event) => ({ ...event, at }));
  } catch (refusal) {
    expect(refusal).toBeInstanceOf(Refusal);
    return [];
  }
}

function isOver({ status }: CeremonyState): boolean {
  return status === 'completed' || status === 'aborted';
}

const tries = fc.array(anyTry, { minLength: 20, maxLength: 100 });

/** Checks something of every step of every course. */
function always(check: (taken: Taken, course: Course) => void): void {
  fc.assert(
    fc.property(anyScript, tries, (script, tried) => {
      const course = run(script, tried);
      for (const taken of course.taken) check(taken, course);
    }),
    { numRuns: 300 },
  );
}

describe('no order of commands reaches a state that policy forbids', () => {
  test('nothing is begun before every ask is answered and every confirming role has confirmed', () => {
    let begun = 0;
    always(({ before, command, events }) => {
      if (!events.some(({ kind }) => kind === 'step.intent')) return;
      begun++;
      expect(command.kind).toBe('intend');
      const asks = command.kind === 'intend' ? command.asks : [];
      expect(asks.filter((ask) => !ask.given && !(ask.kind === 'text' && ask.optional))).toEqual([]);
      const { confirming = [] } = currentStep(before) ?? {};
      expect([...before.confirmed].sort()).toEqual([...confirming].sort());
    });
    expect(begun).toBeGreaterThan(200);
  });

  test('what is confirmed is what stands when it is begun: no answer lies between, and each is another person than who acts', () => {
    let confirmedTwice = 0;
    fc.assert(
      fc.property(anyScript, tries, (script, tried) => {
        const { events, state } = run(script, tried);
        let confirmed: { role: Role; person: string }[] = [];
        // What is answered while an effect is under way was not asked when it was confirmed: the way back to its token.
        let underWay = false;
        for (const event of events) {
          if (event.kind === 'step.answered' && underWay) continue;
          if (event.kind.startsWith('step.')) underWay = event.kind === 'step.intent';
          if (
            [
              'step.answered',
              'step.reopened',
              'ceremony.paused',
              'ceremony.continued',
              'step.failed',
              'step.undone',
              'step.result',
            ].includes(event.kind)
          ) {
            if (event.kind === 'step.result') {
              const { acted, confirmed: stated } = event.body;
              expect(stated.map(({ name }) => name)).toEqual(
                stated.map(({ role }) => confirmed.find((one) => one.role === role)?.person),
              );
              const people = [...confirmed.map(({ person }) => person), ...(acted.name === null ? [] : [acted.name])];
              expect(new Set(people.map(identityOf)).size).toBe(people.length);
              if (confirmed.length > 1) confirmedTwice++;
            }
            confirmed = [];
          }
          if (event.kind === 'step.confirmed') confirmed.push(event.body);
        }
        for (const { person, role } of confirmed) {
          expect(state.participants.filter((held) => held.role === role)).toEqual([{ role, name: person }]);
        }
      }),
      { numRuns: 300 },
    );
    expect(confirmedTwice).toBeGreaterThan(20);
  });

  test('one person never holds two roles, however the name is written', () => {
    let held = 0;
    always(({ after }) => {
      if (after.participants.length > 0) held++;
      expect(new Set(after.participants.map(({ name }) => identityOf(name))).size).toBe(after.participants.length);
    });
    expect(held).toBeGreaterThan(200);
  });

  test('a name in any two spellings is one person, whichever roles they are given for', () => {
    const spelling = fc.constantFrom(...SPELLINGS);
    const place = fc.nat(3);
    fc.assert(
      fc.property(
        anyScript,
        fc.constantFrom(...NAMES),
        spelling,
        spelling,
        place,
        place,
        (script, name, one, other, i, j) => {
          fc.pre(i !== j);
          const { state } = run(
            script,
            Array.from({ length: 2 }, () => ORDERLY_TRY),
          );
          expect(currentStep(state)?.id).toBe('roles');
          const participants = participantsOf(script, ORDERLY).map((person, index) => ({
            ...person,
            name: index === i ? one(name) : index === j ? other(name) : `Somebody else ${index}`,
          }));
          const asks = asksOf(state, false);
          const answer: Command = { kind: 'answer', step: 'roles', ask: 'people', answer: { participants }, asks };
          expect(() => decide(state, answer)).toThrow('DUAL_CONTROL');
        },
      ),
    );
  });

  test('once roles are taken nobody speaks who has none, and whoever does is recorded as they were named', () => {
    const said = { taken: 0, refused: 0 };
    always(({ before, command, events }) => {
      if (before.participants.length === 0 || isOver(before)) return;
      if (!('person' in command)) return;
      const names = before.participants.map(({ name }) => name);
      if (!names.map(identityOf).includes(identityOf(command.person))) {
        said.refused++;
        expect(events).toEqual([]);
      }
      for (const { body } of events) {
        said.taken++;
        expect(names).toContain((body as { person: string }).person);
      }
    });
    expect(Math.min(said.taken, said.refused)).toBeGreaterThan(10);
  });

  test('every role is held by as many as the script says, or by nobody yet', () => {
    always(({ after }) => {
      if (after.participants.length === 0) return;
      const counted = Object.fromEntries(
        HELD.map((role) => [role, after.participants.filter((held) => held.role === role).length]),
      );
      expect(counted).toEqual(after.script.participants);
    });
  });

  test('no recovery is begun before as many custodians have come as the threshold says', () => {
    const recoveries = { begun: 0, refused: 0 };
    always(({ before, command, events }) => {
      const step = currentStep(before);
      if (step?.action !== 'rehearse-recovery' || command.kind !== 'intend') return;
      const custodians = before.participants.filter(({ role }) => role === 'custodian').length;
      if (events.length > 0) expect(custodians).toBeGreaterThanOrEqual(before.script.policy.threshold);
      recoveries[events.length > 0 ? 'begun' : 'refused']++;
    });
    expect(Math.min(recoveries.begun, recoveries.refused)).toBeGreaterThan(10);
  });

  test('never are two effects under way, and none ends that was not begun', () => {
    fc.assert(
      fc.property(anyScript, tries, (script, tried) => {
        let open = 0;
        for (const { kind } of run(script, tried).events) {
          if (kind === 'step.intent') open++;
          if (['step.result', 'step.failed', 'step.undone'].includes(kind)) open--;
          if (kind === 'ceremony.aborted') open = 0;
          expect(open).toBeOneOf([0, 1]);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('while an effect is under way nothing is answered but by somebody’s word, and that changes nothing else', () => {
    const answers = { taken: 0, refused: 0 };
    always(({ before, command, events, after }) => {
      if (!before.intent || command.kind !== 'answer') return;
      answers[events.length > 0 ? 'taken' : 'refused']++;
      if (events.length > 0) expect(command.ask).toBe('word');
      expect({ ...after, answers: {} }).toEqual({ ...before, answers: {} });
    });
    expect(Math.min(answers.taken, answers.refused)).toBeGreaterThan(10);
  });

  test('the position grows by one with each result and with nothing else; what was recorded is never taken back', () => {
    always(({ before, events, after }) => {
      const results = events.filter(({ kind }) => kind === 'step.result').length;
      expect(after.position - before.position).toBe(results);
      expect(after.records.length).toBe(after.position);
      expect(after.records.slice(0, before.records.length)).toEqual(before.records);
      if (results > 0) expect(before.intent).not.toBeNull();
      expect(after.records.map(({ step }) => step.id)).toEqual(
        after.script.steps.slice(0, after.position).map(({ id }) => id),
      );
    });
  });

  test('no sheet is printed twice but for a reason, for one person and before another; nothing goes on beside a print', () => {
    const prints = { first: 0, again: 0, refused: 0, beside: 0 };
    always(({ before, command, events, after }) => {
      if (command.kind === 'print' && !isOver(before) && before.status !== 'paused') {
        const copies = copiesOf(before, SHEET);
        if (events.length === 0) prints.refused++;
        for (const event of events.filter(({ kind }) => kind === 'print.intent')) {
          if (event.kind !== 'print.intent') return;
          const { copy, again } = event.body;
          prints[copies === 0 ? 'first' : 'again']++;
          expect(copy).toBe(copies + 1);
          expect(again === null).toBe(copies === 0);
          if (again) expect(identityOf(again.person)).not.toBe(identityOf(again.seenBy));
          if (again) expect(after.incidents.length).toBe(before.incidents.length + 1);
        }
      }
      if (pendingPrint(before) === null || isOver(before)) return;
      prints.beside++;
      const told = [
        'print.job',
        'print.result',
        'ceremony.deviation',
        'ceremony.aborted',
        'step.answered',
        'step.refused',
      ];
      for (const { kind } of events) expect(told).toContain(kind);
      if (!events.some(({ kind }) => kind === 'print.result')) {
        expect(after.prints.length).toBe(before.prints.length);
        expect(after.status).toBeOneOf(['interrupted', 'aborted']);
      }
    });
    expect(Math.min(...Object.values(prints))).toBeGreaterThan(10);
  });

  test('after the end nothing is done any more, and it ends only once', () => {
    const ends = { completed: 0, aborted: 0 };
    always(({ before, events, after }, course) => {
      if (isOver(before)) {
        expect(events).toEqual([]);
        expect(after).toEqual(before);
      } else if (after.status === 'completed' || after.status === 'aborted') ends[after.status]++;
      if (after.status === 'completed') expect(after.position).toBe(after.script.steps.length);
      expect(
        course.events.filter(({ kind }) => kind === 'ceremony.completed' || kind === 'ceremony.aborted').length,
      ).toBeLessThan(2);
    });
    expect(Math.min(ends.completed, ends.aborted)).toBeGreaterThan(10);
  });
});

test('no row can follow the end, and none of a step stands in a pause: such a ledger is not taken for a ceremony', () => {
  const follows = { end: 0, pause: 0 };
  fc.assert(
    fc.property(anyScript, tries, tries, (script, tried, others) => {
      const events = run(script, others).events.slice(1);
      for (const [index, { after }] of run(script, tried).taken.entries()) {
        const event = events[index % events.length];
        const held = after.status === 'paused' && /^(step|print)\./.test(event?.kind ?? '');
        if (!event || (!held && !isOver(after))) continue;
        follows[held ? 'pause' : 'end']++;
        expect(() => evolve(after, event, ID)).toThrow(`${event.kind} in a ${after.status} ceremony`);
      }
    }),
    { numRuns: 200 },
  );
  expect(Math.min(follows.end, follows.pause)).toBeGreaterThan(10);
});

test('the same events give the same state, also from the rows in which they rest', () => {
  fc.assert(
    fc.property(anyScript, tries, (script, tried) => {
      const { events, state } = run(script, tried);
      const rows = events.map(({ kind, body }) => ({ kind, body: JSON.parse(JSON.stringify(body)) as unknown }));
      const replayed = rows.reduce<CeremonyState | null>(
        (now, { kind, body }) => evolve(now, eventOf(kind, body, at), ID),
        null,
      );
      expect(replayed).toEqual(state);
    }),
    { numRuns: 200 },
  );
});

test('evolving leaves the state before as it was', () => {
  always(({ before, events }) => {
    const kept = structuredClone(before);
    events.reduce((state, event) => evolve(state, event, ID), before);
    expect(before).toEqual(kept);
  });
});
