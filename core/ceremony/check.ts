import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { CheckedScript } from '../contract/commands.ts';
import { type Complaint, Refusal } from '../contract/errors.ts';
import { type Script, type ScriptStep, scriptSchema, stepSchema } from '../contract/script.ts';
import { wordsOf } from '../contract/words.ts';
import { type MechanismUse, fipsComplaint, nameOf } from '../hsm/fips.ts';
import type { TokenFile } from '../hsm/token-file.ts';
import { type Fault, type ReadYaml, faultsAgainst, readYaml } from '../store/yaml.ts';
import { filesOf } from './foreseen.ts';
import { nearestName } from './nearest-name.ts';
import { isFree } from './output.ts';
import { RECOVERIES } from './recoveries.ts';
import { ACTION_NAMES, actionNamed, knowsAction } from './registry.ts';

/** The actions that make a share set. */
const SPLITTING: readonly string[] = ['make-master-key', 're-share', 'make-exercise-set'];

type Complain = (path: PropertyKey[], message: string) => void;

/**
 * A script read and checked whole, before anything touches a token: every complaint at once, each at its place in the
 * text. SCRIPT_INVALID. Of `folders`, one on each medium, one that could not take what the steps write is OUTPUT_EXISTS or
 * OUTPUT_MISSING.
 */
export function checkScript(text: string, path: string, folders: string[] = []): Script {
  const { script, complaints, placed } = inspect(text);
  if (script === null || complaints.length > 0) throw invalid(path, complaints);
  refuseTakenOutput(script, text, folders, placed);
  return script;
}

type Placed = (path: PropertyKey[], message: string) => Complaint;

function inspect(text: string): { script: Script | null; complaints: Complaint[]; placed: Placed } {
  const yaml = readYaml(text);
  const complaints: Complaint[] = [];
  const steps = stepsIn(yaml.value);
  const stepAt = (path: PropertyKey[]): string | null => {
    const id: unknown = path[0] === 'steps' && typeof path[1] === 'number' ? steps[path[1]]?.['id'] : undefined;
    return typeof id === 'string' ? id : null;
  };
  const placed: Placed = (path, message) => ({ ...yaml.placeOf(path), step: stepAt(path), message });
  const fault = ({ path, line, column, says }: Fault) => {
    const name = path.slice(stepAt(path) === null ? 0 : 2).join('.');
    complaints.push({ line, column, step: stepAt(path), message: name === '' ? says : `${name}: ${says}` });
  };
  const complain: Complain = (path, message) => complaints.push(placed(path, message));

  if (yaml.faults.length > 0) yaml.faults.forEach(fault);
  else faultsAgainst(yaml, scriptSchema, yaml.value).forEach(fault);
  const script = complaints.length === 0 ? scriptSchema.parse(yaml.value) : null;
  // A step that is whole is looked at even where another part of the script is not.
  steps.forEach((value, index) => {
    const step = stepSchema.safeParse(value);
    if (step.success) checkAction(yaml, step.data, index, complain, fault);
  });
  if (script) {
    checkRoles(script, complain);
    // An action that is not known may be any: what must come before what cannot be said.
    if (script.steps.every(({ action }) => knowsAction(action))) checkOrder(script, complain);
    checkParameters(script, complain);
    if (complaints.length === 0) checkFiles(script, text, complain);
  }
  complaints.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  return { script, complaints, placed };
}

function stepsIn(value: unknown): Record<string, unknown>[] {
  const steps = typeof value === 'object' && value !== null && 'steps' in value ? value.steps : [];
  return Array.isArray(steps)
    ? steps.map((step: unknown) => (typeof step === 'object' && step !== null ? { ...step } : {}))
    : [];
}

/** The action is there, and takes these parameters. */
function checkAction(
  yaml: ReadYaml,
  step: ScriptStep,
  index: number,
  complain: Complain,
  fault: (fault: Fault) => void,
) {
  if (!knowsAction(step.action)) {
    const nearest = nearestName(step.action, ACTION_NAMES);
    const hint = nearest === null ? `the actions are ${ACTION_NAMES.join(', ')}` : `${nearest} perhaps`;
    complain(['steps', index, 'action'], `there is no action ${step.action}: ${hint}`);
    return;
  }
  const { parameters } = actionNamed(step.action);
  faultsAgainst(yaml, parameters, step.parameters, ['steps', index, 'parameters']).forEach(fault);
}

