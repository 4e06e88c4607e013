import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { type Action, type ActionAsk, type Unasked, nothingToUndo } from '../action.ts';
import { custodiansHere, foundSharesOf, manifestOf } from '../records.ts';
import { type DestroyedSheets, destroyedSheetsResult } from '../results.ts';
import type { CeremonyState } from '../state.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({})
  .describe(
    'The sheets of the set before are destroyed, each before a witness; those that are not here are named as still valid.',
  );

/** What is typed of a sheet that was destroyed in the room; anything else says why it was not. */
const DESTROYED = 'destroyed';

/**
 * Asks of each sheet of the old set whether it was destroyed here, and lets the witness say so of each by name. Destroying paper is no
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
    sheetsOf(state).flatMap(({ share, x, custodian, said }): Unasked<ActionAsk>[] => {
      const here = custodiansHere(state).includes(custodian);
      const sheet: Unasked<ActionAsk> = {
        id: `sheet-${share}`,
        kind: 'text',
        label: say(state, 'oldSheets.sheet', { share, person: custodian }),
        hint: say(state, 'oldSheets.hint'),
        suggestion: here ? DESTROYED : null,
        optional: false,
      };
      if (said !== DESTROYED) return [sheet];
      const { setId } = setOf(state);
      const digest = createHash('sha256').update(`${setId} ${share} ${x}`).digest('hex').slice(0, 12);
      const label = say(state, 'oldSheets.seen', { share });
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

function sheetsOf(state: CeremonyState) {
  const found = foundSharesOf(state);
  return (found?.holders ?? []).map((custodian, index) => {
    const answer = state.answers[`sheet-${index + 1}`];
    const said = answer && 'text' in answer ? answer.text.trim() : '';
    const x = found?.masterKey.xByCustodian[index] ?? 0;
    return { share: index + 1, x, custodian, said: said.toLowerCase() === DESTROYED ? DESTROYED : said };
  });
}

function resultOf(state: CeremonyState): DestroyedSheets {
  const witness = state.participants.find(({ role }) => role === 'witness')?.name ?? null;
  const sheets = sheetsOf(state).map(({ share, x, custodian, said }) => {
    const sheet = { share, x, custodian };
    return said === DESTROYED
      ? { ...sheet, fate: 'destroyed' as const, seenBy: witness, why: '' }
      : { ...sheet, fate: 'valid' as const, seenBy: null, why: said };
  });
  return { ...setOf(state), sheets };
}

/** Numbers of the shares of which a sheet is left, those among them that were lost before. */
function sharesLeft(state: CeremonyState, sheets: DestroyedSheets['sheets']): number[] {
  const { setId } = setOf(state);
  const known = foundSharesOf(state)?.registers.at(-1)?.register.stillValid?.sheets ?? [];
  const lost = known.filter((sheet) => sheet.setId === setId).map(({ share }) => share);
  return [...new Set([...lost, ...sheets.filter(({ fate }) => fate === 'valid').map(({ share }) => share)])];
}

function factsOf(state: CeremonyState): Fact[] {
  const { sheets, setId, epoch } = resultOf(state);
  const { threshold } = foundSharesOf(state)?.masterKey.manifest ?? { threshold: 0 };
  const left = sharesLeft(state, sheets);
  const enough = say(state, left.length >= threshold ? 'oldSheets.enough' : 'oldSheets.tooFew');
  const rotated = manifestOf(state).masterKeyId !== setOf(state).masterKeyId;
  return [
    { kind: 'row', label: say(state, 'oldSheets.set'), value: say(state, 'oldSheets.setOf', { setId, epoch }) },
    ...sheets.map(({ share, custodian, fate, seenBy, why }): Fact => {
      const destroyed = fate === 'destroyed';
      return {
        kind: 'check',
        label: say(state, 'oldSheets.sheet', { share, person: custodian }),
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
