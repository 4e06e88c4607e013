import { z } from 'zod';
import type { Answer } from '../contract/commands.ts';
import { Refusal } from '../contract/errors.ts';
import { ROLES, type Role } from '../contract/roles.ts';
import { readFileOrRefuse } from '../store/files.ts';
import { parseYaml } from '../store/yaml.ts';
import type { PlainAsk, Responder } from './responder.ts';

const name = z.string().min(1);
const bag = z.strictObject({ place: name.optional(), bag: name.optional(), seal: name.optional() });

/** An answers file: every question of a ceremony, answered beforehand. */
const answersSchema = z.strictObject({
  claviger: z.literal(1),
  participants: z.partialRecord(z.enum(ROLES), z.array(name)),
  /** Of the training token. */
  pin: z.string().optional(),
  securityOfficerPin: z.string().optional(),
  /** Of a PIN that is typed in parts. */
  pinParts: z.array(z.string()).optional(),
  /** Of the sample custodians, in the order of their shares. */
  passphrases: z.array(z.string()).optional(),
  /** Of the set before, where another is made. */
  oldPassphrases: z.array(z.string()).optional(),
  /** Where the script asks for them: digits 1 to 6. */
  dice: z.string().optional(),
  /** Bags by item (share-1, backup-root-2026, manifest, envelope-1). Of a register that changes: only what changes. */
  custody: z
    .record(
      name,
      z.strictObject({
        custodian: name.optional(),
        reason: name.optional(),
        sheet: bag.optional(),
        card: bag.optional(),
        envelope: bag.optional(),
      }),
    )
    .default({}),
  /** Lines of text by the id of what asks for them; of a share, the path of its scan or photograph. */
  texts: z.record(name, name).optional(),
  /** Path of the recipient's certificate. */
  recipient: z.string().optional(),
});
export type Answers = z.infer<typeof answersSchema>;

/** No answers file is larger (bytes). */
const ANSWERS_LIMIT = 256 * 1024;

/** FILE_MISSING, ANSWERS_INVALID. */
export async function readAnswers(path: string): Promise<Answers> {
  const text = new TextDecoder().decode(await readFileOrRefuse(path, ANSWERS_LIMIT));
  return parseYaml(text, answersSchema, (detail) => new Refusal('ANSWERS_INVALID', { path, detail }));
}

/** Whether it holds what a live ceremony never takes from a file. */
export function holdsSecrets(answers: Answers): boolean {
  const { pin, securityOfficerPin, pinParts, passphrases, oldPassphrases, dice } = answers;
  return [pin, securityOfficerPin, pinParts, passphrases, oldPassphrases, dice].some((secret) => secret !== undefined);
}

/** Answers every ask from the file. ANSWER_MISSING names what it does not say. */
export function answersResponder(answers: Answers): Responder {
  const missing = (question: string) => new Refusal('ANSWER_MISSING', { question });
  const secretOf = (id: string) => {
    if (id === 'dice') return answers.dice;
    if (id.startsWith('old-passphrase-')) return answers.oldPassphrases?.[numberOf(id) - 1];
    if (id.startsWith('passphrase-')) return answers.passphrases?.[numberOf(id) - 1];
    if (/-pin-\d$/.test(id)) return answers.pinParts?.[numberOf(id) - 1];
    // A file that names one PIN means it for both.
    return id.endsWith('security-officer-pin') ? (answers.securityOfficerPin ?? answers.pin) : answers.pin;
  };
  return {
    async answer(ask: PlainAsk): Promise<Answer | null> {
      await Promise.resolve();
      switch (ask.kind) {
        case 'people':
          return {
            participants: (Object.entries(answers.participants) as [Role, string[]][]).flatMap(([role, names]) =>
              names.map((holder) => ({ role, name: holder })),
            ),
          };
        case 'text': {
          const line = answers.texts?.[ask.id];
          if (line !== undefined) return { text: line };
          if (ask.id === 'recipient' && answers.recipient !== undefined) return { text: answers.recipient };
          if (ask.optional) return null;
          if (ask.suggestion !== null) return { text: ask.suggestion };
          throw missing(ask.label);
        }
        case 'choice': {
          const value = answers.texts?.[ask.id] ?? ask.suggestion;
          if (value === null) throw missing(ask.label);
          return { text: value };
        }
        case 'accept': {
          const [person] = typeof ask.by === 'object' ? [ask.by.name] : (answers.participants[ask.by] ?? []);
          if (person === undefined) throw missing(ask.label);
          return { person };
        }
        case 'words':
          return { ticks: ask.words.map(() => [true, true]) };
        case 'custody':
          return {
            rows: ask.kept.map(({ item, what, custodian, bags }) => {
              const given = answers.custody[item];
              return {
                item,
                custodian: given?.custodian ?? custodian,
                reason: given?.reason ?? null,
                bags: bags.map(({ of, present }) => {
                  const { place, bag: number, seal } = { ...present, ...given?.[of] };
                  if (!place || !number || !seal) throw missing(`${what}, ${of}: place, bag and seal`);
                  return { of, place, bag: number, seal };
                }),
              };
            }),
          };
        case 'share': {
          const picture = answers.texts?.[ask.id];
          return picture === undefined ? { scanSheet: numberOf(ask.id) } : { scanFile: picture };
        }
      }
    },
    async secret(ask) {
      await Promise.resolve();
      const secret = secretOf(ask.id);
      if (secret === undefined) throw missing(ask.label);
      return new TextEncoder().encode(secret);
    },
    confirm: () => Promise.resolve(true),
    again: () => Promise.resolve(false),
  };
}

/** The custodian's number at the end of an ask's id. */
function numberOf(id: string): number {
  return Number(id.split('-').at(-1));
}
