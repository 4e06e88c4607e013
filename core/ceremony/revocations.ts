import { z } from 'zod';
import { because } from '../contract/because.ts';
import { type ErrorParams, Refusal } from '../contract/errors.ts';
import { parseYaml } from '../store/yaml.ts';
import { REVOCATION_REASONS, type Revocation, type RevocationReason } from './results.ts';

/** A revocation as people bring it; without a time it is of now. */
export type NewRevocation = Omit<Revocation, 'at'> & { at?: string };

const serial = z
  .string('a serial number is text: put it in quotes')
  .transform(serialOf)
  .refine(
    (text) => /^[1-9a-f][0-9a-f]{0,39}$/.test(text),
    'a serial number is a positive hex number of at most 20 bytes',
  );

/** docs/revocation.md */
const file = z.strictObject({
  claviger: z.literal(1),
  revocations: z
    .array(z.strictObject({ serial, reason: z.enum(REVOCATION_REASONS), at: z.iso.datetime().optional() }))
    .max(10_000),
});

/** A serial number in one form: lower-case hex without prefix, colons or leading zeroes. */
export function serialOf(text: string): string {
  return text.trim().toLowerCase().replace(/^0x/, '').replaceAll(':', '').replace(/^0+/, '');
}

/** "4b2f keyCompromise; 91c0 superseded". REVOCATION_INVALID. */
export function revocationsInText(text: string): NewRevocation[] {
  return text
    .split(';')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [written = '', reason = '', ...more] = line.split(/\s+/);
      const parsed = serial.safeParse(written);
      if (!parsed.success || more.length > 0) throw invalid(because('revocation.line', { line }));
      if (!isReason(reason))
        throw invalid(because('revocation.reason', { reason: reason || '-', reasons: REVOCATION_REASONS.join(', ') }));
      return { serial: parsed.data, reason };
    });
}

/** REVOCATION_INVALID names line and column. */
export function revocationsInFile(bytes: Uint8Array, path: string): NewRevocation[] {
  const { revocations } = parseYaml(new TextDecoder().decode(bytes), file, (detail) =>
    invalid({ detail: `${path}, ${detail}` }),
  );
  return revocations.map(({ at, ...entry }) => (at === undefined ? entry : { ...entry, at }));
}

function isReason(text: string): text is RevocationReason {
  return (REVOCATION_REASONS as readonly string[]).includes(text);
}

function invalid(why: ErrorParams): Refusal {
  return new Refusal('REVOCATION_INVALID', why);
}
