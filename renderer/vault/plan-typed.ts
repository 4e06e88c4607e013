import {
  ALPHANUMERIC,
  DRAWN_COUNTS,
  PORTS,
  type RotationPlan,
  SECONDS,
  rotationPlanSchema,
} from '../../core/contract/rotation-plan.ts';
import { say } from '../messages/say.ts';

/** A plan as it is typed: text until it is tried. `category`: the plan of the category, whatever it is. */
export const ROTATORS = ['category', 'random', 'command', 'postgres'] as const;
export const DRAWN = ['letters', 'bytes'] as const;
export const TOLD = ['nobody', 'webhook', 'program'] as const;

export type TypedPlan = {
  rotator: (typeof ROTATORS)[number];
  drawn: (typeof DRAWN)[number];
  told: (typeof TOLD)[number];
  count: string;
  alphabet: string;
  program: string;
  seconds: string;
  host: string;
  port: string;
  database: string;
  ca: string;
  one: string;
  other: string;
  administrator: string;
  webhook: string;
  webhookCa: string;
  toldProgram: string;
};
export type PlanField = Exclude<keyof TypedPlan, 'rotator' | 'drawn' | 'told'>;

const EMPTY: TypedPlan = {
  ...{ rotator: 'category', drawn: 'letters', told: 'nobody' },
  ...{ count: '32', alphabet: ALPHANUMERIC, program: '', seconds: '60' },
  ...{ host: '', port: '5432', database: 'postgres', ca: '', one: '', other: '', administrator: '' },
  ...{ webhook: '', webhookCa: '', toldProgram: '' },
};

function typedTold(after: RotationPlan['after']): Partial<TypedPlan> {
  if (after === null) return {};
  if ('program' in after) return { told: 'program', toldProgram: after.program };
  return { told: 'webhook', webhook: after.webhook, webhookCa: after.ca ?? '' };
}

/** A secret's own plan, to be changed; without one, an empty form. */
export function typedOf(plan: RotationPlan | null): TypedPlan {
  if (plan === null) return EMPTY;
  const { rotator, after } = plan;
  const typed = { ...EMPTY, ...typedTold(after), rotator: rotator.name };
  if (rotator.name === 'postgres') {
    const { host, port, database, ca = '', roles, administrator, seconds } = rotator;
    const [one, other] = roles;
    return { ...typed, host, port: String(port), database, ca, one, other, administrator, seconds: String(seconds) };
  }
  const { value } = rotator;
  const drawn =
    'bytes' in value
      ? { drawn: 'bytes' as const, count: String(value.bytes) }
      : { drawn: 'letters' as const, count: String(value.length), alphabet: value.alphabet };
  if (rotator.name === 'random') return { ...typed, ...drawn };
  return { ...typed, ...drawn, program: rotator.program, seconds: String(rotator.seconds) };
}

const number = (text: string) => (/^\d{1,5}$/.test(text.trim()) ? Number(text) : text);
const given = (name: string, text: string) => (text.trim() === '' ? {} : { [name]: text.trim() });

function rotatorOf(typed: TypedPlan): unknown {
  const { rotator: name, drawn, count, alphabet } = typed;
  const value = drawn === 'bytes' ? { bytes: number(count) } : { length: number(count), alphabet };
  if (name === 'random') return { name, value };
  if (name === 'command') return { name, program: typed.program.trim(), value, seconds: number(typed.seconds) };
  return {
    ...{ name, host: typed.host.trim(), port: number(typed.port), database: typed.database.trim() },
    ...given('ca', typed.ca),
    ...{ roles: [typed.one.trim(), typed.other.trim()], administrator: typed.administrator.trim() },
    seconds: number(typed.seconds),
  };
}

function afterOf({ told, webhook, webhookCa, toldProgram }: TypedPlan): unknown {
  if (told === 'nobody') return null;
  if (told === 'program') return { program: toldProgram.trim() };
  return { webhook: webhook.trim(), ...given('ca', webhookCa) };
}

/** Which field a rule of the contract is about; its union of what is drawn and of who is told name none of their own. */
function fieldOf([part, name, place]: PropertyKey[], { drawn, count, told }: TypedPlan): PlanField {
  if (part === 'after') return told === 'program' ? 'toldProgram' : 'webhook';
  if (name === 'value') return drawn === 'letters' && isIn(count, DRAWN_COUNTS.letters) ? 'alphabet' : 'count';
  if (name === 'roles') return place === 0 ? 'one' : 'other';
  return name as PlanField;
}

const isIn = (text: string, { min, max }: { min: number; max: number }) => {
  const value = number(text);
  return typeof value === 'number' && value >= min && value <= max;
};

function faultOf(field: PlanField, { drawn }: TypedPlan): string {
  if (field === 'count') return say('change.range', DRAWN_COUNTS[drawn]);
  if (field === 'seconds') return say('change.range', SECONDS);
  if (field === 'port') return say('change.range', PORTS);
  if (field === 'program' || field === 'toldProgram') return say('plan.fault.program');
  if (field === 'one' || field === 'other') return say('plan.fault.role');
  if (field === 'webhookCa') return say('change.rule.other');
  return say(`plan.fault.${field}`);
}

/** The plan that was typed, null for the category's; or undefined, and what is wrong with what was typed, by field. What is only missing is not wrong yet. */
export function planOf(typed: TypedPlan): {
  plan: RotationPlan | null | undefined;
  faults: Partial<Record<PlanField, string>>;
} {
  if (typed.rotator === 'category') return { plan: null, faults: {} };
  const parsed = rotationPlanSchema.safeParse({ rotator: rotatorOf(typed), after: afterOf(typed) });
  if (parsed.success) return { plan: parsed.data, faults: {} };
  const faults: Partial<Record<PlanField, string>> = {};
  for (const { path } of parsed.error.issues) {
    const field = fieldOf(path, typed);
    // A CA is missed once there is a host that needs one.
    if (typed[field].trim() !== '' || field === 'ca') faults[field] ??= faultOf(field, typed);
  }
  return { plan: undefined, faults };
}