/** Who acts and confirms: somebody, and never the same person twice (dual control). */
function checkRoles(script: Script, complain: Complain): void {
  const { participants, policy, steps } = script;
  // Somebody acts, and somebody else agrees where a warning, a clock or a last try is accepted, or words are compared.
  if (participants.operator === undefined) complain(['participants'], 'nobody is the operator');
  if (Object.keys(participants).length < 2) complain(['participants'], 'dual control: nobody has another role');
  const splits = steps.some(({ action }) => SPLITTING.includes(action));
  const { custodian, newCustodian } = participants;
  const { threshold, shareCount } = policy;
  const taking = newCustodian === undefined ? 'custodian' : 'newCustodian';
  if (splits && participants[taking] !== shareCount) {
    complain(['participants', taking], `${shareCount} shares need as many custodians`);
  }
  if (newCustodian !== undefined && !steps.some(({ action }) => action === 'print-sheets')) {
    complain(['participants', 'newCustodian'], 'no step makes a sheet to take');
  }
  const brings = !splits || taking === 'newCustodian';
  const old = foundPolicy(steps) ?? policy;
  if (brings && custodian !== undefined && (custodian < old.threshold || custodian > old.shareCount)) {
    const bounds = `at least ${old.threshold}, at most ${old.shareCount}`;
    complain(['participants', 'custodian'], `custodians bring shares of an earlier ceremony: ${bounds}`);
  }
  steps.forEach(({ id, action, acting, confirming }, index) => {
    const at = ['steps', index];
    if (RECOVERIES.includes(action) && ((splits ? participants[taking] : custodian) ?? 0) < threshold) {
      complain([...at, 'action'], `a recovery needs ${threshold} custodians`);
    }
    if (steps.findIndex((other) => other.id === id) < index) complain([...at, 'id'], `the id ${id} stands twice`);
    if (participants[acting] === undefined) complain([...at, 'acting'], `nobody holds the role ${acting}`);
    confirming.forEach((role, place) => {
      const here = [...at, 'confirming', place];
      if (participants[role] === undefined) complain(here, `nobody holds the role ${role}`);
      if ((participants[role] ?? 0) > 1) complain(here, `${role} is held by several people and cannot confirm`);
      if (role === acting) complain(here, `dual control: one role, ${role}, acts and confirms`);
      if (confirming.indexOf(role) < place) complain(here, `dual control: ${role} confirms twice`);
    });
  });
}

/** The policy of the set that find-shares looks for, where it is not the script's own. */
function foundPolicy(steps: ScriptStep[]): Script['policy'] | null {
  const wanted = steps.find(({ action }) => action === 'find-shares')?.parameters['policy'];
  const policy = scriptSchema.shape.policy.safeParse(wanted);
  return policy.success ? policy.data : null;
}

/** What must come before what: roles before they confirm or a token is used, and what each action says of itself. */
function checkOrder({ steps }: Script, complain: Complain): void {
  const taken = steps.findIndex(({ action }) => action === 'take-roles');
  if (taken < 0) complain(['steps'], 'nobody takes a role: no step does take-roles');
  steps.forEach((step, index) => {
    if (step.confirming.length > 0 && taken >= index) {
      complain(['steps', index, 'confirming'], 'it is confirmed before roles are taken');
    }
    const { after = [], once = false, needs } = actionNamed(step.action);
    if (needs.length > 0 && taken >= index) {
      complain(['steps', index, 'action'], 'it uses a token before roles are taken');
    }
    const earlier = steps.slice(0, index).map(({ action }) => action);
    for (const needed of after) {
      const any = [needed].flat();
      if (any.some((name) => earlier.includes(name))) continue;
      complain(['steps', index, 'action'], `no step before it does ${any.join(' or ')}`);
    }
    if (once && earlier.includes(step.action)) complain(['steps', index, 'action'], `${step.action} stands twice`);
  });
}

/** What an action finds wrong with its parameters in this script, and what the script's policy refuses of them. */
function checkParameters(script: Script, complain: Complain): void {
  script.steps.forEach((step, index) => {
    if (!knowsAction(step.action)) return;
    const action = actionNamed(step.action);
    const parameters = action.parameters.safeParse(step.parameters);
    if (!parameters.success) return;
    const uses = action.mechanisms?.(parameters.data) ?? [];
    for (const detail of [...(action.lint?.(parameters.data, script) ?? []), ...profileComplaints(script, uses)]) {
      complain(['steps', index, 'parameters'], detail);
    }
  });
}

