import type { Mode } from '../contract/ceremony.ts';
import type { ReportSource } from '../contract/compliance.ts';
import type { Locale } from '../contract/messages/locale.ts';
import { section } from './fact-lines.ts';
import { beginFlow, keep, type Flow } from './flow.ts';
import { footer, header, runningHeader } from './frame.ts';
import { addPage, beginDocument, COLUMN, finish, type PaperName } from './page.ts';
import { trainingMark } from './training.ts';
import { paragraph, put, STYLES, utc } from './type.ts';
import { say } from './say.ts';

/** What every report of the ledger has around it: who it is about, when it was made, and the checkpoint that it can be recomputed from. */
export type ReportFrame = {
  organisation: string;
  /** Of the newest ceremony; null where none was done: a vault may have a store of its own. */
  mode: Mode | null;
  language: Locale;
  madeAt: Date;
  /** The newest signed checkpoint of the ledger that all this is from; null if there is none. */
  checkpoint: { text: string; at: Date } | null;
  paper: PaperName;
};

/** ISO 8601; null for the beginning, and for now. */
export type Period = { since: string | null; before: string | null };

const TOP = 84;

/** `said`: below the title. The flow stands under the first page's head. */
export function beginReport(frame: ReportFrame, title: string, said: string): Flow {
  const document = frame.organisation === '' ? title : `${title}, ${frame.organisation}`;
  const page = beginDocument(frame.paper, document, frame.madeAt, frame.language);
  const training = frame.mode === 'training';
  page.doc.on('pageAdded', () => {
    if (training) trainingMark(page, { x: page.left, y: 130, width: COLUMN, height: page.height - 230 }, []);
  });
  addPage(page);
  header(page, {
    title,
    lines: [frame.organisation, said],
    aside: {
      large: '',
      upper: frame.mode === null ? '' : say(page, training ? 'word.TRAINING' : 'word.LIVE'),
      lower: utc(frame.madeAt).slice(0, 10),
    },
    training,
  });
  return beginFlow(page, 112, TOP);
}

/** Says where it is from, and numbers the pages. Byte-identical for the same input; its only date is `madeAt`. */
export async function endReport(flow: Flow, frame: ReportFrame, title: string): Promise<Uint8Array> {
  const { page } = flow;
  const { doc, left } = page;
  keep(flow, 90);
  section(flow, say(page, 'report.from'), 60);
  const said = say(page, frame.checkpoint ? 'report.checkpoint' : 'report.noCheckpoint');
  flow.y = paragraph(doc, said, left, flow.y + 9, COLUMN, { face: 'regular', size: 9 });
  for (const line of frame.checkpoint?.text.trimEnd().split('\n') ?? []) {
    put(doc, line, left, flow.y + 6, STYLES.smallMono);
    flow.y += 10;
  }
  const { count } = doc.bufferedPageRange();
  const training = frame.mode === 'training';
  for (let index = 0; index < count; index++) {
    doc.switchToPage(index);
    if (index > 0) runningHeader(page, { left: title, right: frame.organisation, training });
    footer(page, {
      left: say(page, 'report.foot', { title, at: utc(frame.madeAt) }),
      right: say(page, 'foot.page', { number: index + 1, count, paper: frame.paper }),
      below: '',
    });
  }
  return finish(page);
}

/** Of how many rows a report is, and of which time: what stands below its title. */
export function sourceOf(
  frame: ReportFrame,
  { rows }: ReportSource,
  { since, before }: Period = { since: null, before: null },
): string {
  const to = (before ?? frame.madeAt.toISOString()).slice(0, 10);
  if (since === null) return say(frame, 'compliance.sourceTo', { rows, to });
  return say(frame, 'compliance.source', { rows, from: since.slice(0, 10), to });
}
