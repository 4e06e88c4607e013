import type { CommandInput, CommandOutput } from '../contract/commands.ts';
import { incidentSchema } from '../contract/incident.ts';
import type { Ledger } from '../ledger/ledger.ts';

type IncidentHandlers = {
  [C in 'incident.record' | 'incident.list']: (input: CommandInput<C>) => Promise<CommandOutput<C>>;
};

/** Lessons learned, where nobody can change them later. They need no vault that opens. */
export function incidentHandlers(opened: () => Promise<Ledger>): IncidentHandlers {
  return {
    'incident.record': async (incident) => {
      const ledger = await opened();
      const [row] = await ledger.append([{ kind: 'incident.record', ceremony: null, body: incident }]);
      return { seq: row?.seq ?? 0 };
    },
    'incident.list': async () => {
      const rows = await (await opened()).read({ kind: 'incident.record' });
      return { incidents: rows.map(({ seq, at, body }) => ({ seq, at, ...incidentSchema.parse(body) })) };
    },
  };
}
