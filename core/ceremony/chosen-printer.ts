import type { Fact } from '../contract/ceremony.ts';
import { DEFAULT_SETTINGS } from '../contract/settings.ts';
import { Refusal } from '../contract/errors.ts';
import { type Printer, defaultPrinter, jobsOf, listPrinters } from '../print/spooler.ts';
import { isSearchable, searchSpool, spoolFolder } from '../print/spool.ts';
import type { ActionAsk, LookContext, Unasked } from './action.ts';
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
  const waiting = (await jobsOf(printer)).filter((job) => job.waiting).map(({ job, user }) => `${job} of ${user}`);
  const spool: Fact = isSearchable(spoolFolder())
    ? { kind: 'check', label: 'Spool', verdict: 'go', detail: `${spoolFolder()} can be searched after the purge` }
    : { kind: 'check', label: 'Spool', verdict: 'warning', detail: UNSEARCHED };
  if (waiting.length === 0) return [spool];
  const detail = `${waiting.join(', ')}: the purge takes them too. Wait until they are printed, or choose another printer`;
  return [spool, { kind: 'check', label: 'Jobs of others', verdict: 'warning', detail }];
}

const UNSEARCHED =
  'this user may not read it: it is purged, and whether it is empty then will not be known (docs/paper.md)';

/** Which printer, or none where policy leaves that to the room. That of the settings is suggested, else the one that CUPS would take. */
export async function printerAsks({ state, data }: LookContext): Promise<Unasked<ActionAsk>[]> {
  const { script, answers } = state;
  const { sheets } = script.policy;
  if (sheets === undefined || sheets === 'medium') return [];
  // Settings that cannot be read stop no ceremony.
  const { printer: preset } = await readSettings(data).catch(() => DEFAULT_SETTINGS);
  const preferred = preset ?? (await defaultPrinter());
  const printers = (await listPrinters()).map((printer) => {
    const usual = printer.name === preferred ? ', the usual one' : '';
    return { value: printer.name, label: printer.name, detail: `${standingOf(printer)}${usual}`, fit: isFit(printer) };
  });
  const saved = {
    value: NO_PRINTER,
    label: 'No printer',
    detail: 'the sheets are saved to the media as files',
    fit: true,
  };
  const options = [...printers, ...(sheets === 'either' ? [saved] : [])];
  const fit = options.filter((option) => option.fit).map(({ value }) => value);
  const only = fit.length === 1 ? (fit[0] ?? null) : null;
  const suggestion = preferred !== null && fit.includes(preferred) ? preferred : only;
  const chosen = answers[ASK];
  return [
    {
      ...{ id: ASK, kind: 'choice', label: 'Where the sheets go', options, suggestion },
      chosen: chosen && 'text' in chosen ? chosen.text : null,
    },
  ];
}

/** Refused before anything is sent. PRINTER_UNKNOWN, PRINTER_REFUSED. */
export async function refuseUnfitPrinter(printer: string): Promise<void> {
  const printers = await listPrinters();
  const found = printers.find(({ name }) => name === printer);
  const known = printers.map(({ name }) => name).join(', ') || 'none';
  if (!found) throw new Refusal('PRINTER_UNKNOWN', { printer, known });
  if (!isFit(found)) throw new Refusal('PRINTER_REFUSED', { printer, detail: standingOf(found) });
}

/** That nothing of these texts is left in the spool, as far as it may be read. SPOOL_HOLDS. */
export async function provenPurged(printer: string, texts: string[]): Promise<Fact> {
  const folder = spoolFolder();
  const search = await searchSpool(folder, texts);
  const label = `Spool, after ${printer} was purged`;
  if (!search.looked)
    return { kind: 'check', label, verdict: 'warning', detail: `${folder}: not known, for ${UNREADABLE}` };
  const [holding] = search.holding;
  if (holding !== undefined) throw new Refusal('SPOOL_HOLDS', { path: holding });
  return {
    kind: 'check',
    label,
    verdict: 'go',
    detail: `${folder}: ${search.files} files are left, and none holds a sheet`,
  };
}

const UNREADABLE = 'this user may not read it';

function isFit({ state, accepting }: Printer): boolean {
  return accepting && state !== 'stopped';
}

function standingOf({ state, accepting }: Printer): string {
  return accepting ? state : `${state}, takes no jobs`;
}
