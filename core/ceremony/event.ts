import { z } from 'zod';
import { answerSchema } from '../contract/commands.ts';
import type { ErrorCode } from '../contract/errors.ts';
import { LOCALES } from '../contract/messages/locale.ts';
import { ROLES } from '../contract/roles.ts';

/** Why a sheet was printed again, who asked for it, and who saw what there was of the copy before destroyed. */
const again = z.strictObject({ reason: z.string(), person: z.string(), seenBy: z.string() });
export type Again = z.infer<typeof again>;

/**
 * What became of a print. `ended`: its job did, and people look at the paper. `uncertain`: it was taken back, and some of it may have
 * come out. `not-sent`: CUPS did not take it.
 */
const PRINT_OUTCOMES = ['ended', 'uncertain', 'not-sent'] as const;
export type PrintOutcome = (typeof PRINT_OUTCOMES)[number];

/**
 * What happens in a ceremony, each a ledger row of this kind with this body. Nothing secret is in any of them:
 * that a passphrase was given is not even an event, for it lives only in a token process and dies with it.
 */

const fact = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('row'), label: z.string(), value: z.string(), mono: z.boolean().optional() }),
  z.strictObject({
    kind: z.literal('check'),
    label: z.string(),
    verdict: z.enum(['go', 'warning', 'no-go']),
    detail: z.string(),
  }),
  z.strictObject({ kind: z.literal('words'), label: z.string(), words: z.array(z.string()), hex: z.string() }),
  z.strictObject({ kind: z.literal('file'), path: z.string(), sha256: z.string() }),
]);

const step = z.string();
const role = z.enum(ROLES);
const person = z.string();
const refusal = z.strictObject({
  code: z.custom<ErrorCode>((code) => typeof code === 'string'),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
  recovery: z.enum(['correct', 'retry', 'abort']),
});

export const EVENTS = {
  'ceremony.begun': z.strictObject({
    script: z.string(),
    scriptSha256: z.string(),
    mode: z.enum(['training', 'live']),
    out: z.string(),
    /** The folder on a second medium, if there is one. */
    copy: z.string().nullable(),
    /**
     * The checkpoint from the paper of the ceremony before, and the proof that the rows before this one begin with those that it
     * covers (RFC 6962 2.1.2; base64); why nobody had it; null where there was none.
     */
    previous: z
      .union([
        z.strictObject({
          size: z.int(),
          root: z.base64(),
          treeSize: z.int(),
          treeRoot: z.base64(),
          proof: z.array(z.base64()),
        }),
        z.strictObject({ lost: z.string() }),
      ])
      .nullable(),
    /** When the row before this one was written, whatever it belongs to: a clock that has gone back is seen. */
    after: z.string().nullable(),
    /** Path of the token file and its SHA-256; null for the software token that training makes for itself. */
    tokenFile: z.strictObject({ path: z.string(), sha256: z.string() }).nullable(),
    /** The token in a few words, for people. */
    token: z.string(),
    /** The ceremony that began the training token, if it was an earlier one. */
    trainingToken: z.string().optional(),
    /** In which everything of this ceremony is said, from its first step to its transcript; English where a row says nothing of it. */
    language: z.enum(LOCALES).optional(),
  }),
  'step.answered': z.strictObject({ step, ask: z.string(), answer: answerSchema }),
  /** `shown`: SHA-256 of what was confirmed (core/ceremony/shown.ts). */
  'step.confirmed': z.strictObject({ step, role, person, shown: z.string() }),
  /** Before an effect: what it will do, with every value that was chosen for it. */
  'step.intent': z.strictObject({ step, action: z.string(), prepared: z.unknown() }),
  /** After an effect. */
  'step.result': z.strictObject({
    step,
    result: z.unknown(),
    facts: z.array(fact),
    acted: z.strictObject({ role, name: z.string().nullable() }),
    confirmed: z.array(z.strictObject({ role, name: z.string().nullable() })),
  }),
  /** Something that was confirmed has changed: a secret typed again, a share shown again. It is confirmed again. */
  'step.reopened': z.strictObject({ step }),
  /** Refused before there was an effect: a wrong PIN, a label that is taken. */
  'step.refused': z.strictObject({ step, error: refusal }),
  /** The effect was refused and left nothing behind. */
  'step.failed': z.strictObject({ step, error: refusal }),
  /** After an interruption: the effect had not happened, or its traces were removed. (If it had, a result row follows.) */
  'step.undone': z.strictObject({ step, detail: z.string() }),
  'step.adopted': z.strictObject({ step, detail: z.string() }),
  /**
   * Before a sheet goes to a printer, within the intent of its step or in a step that reads sheets back. `copy`: from 1, by sheet;
   * every one after the first says why.
   */
  'print.intent': z.strictObject({
    step,
    sheet: z.string(),
    copy: z.int().min(1),
    printer: z.string(),
    again: again.nullable(),
  }),
  /** CUPS has taken it, under this name. */
  'print.job': z.strictObject({ step, job: z.string() }),
  /** The printer was purged. `others`: jobs of others that still waited and went with it; `ended`: how many that had ended. */
  'print.result': z.strictObject({
    step,
    outcome: z.enum(PRINT_OUTCOMES),
    detail: z.string(),
    others: z.array(z.string()),
    ended: z.int().min(0),
  }),
  'ceremony.deviation': z.strictObject({ step: z.int(), person, text: z.string() }),
  'ceremony.paused': z.strictObject({ person, reason: z.string() }),
  'ceremony.continued': z.strictObject({ person }),
  /** `unreconciled`: the step whose effect was under way; what became of it was not read back. */
  'ceremony.aborted': z.strictObject({ person, reason: z.string(), unreconciled: z.string().nullable() }),
  'ceremony.completed': z.strictObject({}),
} as const;

export type EventKind = keyof typeof EVENTS;
export type CeremonyEvent = { [K in EventKind]: { kind: K; body: z.infer<(typeof EVENTS)[K]> } }[EventKind];
/** An event that stands in the ledger. */
export type RecordedEvent = CeremonyEvent & { at: string };

/** Rows of other kinds stand between a ceremony's events: the ledger's own. */
export function isEvent(kind: string): boolean {
  return Object.hasOwn(EVENTS, kind);
}

/** A ledger row's event. A row that does not fit its schema is a broken invariant. */
export function eventOf(kind: string, body: unknown, at: string): RecordedEvent {
  const schema = EVENTS[kind as EventKind] as z.ZodType | undefined;
  if (!schema) throw new Error(`ledger row of unknown kind ${kind}`);
  return { kind, body: schema.parse(body), at } as RecordedEvent;
}
