import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { Refusal } from '../../contract/errors.ts';
import type { Action, ActionAsk, EffectContext, Unasked } from '../action.ts';
import { type BackupFate, declaredCopies, removeBackup } from '../backup-fate.ts';
import { backupsOf, ceremoniesOfMode, remaindersOf } from '../past.ts';
import type { CeremonyState } from '../state.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    keys: z
      .array(z.string().min(1).max(64))
      .min(1)
      .max(16)
      .describe('Labels in the token: CA keys, service keys or the master key.'),
  })
  .describe('Destroys keys for good, reads their absence back, and lists the backups and the paper that are left.');
type Parameters = z.infer<typeof parameters>;

const doomed = z.strictObject({ label: z.string(), id: z.string() });
type Doomed = z.infer<typeof doomed>;
const prepared = z.strictObject({ doomed: z.array(doomed) });
type Prepared = z.infer<typeof prepared>;
const result = z.strictObject({
  destroyed: z.array(doomed),
  backups: z.array(z.strictObject({ path: z.string(), fate: z.enum(['absent', 'kept']), detail: z.string() })),
  paper: z.array(z.strictObject({ what: z.string(), where: z.string() })),
});
type Result = z.infer<typeof result>;

/**
 * Destroys keys for good: in the token, read back by label and by id; each backup that the ledger knows of, removed or
 * declared as kept elsewhere; and a list of what is left on paper, which no program can destroy.
 */
export const destroyKeys: Action<Parameters, Prepared, Result> = {
  name: 'destroy-keys',
  parameters,
  result,
  needs: ['main'],
  lint: ({ keys }) => (new Set(keys).size < keys.length ? ['a key stands twice'] : []),
  look: async ({ state, ledger }, { keys }) => {
    const past = await ceremoniesOfMode(state.mode, ledger);
    return [
      ...backupsOf(past, keys).map(({ path, sha256 }): Fact => ({ kind: 'file', path, sha256 })),
      ...paperFacts(state, remaindersOf(state, past, keys)),
    ];
  },
  asks: ({ state }, _parameters, looked) => [
    ...looked
      .filter((fact) => fact.kind === 'file')
      .map(({ path }, index): Unasked<ActionAsk> => ({
        id: `backup-${index + 1}`,
        kind: 'text',
        label: say(state, 'destroy.backup', { path }),
        hint: say(state, 'destroy.backupHint'),
        suggestion: 'remove',
        optional: false,
      })),
    {
      id: 'other-copies',
      kind: 'text',
      label: say(state, 'destroy.copies'),
      hint: say(state, 'destroy.copiesHint'),
      suggestion: null,
      optional: true,
    },
  ],
  prepare: async (context, { keys }) => {
    const held = (await context.token('main').call('inventory', {})).keys;
    // An earlier try of this step may have destroyed it, and its intent names it.
    const before = await doomedBefore(context);
    const doomed = keys.map((label) => {
      const found = held.filter((key) => key.label === label);
      if (found.length > 1) throw new Refusal('KEY_AMBIGUOUS', { label });
      const key = found[0] ?? before.find((destroyed) => destroyed.label === label);
      if (!key) throw new Refusal('KEY_MISSING', { label });
      return { label, id: key.id };
    });
    return { doomed };
  },
  perform: async (context, { keys }, intent) => {
    const { token, state, ledger } = context;
    const { doomed } = prepared.parse(intent);
    const held = (await token('main').call('inventory', {})).keys.map(({ label }) => label);
    const present = keys.filter((label) => held.includes(label));
    for (const label of present) await token('main').call('destroy', { label });
    await refuseIfHeld(context, keys, doomed);
    const past = await ceremoniesOfMode(state.mode, ledger);
    const known = backupsOf(past, keys).map((backup, index) => ({
      ...backup,
      says: textOf(state, `backup-${index + 1}`),
    }));
    const backups = [
      ...known.map(({ says, ...backup }): BackupFate => {
        const { path, keyId } = backup;
        // A key that lives on another token may have had the label too.
        if (!isDoomed(doomed, keyId)) return { path, fate: 'kept', detail: say(state, 'destroy.otherKey') };
        return says === 'remove' ? removeBackup(state, backup) : { path, fate: 'kept', detail: says };
      }),
      ...declaredCopies(
        state,
        textOf(state, 'other-copies'),
        known.filter(({ keyId }) => isDoomed(doomed, keyId)),
      ),
    ];
    const paper = remaindersOf(state, past, keys).map(({ what, where }) => ({ what, where }));
    const facts: Fact[] = [
      ...keys.map((label): Fact => {
        const detail = present.includes(label) ? say(state, 'destroy.destroyed') : say(state, 'destroy.earlier');
        return { kind: 'check', label, verdict: 'go', detail };
      }),
      ...backups.map(backupFact),
      ...paperFacts(state, paper),
    ];
    return { result: { destroyed: doomed, backups, paper }, facts };
  },
  reconcile: async ({ state, token }, { keys }) => {
    const held = (await token('main').call('inventory', {})).keys.map(({ label }) => label);
    const left = keys.filter((label) => held.includes(label));
    const stillThere = say(state, 'destroy.stillThere', { labels: left.join(', ') });
    return { undone: left.length > 0 ? stillThere : say(state, 'destroy.noneLeft') };
  },
};

/** What the intents of earlier tries of this step named. */
async function doomedBefore({ state, ledger }: EffectContext): Promise<Doomed[]> {
  if (state.attempts === 0) return [];
  const step = state.script.steps[state.position]?.id;
  const rows = await ledger.read({ ceremony: state.id, kind: 'step.intent' });
  return rows.flatMap((row) => {
    const body = row.body as { step: string; prepared: unknown };
    return body.step === step ? prepared.parse(body.prepared).doomed : [];
  });
}

/** TOKEN_LIED if the token still shows one of these keys, by its label or by its id under another label. */
async function refuseIfHeld({ token }: EffectContext, labels: string[], doomed: Doomed[]): Promise<void> {
  const held = (await token('main').call('inventory', {})).keys;
  const found = held.find(({ label, id }) => labels.includes(label) || isDoomed(doomed, id));
  if (!found) return;
  const { label } = found;
  throw new Refusal('TOKEN_LIED', { label, attribute: 'presence', actual: 'present', expected: 'destroyed' });
}

function isDoomed(doomed: Doomed[], id: string): boolean {
  return id !== '' && doomed.some((key) => key.id === id);
}

function textOf({ answers }: CeremonyState, ask: string): string {
  const answer = answers[ask];
  return answer && 'text' in answer ? answer.text.trim() : '';
}

function backupFact({ path, fate, detail }: BackupFate): Fact {
  return { kind: 'check', label: path, verdict: fate === 'absent' ? 'go' : 'warning', detail };
}

function paperFacts(state: CeremonyState, paper: { what: string; where: string }[]): Fact[] {
  if (paper.length === 0) {
    return [{ kind: 'row', label: say(state, 'destroy.paper'), value: say(state, 'destroy.noPaper') }];
  }
  return paper.map(({ what, where }) => ({
    kind: 'row',
    label: say(state, 'destroy.exists', { what }),
    value: where,
  }));
}
