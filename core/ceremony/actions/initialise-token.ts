import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { because } from '../../contract/because.ts';
import { Refusal } from '../../contract/errors.ts';
import { roleName } from '../../contract/messages/role-names.ts';
import { ROLES } from '../../contract/roles.ts';
import type { PinState } from '../../contract/token.ts';
import type { Action, EffectContext } from '../action.ts';
import { personOf } from '../decide.ts';
import { lastTryAsk, secondPerson } from '../last-try.ts';
import { resultsOf } from '../records.ts';
import { type BornToken, bornTokenResult, inspectedSlotsResult } from '../results.ts';
import type { CeremonyState } from '../state.ts';
import { inUse, moduleOf } from './inspect-slots.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    securityOfficer: z.enum(ROLES).describe('The role of one person who alone sets the PIN of the security officer.'),
    user: z.enum(ROLES).describe('The role of another one person who alone sets the PIN of the user.'),
    securityOfficerPinMinimum: z
      .int()
      .min(8)
      .max(64)
      .default(12)
      .describe('Fewest characters of the security officer’s PIN.'),
    pinMinimum: z.int().min(6).max(64).default(8).describe('Fewest characters of the user’s PIN.'),
    wipe: z
      .boolean()
      .default(false)
      .describe('Whether a token that is in use may be initialised. Its security officer’s PIN stays the one it has.'),
  })
  .describe(
    'Initialises a token, has its two PINs set by two people, and finds it empty. Everything on it is destroyed.',
  );
type Parameters = z.infer<typeof parameters>;
type Prepared = { slot: string; wipe: boolean };

const prepared = z.strictObject({ slot: z.string(), wipe: z.boolean() }) satisfies z.ZodType<Prepared>;

/**
 * The birth of a token: C_InitToken, then C_InitPIN, each PIN set by another person and kept in a sealed envelope. The new
 * user logs in and must find nothing. The label is the token file's.
 */
export const initialiseToken: Action<Parameters, Prepared, BornToken> = {
  name: 'initialise-token',
  parameters,
  result: bornTokenResult,
  needs: ['blank'],
  lint: ({ securityOfficer, user }, { participants }) => {
    const complaints: string[] = [];
    if (securityOfficer === user) complaints.push('one role sets both PINs');
    for (const role of new Set([securityOfficer, user])) {
      if (participants[role] !== 1) complaints.push(`a PIN is set by one person, and ${role} is not one`);
    }
    return complaints;
  },
  paper: ({ securityOfficer, user }, reader) => ({
    sealed: [
      { what: say(reader, 'birth.pinOf.officer'), holder: securityOfficer },
      { what: say(reader, 'birth.pinOf.user'), holder: user },
    ],
  }),
  look: async ({ state, blank, tokenLocation }) => {
    const location = tokenLocation();
    if (location.kind !== 'pkcs11') return [];
    const { module, parameters: options } = location;
    const { slots } = await (await blank()).call('probe', { module, parameters: options });
    return slots.flatMap(({ slot, token }) =>
      token && TRIES.includes(token.pin.securityOfficer) ? [triesOf(state, slot, token.pin.securityOfficer)] : [],
    );
  },
  asks: ({ state }, { securityOfficer, user, securityOfficerPinMinimum, pinMinimum }, looked) => [
    {
      id: 'slot',
      kind: 'text',
      label: say(state, 'slot.slot'),
      hint: say(state, 'slot.hint'),
      suggestion: onlyFreeSlot(state),
      optional: false,
    },
    {
      id: 'security-officer-pin',
      kind: 'secret',
      what: 'pin',
      label: say(state, 'birth.officerPin'),
      manner: 'choose',
      minimumLength: securityOfficerPinMinimum,
      person: personOf(state, securityOfficer) ?? roleName(state, securityOfficer),
      goesTo: 'blank',
    },
    {
      id: 'user-pin',
      kind: 'secret',
      what: 'pin',
      label: say(state, 'birth.userPin'),
      manner: 'choose',
      minimumLength: pinMinimum,
      person: personOf(state, user) ?? roleName(state, user),
      goesTo: 'blank',
    },
    {
      id: 'custody',
      kind: 'custody',
      label: say(state, 'birth.envelopes'),
      kept: [securityOfficer, user].map((role, index) => ({
        item: `envelope-${index + 1}`,
        what: say(state, 'birth.envelope', { number: index + 1 }),
        custodian: personOf(state, role) ?? roleName(state, role),
        bags: [{ of: 'envelope' as const, present: null }],
      })),
      changing: false,
      used: { bag: [], seal: [] },
      elsewhere: [],
    },
    // On a token that was initialised before, C_InitToken takes the security officer's PIN that it has, and counts tries.
    ...lastTries(state, looked)
      .filter((slot) => slot === slotText(state))
      .map((slot) => lastTryAsk(state, lastTryId(slot), say(state, 'birth.lastTry', { slot }), securityOfficer)),
  ],
  prepare: async (context, { wipe }) => {
    const { state } = context;
    const { label } = moduleOf(context.tokenLocation());
    const slots = await slotsOf(context);
    // Only this step can have given a token this label: at its first try no other had it.
    const begun = state.attempts > 0 ? slots.find(({ token }) => token?.label === label) : undefined;
    const slot = begun?.slot ?? answeredSlot(state);
    const held = slots.find((candidate) => candidate.slot === slot)?.token;
    if (!held) throw new Refusal('SLOT_MISSING', { position: `slot ${slot}` });
    const again = wipe || begun !== undefined;
    if (inUse(held.flags) && !again) {
      throw new Refusal('TOKEN_INITIALISED', { label: held.label, serial: held.serial });
    }
    return { slot, wipe: again };
  },
  perform: async (context, { securityOfficer, user }, intent) => {
    const { state, token, ticket, tokenLocation } = context;
    const { slot, wipe } = prepared.parse(intent);
    const { module, parameters, label } = moduleOf(tokenLocation());
    const lastTryWith = secondPerson(state, lastTryId(slot), securityOfficer);
    const born = await token('blank').call('initialiseToken', {
      ...{ module, parameters, at: { slot }, label, wipe },
      ...(lastTryWith === null ? {} : { lastTryWith }),
      securityOfficerPin: ticket('security-officer-pin'),
      pin: ticket('user-pin'),
    });
    const { serial, firmware, manufacturer, model } = born.token;
    const envelopes = envelopesOf(state, ['security officer', 'user']);
    const facts: Fact[] = [
      { kind: 'row', label: say(state, 'token.token'), value: label },
      { kind: 'row', label: say(state, 'token.maker'), value: `${manufacturer} ${model}`.trim() },
      { kind: 'row', label: say(state, 'fact.serial'), value: serial, mono: true },
      { kind: 'row', label: say(state, 'token.firmware'), value: firmware, mono: true },
      { kind: 'row', label: say(state, 'birth.officerSetBy'), value: personOf(state, securityOfficer) ?? '' },
      { kind: 'row', label: say(state, 'birth.userSetBy'), value: personOf(state, user) ?? '' },
      ...envelopes.map(({ pin, place, envelope, seal }): Fact => {
        const of = pin === 'user' ? 'birth.envelopeOf.user' : 'birth.envelopeOf.security officer';
        return { kind: 'row', label: say(state, of), value: say(state, 'birth.sealed', { place, envelope, seal }) };
      }),
      ...(lastTryWith === null
        ? []
        : [{ kind: 'row' as const, label: say(state, 'birth.agreedBy'), value: lastTryWith }]),
      { kind: 'check', label: say(state, 'birth.seen'), verdict: 'go', detail: say(state, 'rehearsal.nothing') },
    ];
    return { result: { label, serial, firmware, manufacturer, model, envelopes }, facts };
  },
  // Whether the PINs that are in the token are those in the envelopes, only their owners know: it is begun again.
  reconcile: async (context) => {
    const { label } = moduleOf(context.tokenLocation());
    const found = (await slotsOf(context)).some(({ token }) => token?.label === label);
    return { undone: found ? say(context.state, 'birth.again', { label }) : say(context.state, 'birth.none') };
  },
};

