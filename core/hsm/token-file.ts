import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { Mode } from '../contract/ceremony.ts';
import { Refusal } from '../contract/errors.ts';
import { parseYaml } from '../store/yaml.ts';
import { type PinSource, checkPinFile } from './pin-source.ts';
import type { TokenLocation } from './process/protocol.ts';

export { type PinSource, readPinSource } from './pin-source.ts';

/** A token, and where its PINs come from. */
export type TokenPlace = { location: TokenLocation; pin: PinSource; securityOfficerPin: PinSource | null };

/** What a TOKEN.yaml says, with absolute paths. `rehearsal` is the second token, where recovery is rehearsed. */
export type TokenFile = TokenPlace & { mode: Mode; rehearsal: TokenPlace | null };

// The message names the possible sources and never the value: it may be a PIN that somebody wrote there.
const SOURCES = 'may be prompt, pad, {parts: number}, {file: path} or {fd: number}; a PIN never stands in this file';
const source = z.union(
  [
    z.enum(['prompt', 'pad']),
    z.strictObject({ parts: z.int().min(2).max(4) }),
    z.strictObject({ file: z.string().min(1) }),
    // 0 to 2 are the terminal.
    z.strictObject({ fd: z.int().min(3).max(1023) }),
  ],
  { error: SOURCES },
);

const place = z.strictObject({
  module: z.string().min(1).optional(),
  // What a module wants to be told at C_Initialize; NSS names its database so.
  parameters: z.string().min(1).max(1024).optional(),
  software: z.string().min(1).optional(),
  token: z.string().min(1).max(32),
  pin: source,
  securityOfficerPin: source.optional(),
});
type Place = z.infer<typeof place>;

const oneOf = (value: { module?: string | undefined; software?: string | undefined }) =>
  (value.module === undefined) !== (value.software === undefined);

const schema = place
  .extend({
    mode: z.enum(['training', 'live']).default('training'),
    rehearsal: place
      .refine((value) => value.module === undefined || value.software === undefined, 'names both module and software')
      .refine(
        (value) => value.parameters === undefined || value.module !== undefined,
        'names parameters without a module',
      )
      .optional(),
  })
  .refine(oneOf, 'names either module or software')
  .refine((value) => value.parameters === undefined || value.module !== undefined, 'names parameters without a module')
  .refine((value) => value.rehearsal === undefined || isElsewhere(value, value.rehearsal), {
    path: ['rehearsal'],
    error: 'must be another token than the first',
  })
  .refine((value) => areDistinct(sourcesOf(value)), 'names one file descriptor twice');

/**
 * Reads a TOKEN.yaml. Relative paths count from the file's folder.
 * FILE_MISSING, FILE_UNREADABLE, TOKEN_FILE_INVALID, PIN_SOURCE (a PIN file that others may read).
 */
export function readTokenFile(path: string): TokenFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Refusal(missing ? 'FILE_MISSING' : 'FILE_UNREADABLE', { path });
  }
  // What parseYaml complains of never quotes a value: it may be a PIN that somebody wrote there.
  const file = parseYaml(text, schema, (detail) => new Refusal('TOKEN_FILE_INVALID', { path, detail }));

  const folder = dirname(resolve(path));
  const main = placeOf(file, folder);
  const rehearsal = file.rehearsal ? placeOf(inherit(file.rehearsal, file), folder) : null;
  for (const { pin, securityOfficerPin } of rehearsal ? [main, rehearsal] : [main]) {
    checkPinFile(pin, 'PIN');
    if (securityOfficerPin) checkPinFile(securityOfficerPin, 'officer');
  }
  return { mode: file.mode, ...main, rehearsal };
}

/** A rehearsal token that names no module is behind the same one. */
function inherit(rehearsal: Place, main: Place): Place {
  if (rehearsal.module !== undefined || rehearsal.software !== undefined) return rehearsal;
  return { ...rehearsal, module: main.module, parameters: main.parameters, software: main.software };
}

function isElsewhere(main: Place, rehearsal: Place): boolean {
  const { module, parameters, software, token } = inherit(rehearsal, main);
  if (software !== undefined) return main.software === undefined || resolve(software) !== resolve(main.software);
  return module !== main.module || parameters !== main.parameters || token !== main.token;
}

function placeOf({ module, parameters, software, token, pin, securityOfficerPin }: Place, folder: string): TokenPlace {
  const absolute = (value: PinSource): PinSource =>
    typeof value === 'object' && 'file' in value ? { file: resolve(folder, value.file) } : value;
  return {
    location:
      software === undefined
        ? {
            kind: 'pkcs11',
            module: resolve(folder, module ?? ''),
            ...(parameters === undefined ? {} : { parameters }),
            token,
          }
        : { kind: 'software', folder: resolve(folder, software), token },
    pin: absolute(pin),
    securityOfficerPin: securityOfficerPin === undefined ? null : absolute(securityOfficerPin),
  };
}

function sourcesOf({ rehearsal, ...main }: Place & { rehearsal?: Place | undefined }): (PinSource | undefined)[] {
  return [main.pin, main.securityOfficerPin, rehearsal?.pin, rehearsal?.securityOfficerPin];
}

function areDistinct(sources: (PinSource | undefined)[]): boolean {
  const descriptors = sources.flatMap((value) => (typeof value === 'object' && 'fd' in value ? [value.fd] : []));
  return new Set(descriptors).size === descriptors.length;
}
