/**
 * Commands whose secret is shown once, in the private entry, and goes up to it: the URI of somebody's one-time codes. Of every other command what is answered under a ticket stays in core
 * and is wiped there.
 */
export const SHOWN_COMMANDS = ['vault.initialise', 'vault.setTotp'] as const;
export type ShownCommand = (typeof SHOWN_COMMANDS)[number];

/** What the shell asks core for: one of these commands, with its secret up the channel. It is no command itself. */
export const SHOWN = 'shown';

export function isShown(command: string): command is ShownCommand {
  return (SHOWN_COMMANDS as readonly string[]).includes(command);
}
