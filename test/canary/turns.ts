import type { Transport } from '../../core/client/transport.ts';
import type { Call, Walked, walking } from './walking.ts';

/** What the walk of everything that turns over in a vault is given, and what its parts share. */

export type TurnsWalk = Walked<TurnsSecret> & {
  /** The folder of PostgreSQL's socket, and two roles that take turns. */
  postgres: { host: string; port: number; roles: [string, string] };
  redis: { socket: string };
  mail: { port: number; ca: string };
  /** Where programs of rotators write down what they were given (hex lines), and which of their steps fails. */
  given: string;
  fails: string;
};
export type TurnsSecret =
  | 'passphrase'
  | 'wrong passphrase'
  | 'password'
  | 'keeper password'
  | 'redis password'
  | 'mail password'
  | 'session value'
  | 'next session value'
  | 'program value'
  | 'first login'
  | 'administrator'
  | 'emergency value'
  | 'late value';

/** `ada` administers everything, `billing` is a service that may do the rest. */
export type Turns = {
  walk: TurnsWalk;
  walker: ReturnType<typeof walking<TurnsSecret>>;
  ada: Call;
  billing: Call;
  transport: Transport;
};
