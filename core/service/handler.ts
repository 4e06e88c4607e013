import type { CommandInput, CommandName, CommandOutput } from '../contract/commands.ts';
import type { SecretBox } from '../process/secret-channel.ts';
import type { Changes } from './changes.ts';
import type { Peer } from './peer.ts';

/** What the handlers of a process share. */
export type Parts = {
  data: string;
  box: SecretBox;
  changes: Changes;
  clock: () => Date;
  random: (length: number) => Uint8Array;
};

export type Handlers = { [C in CommandName]: (input: CommandInput<C>, peer: Peer) => Promise<CommandOutput<C>> };

/** What the first view asks. */
export type FirstCommand = 'app.info' | 'app.changes' | 'settings.read' | 'settings.write';
export type LaterHandlers = Omit<Handlers, FirstCommand>;
