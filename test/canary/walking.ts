import { appendFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import type { Transport } from '../../core/client/transport.ts';
import { Refusal } from '../../core/contract/errors.ts';
import { explain } from '../../core/contract/explain.ts';

/** What whoever walks a vault does besides: says every answer and every refusal aloud, keeps the store as it is at several moments, and knows the secrets that are searched for. */

export type Walked<Name extends string> = {
  data: string;
  /** Where exports, backups and copies of the store at several moments go. */
  left: string;
  /** For what the vault drew itself: a JSON line each. */
  heard: string;
  /** Hex. */
  secrets: Record<Name, string>;
};

export type Call = Transport['call'];

export function walking<Name extends string>(walk: Walked<Name>) {
  const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
  const secret = (name: Name) => new Uint8Array(Buffer.from(walk.secrets[name], 'hex'));
  let moments = 0;
  return {
    say,
    secret,
    hear: (name: string, bytes: Uint8Array): void => {
      appendFileSync(walk.heard, `${JSON.stringify({ name, hex: Buffer.from(bytes).toString('hex') })}\n`);
    },
    place: (name: string) => join(walk.left, name),
    /** The store as it is now, with what stands in its log. */
    keepMoment: (): void => {
      cpSync(walk.data, join(walk.left, `moment-${++moments}`), { recursive: true });
    },
    over:
      (transport: Transport, bearer?: Uint8Array): Call =>
      async (command, input, secrets) => {
        const answer = await transport.call(command, input, bearer ? { bearer, ...secrets } : secrets);
        say({ [command]: answer.output });
        return answer;
      },
    /** What is to be refused, with all that anybody is told of it. */
    refused: async (code: string, work: () => Promise<unknown>): Promise<void> => {
      const error = await work().then(
        () => null,
        (thrown: unknown) => thrown,
      );
      if (!(error instanceof Refusal) || error.code !== code) throw new Error(`${code} was to come`, { cause: error });
      say({ refused: error.value, en: explain(error.value), de: explain(error.value, 'de') });
      say(error.stack ?? '');
      say(error.message);
    },
    same: (got: Uint8Array | null, name: Name): void => {
      if (!got || Buffer.compare(got, secret(name)) !== 0) throw new Error(`${name} is not what came back`);
    },
  };
}
