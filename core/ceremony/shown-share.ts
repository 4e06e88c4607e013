import type { Answer } from '../contract/commands.ts';
import { because } from '../contract/because.ts';
import { Refusal } from '../contract/errors.ts';
import { otherSheet } from '../print/other-sheet.ts';
import { readTyped } from '../shares/lines.ts';
import { refuseForeign } from '../shares/recover.ts';
import { parseShare } from '../shares/share.ts';
import type { Output } from './output.ts';
import { foundSharesOf, manifestOf, masterKeyOf } from './records.ts';
import { actionNamed } from './registry.ts';
import { scanShareFrom } from './scan-picture.ts';
import { scanShareSheet, sheetsOf } from './scan-share.ts';
import { type CeremonyState, currentStep } from './state.ts';

/**
 * The text of a share that a custodian shows: typed, read from its sheet's file, or from a scan or photograph; checked alone and
 * against the set. The ask names a custodian by number: what they show must be theirs, for the record will say so. `before`: the
 * asks for which a share was shown already; the same sheet again is SHARE_REPEATED.
 */
export async function shownShare(
  state: CeremonyState,
  output: Output,
  ask: string,
  answer: Answer,
  before: string[],
): Promise<string> {
  const text = await textOf(state, output, answer);
  const share = parseShare(text);
  const setId = Buffer.from(share.setId).toString('hex');
  const ofAborted = foundSharesOf(state)?.aborted.some((sheet) => sheet.setId === setId) ?? false;
  // A share that was made again and then aborted is the share that it was.
  if (ofAborted && setId !== manifestOf(state).setId)
    throw new Refusal('SHARE_OF_ABORTED', { x: share.x, epoch: share.epoch });
  refuseForeign(share, manifestOf(state));
  const asked = Number(ask.split('-').at(-1));
  const given = masterKeyOf(state).xByCustodian.indexOf(share.x) + 1;
  const step = currentStep(state);
  const action = step && actionNamed(step.action);
  action?.refuseShare?.(action.parameters.parse(step?.parameters), given);
  if (given !== asked && before.includes(`share-${given}`)) throw new Refusal('SHARE_REPEATED');
  if (given !== asked) throw new Refusal('SHARE_NOT_THEIRS', { given, asked });
  return text;
}

function textOf(state: CeremonyState, output: Output, answer: Answer): Promise<string> | string {
  if ('scanFile' in answer) return scanShareFrom(answer.scanFile);
  if ('scanSheet' in answer) {
    const { scanSheet: number } = answer;
    return scanShareSheet(sheetsOf(state, output, number), number);
  }
  if (!('text' in answer)) throw new Refusal('INPUT_INVALID', because('answer.sheetText'));
  // A hand scanner types whatever code it is held over.
  const sheet = otherSheet(answer.text);
  if (sheet !== null) throw new Refusal('SHEET_OTHER', { sheet });
  return readTyped(answer.text);
}
