import { homedir } from 'node:os';
import { join } from 'node:path';

// Each from a folder of core, or from core/dist.

/** Ceremonies that Claviger ships. */
export const SHIPPED_CEREMONIES = join(import.meta.dirname, '../../resources/ceremonies');

/** The built window. */
export const WINDOW_FILES = join(import.meta.dirname, '../../renderer/dist');

/** The command line. */
export const COMMAND_LINE = join(import.meta.dirname, '../../core/cli/claviger.js');

/** The store's folder where none is named: CLAVIGER_DATA, else the XDG data folder (XDG Base Directory Specification). */
export function defaultDataFolder(): string {
  const named = process.env['CLAVIGER_DATA'];
  if (named !== undefined && named !== '') return named;
  const base = process.env['XDG_DATA_HOME'];
  return join(base?.startsWith('/') ? base : join(homedir(), '.local/share'), 'claviger');
}

/** An output folder to suggest: new each minute, in the home folder. */
export function suggestedOutput(now: Date): string {
  const stamp = now.toISOString().slice(0, 16).replace('T', '-').replace(':', '');
  return join(homedir(), `claviger-training-${stamp}`);
}

/** Where the paper script of a shipped ceremony would go, in the home folder. */
export function suggestedPaper(name: string): string {
  return join(homedir(), `${name}-script.pdf`);
}
