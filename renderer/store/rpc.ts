import type { CommandInput, CommandName, CommandOutput } from '../../core/contract/commands.ts';
import type { ErrorValue, Outcome } from '../../core/contract/errors.ts';

/** What a call answers when nobody is there to answer it. */
export const CORE_GONE: ErrorValue = { code: 'CORE_GONE', params: {}, recovery: 'retry' };

async function post<T>(path: string, body: unknown): Promise<Outcome<T>> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.headers.get('content-type')?.startsWith('application/json')) return { ok: false, error: CORE_GONE };
    return (await response.json()) as Outcome<T>;
  } catch {
    return { ok: false, error: CORE_GONE };
  }
}

/** One command to core, through the shell. A core that does not answer is an error value like any other: CORE_GONE. */
export function call<C extends CommandName>(command: C, input: CommandInput<C>): Promise<Outcome<CommandOutput<C>>> {
  return post('/rpc', { command, input });
}

/** Answers when anything has changed since `after`, or after a while with the same number. */
export function changesAfter(after: number): Promise<Outcome<{ version: number }>> {
  return post('/events', { after });
}
