import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { Refusal } from '../../contract/errors.ts';
import type { ProbedSlot } from '../../contract/token.ts';
import type { TokenLocation } from '../../hsm/process/protocol.ts';
import { type Action, nothingToUndo } from '../action.ts';
import { type InspectedSlots, inspectedSlotsResult } from '../results.ts';
import { say } from '../say.ts';
import type { CeremonyState } from '../state.ts';

/** What is in the slots before a token is initialised, without a login: labels, serials, firmware, what is seen. */
export const inspectSlots: Action<Record<string, never>, null, InspectedSlots> = {
  name: 'inspect-slots',
  parameters: z.strictObject({}).describe('Looks at the slots without a login: labels, serial numbers, firmware.'),
  result: inspectedSlotsResult,
  needs: ['blank'],
  prepare: () => Promise.resolve(null),
  perform: async ({ state, token, tokenLocation }) => {
    const { module, parameters } = moduleOf(tokenLocation());
    const { library, slots } = await token('blank').call('probe', { module, parameters });
    const facts: Fact[] = [
      {
        kind: 'row',
        label: say(state, 'slot.library'),
        value: `${library.manufacturer}, ${library.description} ${library.version}`,
      },
      ...slots.map((slot) => factOf(state, slot)),
    ];
    return {
      result: { slots: slots.flatMap(({ slot, token: held }) => (held ? [{ slot, inUse: inUse(held.flags) }] : [])) },
      facts,
    };
  },
  reconcile: nothingToUndo,
};

/** Whether a token has a user PIN: one without was never used. */
export function inUse(flags: string[]): boolean {
  return flags.includes('USER_PIN_INITIALIZED');
}

/** TOKEN_FILE_MISSING for the software token, which needs no initialisation. */
export function moduleOf(location: TokenLocation): { module: string; parameters: string | undefined; label: string } {
  if (location.kind !== 'pkcs11') throw new Refusal('TOKEN_FILE_MISSING');
  return { module: location.module, parameters: location.parameters, label: location.token };
}

function factOf(ceremony: CeremonyState, { slot, token, visible }: ProbedSlot): Fact {
  const label = say(ceremony, 'slot.number', { slot });
  if (!token) return { kind: 'row', label, value: say(ceremony, 'slot.noToken') };
  const { label: name, firmware } = token;
  const state = inUse(token.flags) ? say(ceremony, 'slot.inUse', { label: name }) : say(ceremony, 'slot.free');
  const seen = visible.length === 0 ? say(ceremony, 'slot.nothingSeen') : visible.join(', ');
  const serial =
    token.serial === '' ? say(ceremony, 'slot.noSerial') : say(ceremony, 'slot.serial', { serial: token.serial });
  return { kind: 'row', label, value: say(ceremony, 'slot.holds', { state, serial, firmware, seen }) };
}
