import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import type { SheetAtLarge } from '../../contract/custody.ts';
import { isSameSheet, sheetsAtLarge } from '../aborted-sheets.ts';
import { type Action, type ActionAsk, type Unasked, nothingToUndo } from '../action.ts';
import { custodiansHere, foundSharesOf, manifestOf } from '../records.ts';
import { type DestroyedSheets, destroyedSheetsResult } from '../results.ts';
import type { CeremonyState } from '../state.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({})
  .describe(
    'The sheets of the set before, and of ceremonies that were aborted, are destroyed, each before a witness; those that are not here are named as still valid.',
  );

/** What is typed of a sheet that was destroyed in the room; anything else says why it was not. */
const DESTROYED = 'destroyed';

/**
 * Asks of each sheet of the old set, and of each that an aborted ceremony had printed, whether it was destroyed here, and lets the witness say so of each by name. Destroying paper is no
 * revocation: a copy may exist, and what was not here still opens.
 */
export const destroySheets: Action<z.infer<typeof parameters>, null, DestroyedSheets> = {
  name: 'destroy-sheets',
  parameters,
  result: destroyedSheetsResult,
  needs: [],
  // The new ones are on paper and proven before an old one goes.
  after: ['find-shares', ['re-share', 'make-master-key'], 'scan-sheets', 'rehearse-recovery'],
  once: true,
  lint: (_parameters, { participants }) => (participants.witness === 1 ? [] : ['one witness sees it']),
  // Who confirms sees what is going to be written.
  look: ({ state }) => Promise.resolve(sheetsOf(state).every(({ said }) => said !== '') ? factsOf(state) : []),
  asks: ({ state }) =>
    sheetsOf(state).flatMap((old): Unasked<ActionAsk>[] => {
      const { ask, share, x, custodian, setId, said } = old;
      const here = custodiansHere(state).includes(custodian);
      const sheet: Unasked<ActionAsk> = {
        id: ask,
        kind: 'text',
        label: nameOf(state, old),
        hint: say(state, 'oldSheets.hint'),
        suggestion: here ? DESTROYED : null,
        optional: false,
      };
      if (said !== DESTROYED) return [sheet];
      const digest = createHash('sha256').update(`${setId} ${share} ${x}`).digest('hex').slice(0, 12);
      const label = old.aborted ? say(state, 'oldSheets.seenAborted', old) : say(state, 'oldSheets.seen', { share });
      return [sheet, { id: `seen-${share}-${digest}`, kind: 'accept', label, by: 'witness', tone: 'plain' }];
    }),
  prepare: () => Promise.resolve(null),
  perform: ({ state }) => Promise.resolve({ result: resultOf(state), facts: factsOf(state) }),
  reconcile: nothingToUndo,
};

function setOf(state: CeremonyState): { masterKeyId: string; setId: string; epoch: number } {
  const found = foundSharesOf(state);
  if (!found) throw new Error('no share set was found');
  const { masterKeyId, setId, epoch } = found.masterKey.manifest;
  return { masterKeyId, setId, epoch };
}

/** A sheet that is to be destroyed, and what was said of it. `ask`: the id under which it is asked for. */
type Old = Omit<SheetAtLarge, 'why'> & { ask: string; aborted: boolean; said: string };

function sheetsOf(state: CeremonyState): Old[] {
  const found = foundSharesOf(state);
  const saidOf = (ask: string) => {
    const answer = state.answers[ask];
    const said = answer && 'text' in answer ? answer.text.trim() : '';
    return { ask, said: said.toLowerCase() === DESTROYED ? DESTROYED : said };
  };
  const ofSet = (found?.holders ?? []).map((custodian, index) => {
    const share = index + 1;
    const x = found?.masterKey.xByCustodian[index] ?? 0;
    return { ...setOf(state), ...saidOf(`sheet-${share}`), share, x, custodian, aborted: false };
  });
  const ofAborted = (found?.aborted ?? []).map(({ why: _, ...sheet }, index) => {
    return { ...sheet, ...saidOf(`aborted-${index + 1}`), aborted: true };
  });
  return [...ofSet, ...ofAborted];
}

function nameOf(state: CeremonyState, { share, epoch, custodian: person, aborted }: Old): string {
  return say(state, aborted ? 'oldSheets.aborted' : 'oldSheets.sheet', { share, epoch, person });
}

function resultOf(state: CeremonyState): DestroyedSheets {
  const all = sheetsOf(state).map((old) => ({ old, sheet: fateOf(state, old) }));
  return {
    ...setOf(state),
    sheets: all.filter(({ old }) => !old.aborted).map(({ sheet }) => sheet),
    aborted: all
      .filter(({ old }) => old.aborted)
      .map(({ old: { masterKeyId, setId, epoch }, sheet }) => ({ masterKeyId, setId, epoch, ...sheet })),
  };
}

function fateOf(state: CeremonyState, { share, x, custodian, said }: Old): DestroyedSheets['sheets'][number] {
  const witness = state.participants.find(({ role }) => role === 'witness')?.name ?? null;
  const sheet = { share, x, custodian };
  return said === DESTROYED
    ? { ...sheet, fate: 'destroyed', seenBy: witness, why: '' }
    : { ...sheet, fate: 'valid', seenBy: null, why: said };
}

/** Numbers of the shares of which a sheet is left, those among them that were lost before. */
function sharesLeft(state: CeremonyState, { sheets, aborted }: DestroyedSheets): number[] {
  const { setId } = setOf(state);
  const found = foundSharesOf(state);
  const gone = aborted.filter(({ fate }) => fate === 'destroyed');
  const lost = (found ? sheetsAtLarge(found) : [])
    .filter((sheet) => sheet.setId === setId && !gone.some((other) => isSameSheet(other, sheet)))
    .map(({ share }) => share);
  return [...new Set([...lost, ...sheets.filter(({ fate }) => fate === 'valid').map(({ share }) => share)])];
}

function factsOf(state: CeremonyState): Fact[] {
  const result = resultOf(state);
  const { setId, epoch } = result;
  const { threshold } = foundSharesOf(state)?.masterKey.manifest ?? { threshold: 0 };
  const left = sharesLeft(state, result);
  const enough = say(state, left.length >= threshold ? 'oldSheets.enough' : 'oldSheets.tooFew');
  const rotated = manifestOf(state).masterKeyId !== setOf(state).masterKeyId;
  return [
    { kind: 'row', label: say(state, 'oldSheets.set'), value: say(state, 'oldSheets.setOf', { setId, epoch }) },
    ...sheetsOf(state).map((old): Fact => {
      const { fate, seenBy, why } = fateOf(state, old);
      const destroyed = fate === 'destroyed';
      return {
        kind: 'check',
        label: nameOf(state, old),
        verdict: destroyed ? 'go' : 'warning',
        detail: destroyed
          ? say(state, 'oldSheets.destroyed', { person: seenBy ?? say(state, 'oldSheets.nobody') })
          : say(state, 'oldSheets.valid', { why }),
      };
    }),
    {
      kind: 'check',
      label: say(state, 'oldSheets.left', { count: left.length }),
      verdict: left.length === 0 ? 'go' : 'warning',
      detail: say(state, rotated ? 'oldSheets.recoverOld' : 'oldSheets.recover', { threshold, enough }),
    },
  ];
}
