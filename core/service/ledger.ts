import { resolve } from 'node:path';
import canonicalize from 'canonicalize';
import { EVENTS } from '../ceremony/event.ts';
import type { CommandInput, CommandName, CommandOutput } from '../contract/commands.ts';
import { Refusal } from '../contract/errors.ts';
import { checkpointWords, parseCheckpoint, readPaperCheckpoint } from '../ledger/checkpoint.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { leafOf } from '../ledger/row.ts';
import { verifyLedger } from '../ledger/verify.ts';

type LedgerCommand = Extract<CommandName, `ledger.${string}`>;
type LedgerHandlers = { [C in LedgerCommand]: (input: CommandInput<C>) => Promise<CommandOutput<C>> };

/** The handlers of the ledger's commands. Verifying opens no store of this process: it is for whatever path it is given. */
export function ledgerHandlers(opened: () => Promise<Ledger>): LedgerHandlers {
  return {
    'ledger.verify': ({ path, checkpoint }) =>
      verifyLedger(resolve(path), {
        kinds: EVENTS,
        paper: checkpoint === undefined ? null : readPaperCheckpoint(checkpoint),
      }),
    'ledger.list': async ({ kind, ceremony, since, limit }) => {
      const filter = {
        ...(kind === undefined ? {} : { kind }),
        ...(ceremony === undefined ? {} : { ceremony }),
        ...(since === undefined ? {} : { since: timeOf(since) }),
      };
      return { rows: await (await opened()).read({ ...filter, limit }) };
    },
    'ledger.export': async ({ from = 1, to: wanted, out }) => {
      const ledger = await opened();
      const to = wanted ?? (await ledger.signed()).size;
      const path = resolve(out);
      return { path, from, to, sha256: await ledger.export({ from, to }, path) };
    },
    'ledger.prove': async ({ seq }) => {
      const ledger = await opened();
      const [row] = await ledger.read({ from: seq, to: seq });
      if (!row) throw new Refusal('LEDGER_ROW_UNKNOWN', { seq, size: (await ledger.head()).size });
      const { size, checkpoint, keys } = await ledger.signed(seq);
      const path = await ledger.proveInclusion(seq, size);
      return {
        ...{ row, leaf: leafOf({ ...row, body: canonicalize(row.body) ?? '' }), index: seq - 1, size },
        ...{ path: path.map((hash) => Buffer.from(hash).toString('base64')), checkpoint, keys },
      };
    },
    'ledger.witness': async () => {
      const { row, checkpoint } = await (await opened()).signed();
      const parsed = parseCheckpoint(checkpoint.body);
      if (!parsed) throw new Error('a signed checkpoint does not parse');
      const { origin, size, text } = parsed;
      return { origin, size, text, words: checkpointWords(parsed), at: row.at };
    },
    'ledger.seal': async ({ before }) => {
      const ledger = await opened();
      const { size } = await ledger.signed();
      const [last] = await ledger.read({ before: timeOf(before), to: size, limit: 1 });
      return { segment: last ? await ledger.seal(last.seq) : null };
    },
  };
}

/** A date is its midnight, UTC; rows have milliseconds. */
function timeOf(text: string): string {
  return new Date(text).toISOString();
}