async function slotsOf({ token, tokenLocation }: EffectContext) {
  const { module, parameters } = moduleOf(tokenLocation());
  return (await token('blank').call('probe', { module, parameters })).slots;
}

/** What is worth telling of the security officer's PIN of a token that was initialised before. */
const TRIES: PinState[] = ['a try has failed', 'one try left', 'locked'];

function triesOf(state: CeremonyState, slot: string, pin: PinState): Fact {
  const label = say(state, 'slot.number', { slot });
  return { kind: 'check', label, verdict: 'warning', detail: triesText(state, pin) };
}

function triesText(state: CeremonyState, pin: PinState): string {
  return say(state, 'slot.officerTries', { tries: say(state, `pinState.${pin}`) });
}

/** The slots of which `look` told that one try is left. */
function lastTries(state: CeremonyState, looked: Fact[]): string[] {
  const before = say(state, 'slot.number', { slot: '' });
  const oneLeft = triesText(state, 'one try left');
  return looked.flatMap((fact) =>
    fact.kind === 'check' && fact.detail === oneLeft ? [fact.label.slice(before.length)] : [],
  );
}

function lastTryId(slot: string): string {
  return `last-try-${slot}`;
}

function slotText({ answers }: CeremonyState): string {
  const answer = answers['slot'];
  return answer && 'text' in answer ? answer.text.trim() : '';
}

function answeredSlot(state: CeremonyState): string {
  const slot = slotText(state);
  if (!/^\d{1,20}$/.test(slot)) throw new Refusal('INPUT_INVALID', because('answer.slot'));
  return slot;
}

function onlyFreeSlot(state: CeremonyState): string | null {
  const slots = resultsOf(state, 'inspect-slots').flatMap((result) => inspectedSlotsResult.parse(result).slots);
  const [free, another] = slots.filter((slot) => !slot.inUse);
  return free && !another ? free.slot : null;
}

function envelopesOf({ answers }: CeremonyState, pins: string[]): BornToken['envelopes'] {
  const answer = answers['custody'];
  if (!answer || !('rows' in answer)) throw new Error('custody was not answered');
  return answer.rows.flatMap(({ custodian, bags }, index) =>
    bags.map(({ place, bag, seal }) => ({
      ...{ pin: pins[index] ?? '', sealedBy: custodian ?? '', place, envelope: bag, seal },
    })),
  );
}