/** No file is written by two steps: the second would find it there. */
function checkFiles(script: Script, text: string, complain: Complain): void {
  const files = filesOf(script, text, 'training');
  files.forEach((written, index) => {
    for (const file of written) {
      const writer = files.findIndex((others) => others.includes(file));
      const other = script.steps[writer]?.id ?? '';
      if (writer < index)
        complain(['steps', index, 'parameters'], `it writes ${file}, which step ${other} writes already`);
    }
  });
}

/**
 * A live ceremony looks at its machine before it uses a token: PREFLIGHT_MISSING. It uses no software token, for itself or for its
 * rehearsal, unless policy says so: TOKEN_NOT_LIVE.
 */
export function checkToken({ policy, steps }: Script, { mode, location, rehearsal }: TokenFile): void {
  if (mode !== 'live') return;
  const looked = steps.findIndex(({ action }) => action === 'preflight');
  const first = steps.find(
    ({ action }, index) => actionNamed(action).needs.length > 0 && (looked < 0 || index < looked),
  );
  if (first) throw new Refusal('PREFLIGHT_MISSING', { step: first.id });
  if (policy.softwareToken === 'allowed') return;
  const rehearses = steps.some(({ action }) => actionNamed(action).needs.includes('rehearsal'));
  // Where the token file names no rehearsal token, a software token is made for it and thrown away.
  const used = rehearses ? [location.kind, rehearsal?.location.kind ?? 'software'] : [location.kind];
  if (used.includes('software')) throw new Refusal('TOKEN_NOT_LIVE');
}

/** What the script's profile refuses of these, except what the script names as an exception. */
function profileComplaints({ policy }: Script, uses: MechanismUse[]): string[] {
  if (policy.profile === undefined) return [];
  return uses
    .filter((use) => !policy.exceptions?.includes(nameOf(use)))
    .map(fipsComplaint)
    .filter((complaint) => complaint !== null)
    .map((complaint) => `profile fips: ${complaint}`);
}

/** OUTPUT_EXISTS where a ceremony would find a folder in use, with each file that a step would write; OUTPUT_MISSING. */
function refuseTakenOutput(script: Script, text: string, folders: string[], placed: Placed): void {
  const missing = folders.find((folder) => !existsSync(dirname(resolve(folder))));
  if (missing !== undefined) throw new Refusal('OUTPUT_MISSING', { path: missing });
  const twice = folders.find(
    (folder, index) => folders.findIndex((other) => resolve(other) === resolve(folder)) < index,
  );
  if (twice !== undefined) throw new Refusal('OUTPUT_EXISTS', { path: twice });
  const taken = folders.filter((folder) => existsSync(folder) && !(isDirectory(folder) && isFree(folder)));
  const [first] = taken;
  if (first === undefined) return;
  const files = filesOf(script, text, 'training');
  const complaints = taken.flatMap((folder) => [
    {
      line: null,
      column: null,
      step: null,
      message: isDirectory(folder) ? `the folder ${folder} is not empty` : `${folder} is no folder`,
    },
    ...files.flatMap((written, index) =>
      written
        .filter((file) => existsSync(join(folder, file)))
        .map((file) => placed(['steps', index], `${join(folder, file)} exists already`)),
    ),
  ]);
  throw new Refusal('OUTPUT_EXISTS', { path: first }, complaints);
}

function isDirectory(path: string): boolean {
  return statSync(path).isDirectory();
}

function invalid(path: string, complaints: Complaint[]): Refusal {
  const [first, ...others] = complaints;
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  const step = first?.step ? `step ${first.step}: ` : '';
  const detail = `line ${first?.line ?? 1}, column ${first?.column ?? 1}: ${step}${first?.message ?? 'invalid'}${more}`;
  return new Refusal('SCRIPT_INVALID', { path, detail }, complaints);
}

export function scriptSha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What a person compares before the day: title, hash, words, steps. */
export function describeScript(text: string, path: string, folders?: string[]): Omit<CheckedScript, 'mode'> {
  const script = checkScript(text, path, folders);
  const sha256 = scriptSha256(text);
  return {
    title: script.title,
    purpose: script.purpose,
    language: script.language,
    sha256,
    words: wordsOf(Buffer.from(sha256, 'hex').subarray(0, 8)),
    steps: script.steps.map(({ title, section, action }, index) => ({ number: index + 1, title, section, action })),
  };
}
