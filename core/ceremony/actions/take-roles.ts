import { z } from 'zod';
import { roleName } from '../../contract/messages/role-names.ts';
import type { Role } from '../../contract/roles.ts';
import { ROLES } from '../../contract/roles.ts';
import { type Action, nothingToUndo } from '../action.ts';
import { say } from '../say.ts';

const result = z.strictObject({
  participants: z.array(z.strictObject({ role: z.enum(ROLES), name: z.string() })),
});
type Result = z.infer<typeof result>;

/** People take their roles. Who holds what is decided when the names are given (dual control). */
export const takeRoles: Action<Record<string, never>, null, Result> = {
  name: 'take-roles',
  parameters: z.strictObject({}).describe('People take their roles; nobody holds two.'),
  result,
  needs: [],
  once: true,
  asks: ({ state }) => [
    {
      id: 'people',
      kind: 'people',
      label: say(state, 'roles.names'),
      roles: (Object.entries(state.script.participants) as [Role, number][]).map(([role, count]) => ({ role, count })),
    },
  ],
  prepare: () => Promise.resolve(null),
  perform: ({ state }) =>
    Promise.resolve({
      result: { participants: state.participants },
      facts: state.participants.map(({ role, name }) => ({ kind: 'row', label: roleName(state, role), value: name })),
    }),
  reconcile: nothingToUndo,
};
