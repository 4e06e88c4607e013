import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { Refusal } from '../../contract/errors.ts';
import type { ProbedSlot } from '../../contract/token.ts';
import type { TokenLocation } from '../../hsm/process/protocol.ts';
import { type Action, nothingToUndo } from '../action.ts';
import { type InspectedSlots, inspectedSlotsResult } from '../results.ts';

/** What is in the slots before a token is initialised, without a login: labels, serials, firmware, what is seen. */
export const inspectSlots: Action<Record<string, never>, null, InspectedSlots> = {
  name: 'inspect-slots',
  parameters: z.strictObject({}).describe('Looks at the slots without a login: labels, serial numbers, firmware.'),
  result: inspectedSlotsResult,
  needs: ['blank'],
  prepare: () => Promise.resolve(null),
  perform: async ({ token, tokenLocation }) => {
    const { module, parameters } = moduleOf(tokenLocation());
    const { library, slots } = await token('blank').call('probe', { module, parameters });
    const facts: Fact[] = [
      { kind: 'row', label: 'Library', value: `${library.manufacturer}, ${library.description} ${library.version}` },
      ...slots.map(factOf),
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

function factOf({ slot, token, visible }: ProbedSlot): Fact {
  const label = `Slot ${slot}`;
  if (!token) return { kind: 'row', label, value: 'no token' };
  const state = inUse(token.flags) ? `in use as ${token.label}` : 'not in use';
  const seen = visible.length === 0 ? 'nothing seen without a login' : visible.join(', ');
  const serial = token.serial === '' ? 'no serial number yet' : `serial ${token.serial}`;
  return { kind: 'row', label, value: `${state}; ${serial}; firmware ${token.firmware}; ${seen}` };
}
