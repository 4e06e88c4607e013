import {
  ACCESS_RULES,
  type Category,
  type VaultPolicy,
  categorySchema,
  vaultPolicySchema,
} from '../../core/contract/vault.ts';
import { CACHE_CLASSES } from '../../core/contract/vault-cache-policy.ts';
import { say } from '../messages/say.ts';

/** One line of the policy that a form changes, and where it stands there. What is typed is text until it is tried. */
export type Line = { path: string[]; label: string } & (
  | { kind: 'number'; min: number; max: number; unit: string; canBeEmpty?: boolean }
  | { kind: 'pick'; options: { id: string; text: string }[] }
);
export type Typed = Record<string, string>;

export const idOf = ({ path }: Line) => path.join('.');

const MILLION = 1_000_000;
const YES_NO = ['true', 'false'] as const;

/** What of one category is changed here. How its values are protected stays as it was made. */
export function categoryLines(name: string): Line[] {
  const path = (field: keyof Category) => ['categories', name, field];
  return [
    {
      kind: 'pick',
      path: path('access'),
      label: say('vault.access'),
      options: ACCESS_RULES.map((id) => ({ id, text: say(`vault.access.${id}`) })),
    },
    {
      kind: 'number',
      path: path('rotationDays'),
      label: say('vault.rotation'),
      min: 1,
      max: 36_500,
      unit: say('change.days'),
      canBeEmpty: true,
    },
    {
      kind: 'pick',
      path: path('overdue'),
      label: say('change.overdue'),
      options: categorySchema.shape.overdue.unwrap().options.map((id) => ({ id, text: say(`change.overdue.${id}`) })),
    },
    {
      kind: 'pick',
      path: path('purpose'),
      label: say('vault.purpose'),
      options: YES_NO.map((id) => ({ id, text: say(`change.purpose.${id}`) })),
    },
    {
      kind: 'pick',
      path: path('audit'),
      label: say('vault.audit'),
      options: categorySchema.shape.audit.options.map((id) => ({ id, text: say(`vault.audit.${id}`) })),
    },
    {
      kind: 'pick',
      path: path('cache'),
      label: say('vault.cache'),
      options: CACHE_CLASSES.map((id) => ({ id, text: say(`vault.cache.${id}`) })),
    },
    {
      kind: 'number',
      path: path('keepVersions'),
      label: say('vault.kept'),
      min: 1,
      max: 1000,
      unit: say('change.versions'),
    },
  ];
}

/** The limits that are for all. */
export function limitLines(): Line[] {
  return [
    {
      kind: 'number',
      path: ['lockout', 'failures'],
      label: say('change.lockoutFailures'),
      min: 1,
      max: MILLION,
      unit: say('change.failures'),
    },
    {
      kind: 'number',
      path: ['lockout', 'minutes'],
      label: say('change.lockoutMinutes'),
      min: 1,
      max: MILLION,
      unit: say('change.minutes'),
    },
    {
      kind: 'number',
      path: ['rate', 'perSecret'],
      label: say('change.ratePerSecret'),
      min: 1,
      max: MILLION,
      unit: say('change.reads'),
    },
    {
      kind: 'number',
      path: ['rate', 'perPrincipal'],
      label: say('change.ratePerPrincipal'),
      min: 1,
      max: MILLION,
      unit: say('change.reads'),
    },
    {
      kind: 'number',
      path: ['session', 'idleMinutes'],
      label: say('change.sessionIdle'),
      min: 1,
      max: 1440,
      unit: say('change.minutes'),
    },
    {
      kind: 'number',
      path: ['session', 'hours'],
      label: say('change.sessionHours'),
      min: 1,
      max: 24,
      unit: say('change.hours'),
    },
    {
      kind: 'number',
      path: ['approvalMinutes'],
      label: say('vault.limit.approval'),
      min: 1,
      max: 1440,
      unit: say('change.minutes'),
    },
    {
      kind: 'number',
      path: ['alerts', 'failures'],
      label: say('change.alertFailures'),
      min: 1,
      max: MILLION,
      unit: say('change.failures'),
    },
    {
      kind: 'number',
      path: ['alerts', 'hourly'],
      label: say('change.alertHourly'),
      min: 1,
      max: MILLION,
      unit: say('change.reads'),
    },
    {
      kind: 'pick',
      path: ['alerts', 'newPrincipal'],
      label: say('vault.limit.newPrincipal'),
      options: YES_NO.map((id) => ({ id, text: say(`change.newPrincipal.${id}`) })),
    },
  ];
}

function at(value: unknown, [head, ...rest]: string[]): unknown {
  return head === undefined ? value : at((value as Record<string, unknown>)[head], rest);
}

function withAt(value: unknown, [head, ...rest]: string[], next: unknown): unknown {
  if (head === undefined) return next;
  const object = value as Record<string, unknown>;
  return { ...object, [head]: withAt(object[head], rest, next) };
}

/** Numbers, words, yes and no; nothing for what has no end. */
function textAt(policy: VaultPolicy, { path }: Line): string {
  const value = at(policy, path) as string | number | boolean | null;
  return value === null ? '' : String(value);
}

export const typedOf = (policy: VaultPolicy, lines: Line[]): Typed =>
  Object.fromEntries(lines.map((line) => [idOf(line), textAt(policy, line)]));

function valueOf(line: Line, text: string): unknown {
  if (line.kind === 'number') return text.trim() === '' ? null : /^\d{1,9}$/.test(text.trim()) ? Number(text) : text;
  return text === 'true' ? true : text === 'false' ? false : text;
}

/** A rule of the contract that a category breaks, in the window's words; what else is wrong with a number is its range. */
const RULES = {
  'categories.root-ca-key.access': 'change.rule.rootAccess',
  'categories.root-ca-key.rotationDays': 'change.rule.rootRotation',
  'categories.database-password.rotationDays': 'change.rule.databaseRotation',
} as const;

function faultOf(line: Line, isCustom: boolean): string {
  const id = idOf(line);
  if (isCustom && Object.hasOwn(RULES, id)) return say(RULES[id as keyof typeof RULES]);
  if (line.kind !== 'number') return say('change.rule.other');
  return say(line.canBeEmpty ? 'change.rangeOrNever' : 'change.range', { min: line.min, max: line.max });
}

/** The policy with what was typed, or why not, by line. */
export function tried(policy: VaultPolicy, lines: Line[], typed: Typed): { policy: VaultPolicy | null; faults: Typed } {
  let wanted: unknown = policy;
  for (const line of lines) wanted = withAt(wanted, line.path, valueOf(line, typed[idOf(line)] ?? ''));
  const parsed = vaultPolicySchema.safeParse(wanted);
  if (parsed.success) return { policy: parsed.data, faults: {} };
  const faults: Typed = {};
  for (const { path, code } of parsed.error.issues) {
    const line = lines.find((one) => idOf(one) === path.join('.'));
    if (line) faults[idOf(line)] ??= faultOf(line, code === 'custom');
  }
  return { policy: null, faults };
}

/** What a line says, for whoever compares. */
export function shown(line: Line, text: string): string {
  if (line.kind === 'pick') return line.options.find(({ id }) => id === text)?.text ?? text;
  return text.trim() === '' ? say('vault.never') : `${text.trim()} ${line.unit}`;
}
