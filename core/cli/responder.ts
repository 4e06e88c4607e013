import type { Ask } from '../contract/ceremony.ts';
import type { Answer } from '../contract/commands.ts';
import type { ErrorValue } from '../contract/errors.ts';

export type SecretAsk = Extract<Ask, { kind: 'secret' }>;
export type PlainAsk = Exclude<Ask, { kind: 'secret' }>;

/** Who answers a ceremony: people at a terminal, or a file. */
export type Responder = {
  /** Null leaves an optional question open. */
  answer(ask: PlainAsk): Promise<Answer | null>;
  /** The bytes of a PIN or passphrase; whoever asked wipes them. */
  secret(ask: SecretAsk): Promise<Uint8Array>;
  /** Whether a named person confirms. */
  confirm(question: string): Promise<boolean>;
  /** After a refusal: whether to try the step again. */
  again(error: ErrorValue): Promise<boolean>;
};
