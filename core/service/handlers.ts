import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS, type CommandName } from '../contract/commands.ts';
import { Refusal } from '../contract/errors.ts';
import type { Settings } from '../contract/settings.ts';
import { readSettings, writeSettings } from '../store/settings.ts';
import type { FirstCommand, Handlers, LaterHandlers, Parts } from './handler.ts';
import { OpenedStore, summaryOf } from './opened-store.ts';
import { suggestedOutput } from './paths.ts';
import type { Peer } from './peer.ts';
import { shippedScripts } from './shipped.ts';

/**
 * Every command's handler, over one store. The schema of each input has been checked before. What the first view asks is answered
 * from here; all others, and the two thirds of core that they need, are read when one of them is first called.
 */
export function handlersOf(parts: Parts): { handlers: Handlers; close: () => Promise<void> } {
  const { data, changes, clock } = parts;
  const store = new OpenedStore(parts);
  const first: Pick<Handlers, FirstCommand> = {
    'app.info': async () => {
      const ceremonies = await store.ceremonies();
      return {
        version: packageVersion(),
        data,
        organisation: ceremonies.at(-1)?.script.organisation ?? '',
        suggestedOut: suggestedOutput(clock()),
        scripts: await shippedScripts(),
        ceremonies: ceremonies.map(summaryOf).reverse(),
        checkpoint: await store.latestCheckpoint(),
      };
    },
    'app.changes': async ({ after }) => ({ version: await changes.since(after) }),
    'settings.read': () => readSettings(data),
    'settings.write': (changed) => writeSettings(data, changed as Partial<Settings>),
  };

  let read: Promise<{ handlers: LaterHandlers; close: () => Promise<void> }> | undefined;
  const later = () =>
    (read ??= import('./later-handlers.ts').then(({ laterHandlersOf }) => laterHandlersOf(parts, store)));
  const names = (Object.keys(COMMANDS) as CommandName[]).filter((name) => !(name in first)) as (keyof LaterHandlers)[];
  const rest = names.map((name) => [
    name,
    async (input: unknown, peer: Peer) => run((await later()).handlers[name], input, peer),
  ]);
  const close = async () => {
    await (await read)?.close();
    await store.close();
  };
  return { handlers: { ...(Object.fromEntries(rest) as LaterHandlers), ...first }, close };
}

/** Runs a command by name with an unchecked input. COMMAND_UNKNOWN, INPUT_INVALID. */
export async function handle(handlers: Handlers, command: string, input: unknown, peer: Peer): Promise<unknown> {
  if (!Object.hasOwn(COMMANDS, command)) throw new Refusal('COMMAND_UNKNOWN', { command });
  const name = command as CommandName;
  const parsed = COMMANDS[name].input.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const place = issue?.path.length ? `${issue.path.join('.')}: ` : '';
    throw new Refusal('INPUT_INVALID', { detail: `${place}${issue?.message ?? 'invalid'}` });
  }
  return run(handlers[name], parsed.data, peer);
}

/** The table pairs each name with its own input; a union of functions cannot say so. */
function run(handler: Handlers[CommandName], input: unknown, peer: Peer): Promise<unknown> {
  return (handler as (input: unknown, peer: Peer) => Promise<unknown>)(input, peer);
}

function packageVersion(): string {
  const file = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string };
  return file.version;
}
