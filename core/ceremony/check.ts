import { createHash } from 'node:crypto';
import type { CheckedScript } from '../contract/commands.ts';
import { Refusal } from '../contract/errors.ts';
import type { Script } from '../contract/script.ts';
import { wordsOf } from '../contract/words.ts';
import { type MechanismUse, fipsComplaint, nameOf } from '../hsm/fips.ts';
import type { TokenFile } from '../hsm/token-file.ts';
import { actionNamed, knowsAction } from './registry.ts';
import { parseScript } from './script.ts';

/** A script read and checked whole, before anything touches a token. SCRIPT_INVALID names the step. */
export function checkScript(text: string, path: string): Script {
  const script = parseScript(text, path);
  const complaints: string[] = [];
  const seen = new Set<string>();
  let rolesTaken = false;
  script.steps.forEach((step, index) => {
    const complain = (detail: string) => complaints.push(`step ${index + 1} (${step.id}): ${detail}`);
    if (seen.has(step.id)) complain('its id stands twice');
    seen.add(step.id);
    for (const role of [step.acting, ...step.confirming]) {
      if (script.participants[role] === undefined) complain(`nobody holds the role ${role}`);
    }
    if (step.confirming.includes(step.acting)) complain('one role acts and confirms');
    if (step.confirming.length > 0 && !rolesTaken) complain('it is confirmed before roles are taken');
    for (const role of step.confirming) {
      if ((script.participants[role] ?? 0) > 1) complain(`${role} is held by several people and cannot confirm`);
    }
    if (step.action === 'take-roles') rolesTaken = true;
    if (!knowsAction(step.action)) {
      complain(`there is no action ${step.action}`);
      return;
    }
    const action = actionNamed(step.action);
    const parameters = action.parameters.safeParse(step.parameters);
    if (!parameters.success) {
      const issue = parameters.error.issues[0];
      complain(`parameters${issue?.path.length ? `.${issue.path.join('.')}` : ''}: ${issue?.message ?? 'invalid'}`);
      return;
    }
    const before = script.steps.slice(0, index).map((earlier) => earlier.action);
    for (const needed of action.after ?? []) {
      const any = [needed].flat();
      if (!any.some((name) => before.includes(name))) complain(`no step before it does ${any.join(' or ')}`);
    }
    if (action.once && before.includes(step.action)) complain(`${step.action} stands twice`);
    for (const detail of action.lint?.(parameters.data, script) ?? []) complain(detail);
    for (const detail of profileComplaints(script, action.mechanisms?.(parameters.data) ?? [])) complain(detail);
  });
  const splits = script.steps.some(({ action }) => action === 'make-master-key');
  const { custodian } = script.participants;
  const { threshold, shareCount } = script.policy;
  if (splits && custodian !== shareCount) complaints.push(`${shareCount} shares need as many custodians`);
  if (!splits && custodian !== undefined && (custodian < threshold || custodian > shareCount)) {
    complaints.push(`custodians bring shares of an earlier ceremony: at least ${threshold}, at most ${shareCount}`);
  }
  const first = complaints[0];
  if (first !== undefined) {
    const more = complaints.length > 1 ? ` (and ${complaints.length - 1} more)` : '';
    throw new Refusal('SCRIPT_INVALID', { path, detail: first + more });
  }
  return script;
}

/** A live ceremony uses no software token, for itself or for its rehearsal, unless policy says so: TOKEN_NOT_LIVE. */
export function checkToken({ policy, steps }: Script, { mode, location, rehearsal }: TokenFile): void {
  if (mode !== 'live' || policy.softwareToken === 'allowed') return;
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

export function scriptSha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What a person compares before the day: title, hash, words, steps. */
export function describeScript(text: string, path: string): Omit<CheckedScript, 'mode'> {
  const script = checkScript(text, path);
  const sha256 = scriptSha256(text);
  return {
    title: script.title,
    purpose: script.purpose,
    sha256,
    words: wordsOf(Buffer.from(sha256, 'hex').subarray(0, 8)),
    steps: script.steps.map(({ title, section, action }, index) => ({ number: index + 1, title, section, action })),
  };
}
