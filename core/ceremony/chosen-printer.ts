import type { Fact } from '../contract/ceremony.ts';
import { DEFAULT_SETTINGS } from '../contract/settings.ts';
import { Refusal } from '../contract/errors.ts';
import { type Printer, defaultPrinter, jobsOf, listPrinters } from '../print/spooler.ts';
import { isSearchable, searchSpool, spoolFolder } from '../print/spool.ts';
import type { ActionAsk, LookContext, Unasked } from './action.ts';
import { say } from './say.ts';
import { readSettings } from '../store/settings.ts';
import type { CeremonyState } from './state.ts';

/** Which printer the sheets of a step go to: the room chooses where the script's policy allows it. */

const ASK = 'printer';
/** No printer of CUPS has a space in its name. */
const NO_PRINTER = 'no printer';

/** The printer that was chosen for the step under way; null where sheets are saved to the media, or nobody has chosen. */
export function chosenPrinter({ script, answers }: CeremonyState): string | null {
  const answer = answers[ASK];
  const text = answer && 'text' in answer ? answer.text : NO_PRINTER;
  return script.policy.sheets === undefined || script.policy.sheets === 'medium' || text === NO_PRINTER ? null : text;
}

/** Whether sheets are certain to go to a printer, whatever is answered. */
export function demandsPrinter({ script }: CeremonyState): boolean {
  return script.policy.sheets === 'printer';
}

/** Of the printer that is chosen: whether the spool can be searched, and what the purge would take with it. */
export async function printerFacts({ state }: LookContext): Promise<Fact[]> {
  const printer = chosenPrinter(state);
  if (printer === null) return [];
  const waiting = (await jobsOf(printer)).filter((job) => job.waiting).map((job) => say(state, 'print.userJob', job));
  const folder = spoolFolder();
  const label = say(state, 'print.spool');
  const spool: Fact = isSearchable(folder)
    ? { kind: 'check', label, verdict: 'go', detail: say(state, 'print.spoolGood', { folder }) }
    : { kind: 'check', label, verdict: 'warning', detail: say(state, 'print.spoolBad') };
  if (waiting.length === 0) return [spool];
  const detail = say(state, 'print.waitingDetail', { jobs: waiting.join(', ') });
  return [spool, { kind: 'check', label: say(state, 'print.waiting'), verdict: 'warning', detail }];
}

/** Which printer, or none where policy leaves that to the room. That of the settings is suggested, else the one that CUPS would take. */
export async function printerAsks({ state, data }: LookContext): Promise<Unasked<ActionAsk>[]> {
  const { script, answers } = state;
  const { sheets } = script.policy;
  if (sheets === undefined || sheets === 'medium') return [];
  // Settings that cannot be read stop no ceremony.
  const { printer: preset } = await readSettings(data).catch(() => DEFAULT_SETTINGS);
  const preferred = preset ?? (await defaultPrinter());
  const printers = (await listPrinters()).map((printer) => {
    const standing = standingOf(state, printer);
    const detail = printer.name === preferred ? say(state, 'print.usual', { standing }) : standing;
    return { value: printer.name, label: printer.name, detail, fit: isFit(printer) };
  });
  const saved = {
    value: NO_PRINTER,
    label: say(state, 'print.noPrinter'),
    detail: say(state, 'print.saved'),
    fit: true,
  };
  const options = [...printers, ...(sheets === 'either' ? [saved] : [])];
  const fit = options.filter((option) => option.fit).map(({ value }) => value);
  const only = fit.length === 1 ? (fit[0] ?? null) : null;
  const suggestion = preferred !== null && fit.includes(preferred) ? preferred : only;
  const chosen = answers[ASK];
  return [
    {
      ...{ id: ASK, kind: 'choice', label: say(state, 'print.where'), options, suggestion },
      chosen: chosen && 'text' in chosen ? chosen.text : null,
    },
  ];
}

/** Refused before anything is sent. PRINTER_UNKNOWN, PRINTER_REFUSED. */
export async function refuseUnfitPrinter(state: CeremonyState, printer: string): Promise<void> {
  const printers = await listPrinters();
  const found = printers.find(({ name }) => name === printer);
  const known = printers.map(({ name }) => name).join(', ') || say(state, 'fact.none');
  if (!found) throw new Refusal('PRINTER_UNKNOWN', { printer, known });
  if (!isFit(found)) throw new Refusal('PRINTER_REFUSED', { printer, detail: standingOf(state, found) });
}

/** That nothing of these texts is left in the spool, as far as it may be read. SPOOL_HOLDS. */
export async function provenPurged(state: CeremonyState, printer: string, texts: string[]): Promise<Fact> {
  const folder = spoolFolder();
  const search = await searchSpool(folder, texts);
  const label = say(state, 'print.purged', { printer });
  if (!search.looked)
    return { kind: 'check', label, verdict: 'warning', detail: say(state, 'print.unknown', { folder }) };
  const { files, holding } = search;
  const [path] = holding;
  if (path !== undefined) throw new Refusal('SPOOL_HOLDS', { path });
  return { kind: 'check', label, verdict: 'go', detail: say(state, 'print.clean', { folder, files }) };
}

function isFit({ state, accepting }: Printer): boolean {
  return accepting && state !== 'stopped';
}

function standingOf(ceremony: CeremonyState, { state, accepting }: Printer): string {
  const standing = say(ceremony, `print.state.${state}`);
  return accepting ? standing : say(ceremony, 'print.refusing', { standing });
}
