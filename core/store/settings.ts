import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../contract/errors.ts';
import { settingsSchema } from '../contract/settings-schema.ts';
import { DEFAULT_SETTINGS, type Settings } from '../contract/settings.ts';
import { readFileOrRefuse, writeFileDurably, writeRefusal } from './files.ts';

/** Beside the database, so that a store that is damaged or busy still opens in the room's own language and type. */
const FILE = 'settings.json';
/** No settings are longer (bytes). */
const LIMIT = 16 * 1024;

/** The settings of a store; the defaults if none were saved. SETTINGS_INVALID, FILE_UNREADABLE. */
export async function readSettings(folder: string): Promise<Settings> {
  const path = join(folder, FILE);
  let bytes: Uint8Array;
  try {
    bytes = await readFileOrRefuse(path, LIMIT);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'FILE_MISSING') return DEFAULT_SETTINGS;
    throw error;
  }
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new Refusal('SETTINGS_INVALID', { path, detail: 'it is not JSON' });
  }
  const parsed = settingsSchema.partial().safeParse(json);
  if (parsed.success) return { ...DEFAULT_SETTINGS, ...settled(parsed.data) };
  const [issue] = parsed.error.issues;
  throw new Refusal('SETTINGS_INVALID', {
    path,
    detail: `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
  });
}

/** Saves what is given over what was saved; a file that cannot be read gives way. OUTPUT_FULL, OUTPUT_UNWRITABLE. */
export async function writeSettings(folder: string, changed: Partial<Settings>): Promise<Settings> {
  const before = await readSettings(folder).catch(() => DEFAULT_SETTINGS);
  const settings = { ...before, ...settled(changed) };
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw writeRefusal(error, folder);
  }
  const bytes = new TextEncoder().encode(`${JSON.stringify(settings, null, 2)}\n`);
  await writeFileDurably(join(folder, FILE), bytes, { mode: 0o600, overwrite: true });
  return settings;
}

/** Without members that are there and undefined: they would hide what was before. */
function settled(changed: { [K in keyof Settings]?: Settings[K] | undefined }): Partial<Settings> {
  return Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined));
}
