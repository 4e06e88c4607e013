import { z } from 'zod';
import { LOCALES } from './messages/locale.ts';
import { PAPERS, SIZES, type Settings, THEMES } from './settings.ts';

/** Apart from what the window needs of settings: it checks nothing, and has no use for zod. */
export const settingsSchema = z.strictObject({
  locale: z.enum(LOCALES),
  theme: z.enum(THEMES),
  size: z.enum(SIZES),
  paper: z.enum(PAPERS),
  printer: z.string().min(1).max(127).nullable(),
  camera: z.string().min(1).max(200).nullable(),
}) satisfies z.ZodType<Settings>;
