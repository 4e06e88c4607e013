import type { CommandInput, PrintedTest } from '../contract/commands.ts';
import { because } from '../contract/because.ts';
import { Refusal } from '../contract/errors.ts';
import { searchSpool, spoolFolder } from '../print/spool.ts';
import { JOB_LIMIT_MS, jobEnded, purgePrinter, sendToPrinter } from '../print/spooler.ts';
import { printTestPage, testPageText } from '../print/test-page.ts';

/** The whole way that a share sheet would take: from memory to the printer, and out of the spool. PRINTER_UNKNOWN, PRINTER_REFUSED, SPOOL_HOLDS. */
export async function printTest(
  { printer, paper = 'A4', language = 'en', spool = spoolFolder() }: CommandInput<'printer.test'>,
  { clock, random }: { clock: () => Date; random: (length: number) => Uint8Array },
): Promise<PrintedTest> {
  const text = testPageText(random(151));
  const pdf = await printTestPage({ printer, text, madeAt: clock(), paper, language });
  const job = await sendToPrinter(printer, 'Claviger test page', pdf, paper);
  const ended = await jobEnded(job, JOB_LIMIT_MS);
  // What did not come out is not left to come out later.
  await purgePrinter(printer);
  if (ended !== 'ended') {
    throw new Refusal('PRINTER_REFUSED', { printer, ...because('printer.late') });
  }
  const left = await searchSpool(spool, [text]);
  if (!left.looked) return { job, text, spool, searched: null };
  const [holding] = left.holding;
  if (holding !== undefined) throw new Refusal('SPOOL_HOLDS', { path: holding });
  return { job, text, spool, searched: left.files };
}
