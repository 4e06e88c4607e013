import { type MessageId, say } from '../messages/say.ts';

/** What a kind of ledger row says, in the words of the field. Each kind that core has a schema for has a message. */
export function kindName(kind: string): string {
  return say(`kind.${kind}` as Extract<MessageId, `kind.${string}`>);
}
