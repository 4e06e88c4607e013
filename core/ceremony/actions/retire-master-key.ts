import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { Refusal } from '../../contract/errors.ts';
import type { Action, Effect, EffectContext } from '../action.ts';
import { backupsOf, ceremoniesOfMode } from '../past.ts';
import { backupsFoundBy, foundSharesOf } from '../records.ts';
import { retiredMasterKeyResult } from '../results.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    masterKey: z.string().min(1).max(64).describe('Label of the old master key, which find-shares found.'),
  })
  .describe(
    'Destroys the master key that was before, once every backup is wrapped under the new one and that is proven.',
  );
type Parameters = z.infer<typeof parameters>;

const prepared = z.strictObject({ id: z.string() });
type Prepared = z.infer<typeof prepared>;
type Result = z.infer<typeof retiredMasterKeyResult>;

/**
 * The end of a rotation: the old master key is destroyed in the token, its absence read back by label and id, and the old backups are named
 * that the old sheets still open.
 */
export const retireMasterKey: Action<Parameters, Prepared, Result> = {
  name: 'retire-master-key',
  parameters,
  result: retiredMasterKeyResult,
  needs: ['main'],
  after: ['find-shares', 'make-master-key', 'backup-keys', 'scan-sheets', 'rehearse-recovery'],
  once: true,
  lint: ({ masterKey }, { steps }) => {
    const named = (action: string, parameter: string) =>
      steps.some((step) => step.action === action && step.parameters[parameter] === masterKey);
    return [
      ...(named('find-shares', 'masterKey') ? [] : [`find-shares does not find ${masterKey}`]),
      ...(named('make-master-key', 'label') ? [`${masterKey} is the new one`] : []),
    ];
  },
  look: async (context) => oldBackups(context),
  prepare: async ({ state, token }, { masterKey: label }) => {
    const [left] = backupsFoundBy(state);
    if (left) throw new Refusal('BACKUP_NOT_RENEWED', { label: left.label });
    const { id } = await token('main').call('read', { label });
    return { id };
  },
  perform: async (context, { masterKey: label }, intent) => {
    const { id } = prepared.parse(intent);
    await context.token('main').call('destroy', { label });
    if (await isHeld(context, label, id)) {
      throw new Refusal('TOKEN_LIED', { label, attribute: 'presence', actual: 'present', expected: 'destroyed' });
    }
    return effectOf(context, label, id);
  },
  reconcile: async (context, { masterKey: label }, intent) => {
    const { id } = prepared.parse(intent);
    if (await isHeld(context, label, id)) {
      return { undone: say(context.state, 'retire.stillThere', { label }) };
    }
    // It was there before the intent, and nothing else destroys it.
    return { adopted: await effectOf(context, label, id), detail: say(context.state, 'retire.gone', { label }) };
  },
};

async function isHeld({ token }: EffectContext, label: string, id: string): Promise<boolean> {
  const { keys } = await token('main').call('inventory', {});
  return keys.some((key) => key.label === label || (id !== '' && key.id === id));
}

async function effectOf(context: EffectContext, label: string, id: string): Promise<Effect<Result>> {
  const masterKeyId = foundSharesOf(context.state)?.masterKey.manifest.masterKeyId ?? '';
  const detail = say(context.state, 'destroy.destroyed');
  return {
    result: { label, id, masterKeyId },
    facts: [{ kind: 'check', label, verdict: 'go', detail }, ...(await oldBackups(context))],
  };
}

/** The files that an earlier ceremony wrapped under the old master key, wherever they are now. */
async function oldBackups({ state, ledger }: Pick<EffectContext, 'state' | 'ledger'>): Promise<Fact[]> {
  const labels = (foundSharesOf(state)?.backups ?? []).map(({ label }) => label);
  const past = (await ceremoniesOfMode(state.mode, ledger)).filter(({ id }) => id !== state.id);
  return [
    {
      kind: 'check',
      label: say(state, 'retire.oldOpen'),
      verdict: 'warning',
      detail: say(state, 'retire.destroyCopies'),
    },
    ...backupsOf(past, labels).map(({ path, label }): Fact => ({
      kind: 'row',
      label: say(state, 'retire.opens', { label }),
      value: say(state, 'retire.everyCopy', { path }),
    })),
  ];
}
