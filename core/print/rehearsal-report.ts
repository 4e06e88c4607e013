import type { Mode } from '../contract/ceremony.ts';
import { roleName } from '../contract/messages/role-names.ts';
import type { Locale } from '../contract/messages/locale.ts';
import type { Due, Rehearsal, ShareSetStanding } from '../contract/reports.ts';
import { tell, tellDue } from '../contract/tell.ts';
import { row, section } from './fact-lines.ts';
import { beginFlow, keep } from './flow.ts';
import { footer, header, runningHeader } from './frame.ts';
import { addPage, beginDocument, COLUMN, finish, type PaperName } from './page.ts';
import { trainingMark } from './training.ts';
import { groupedHex, paragraph, put, STYLES, utc } from './type.ts';
import { say } from './say.ts';

/** What an auditor asks of a year: which rehearsals there were, what each showed, which shares count, what is due. */
export type RehearsalReport = {
  organisation: string;
  mode: Mode;
  language: Locale;
  madeAt: Date;
  rehearsals: Rehearsal[];
  sets: ShareSetStanding[];
  due: Due[];
  /** The newest signed checkpoint of the ledger that all this is from; null if there is none. */
  checkpoint: { text: string; at: Date } | null;
  paper: PaperName;
};

const TOP = 84;

/** Byte-identical for the same input; its date is `madeAt`. */
export async function printRehearsalReport(report: RehearsalReport): Promise<Uint8Array> {
  const { language, organisation } = report;
  const document = say({ language }, 'report.document', { organisation });
  const page = beginDocument(report.paper, document, report.madeAt, language);
  const { doc, left } = page;
  const training = report.mode === 'training';
  doc.on('pageAdded', () => {
    if (training) trainingMark(page, { x: left, y: 130, width: COLUMN, height: page.height - 230 }, []);
  });
  addPage(page);
  header(page, {
    title: say(page, 'report.title'),
    lines: [report.organisation, say(page, 'report.recomputed')],
    aside: {
      large: '',
      upper: say(page, training ? 'word.TRAINING' : 'word.LIVE'),
      lower: utc(report.madeAt).slice(0, 10),
    },
    training,
  });
  const flow = beginFlow(page, 112, TOP);
  for (const set of report.sets) {
    section(flow, say(page, 'report.sharesOf', { label: set.masterKey }), 90);
    const { epoch, ceremony, valid, threshold } = set;
    row(flow, say(page, 'sheet.shareSet'), say(page, 'report.set', { set: groupedHex(set.setId), epoch }));
    const madeAt = utc(new Date(set.madeAt));
    row(flow, say(page, 'sheet.made'), say(page, 'report.made', { at: madeAt, ceremony }));
    const counted = { valid, count: set.shares.length, threshold };
    row(flow, say(page, 'report.counting'), say(page, `report.counted.${set.alert}`, counted));
    for (const { share, custodian, proof, due } of set.shares) {
      const proven = {
        custodian,
        proof: tell(page, `proof.${proof.by}`),
        at: proof.at.slice(0, 10),
        due: due.slice(0, 10),
      };
      row(flow, say(page, 'report.share', { share }), say(page, 'report.proven', proven));
    }
  }
  for (const rehearsal of report.rehearsals) {
    const { title, ceremony } = rehearsal;
    section(flow, say(page, `report.${rehearsal.kind}`, { at: rehearsal.at.slice(0, 10) }), 90);
    row(flow, say(page, 'sheet.ceremony'), say(page, `report.${rehearsal.outcome}`, { title, ceremony }));
    row(flow, say(page, 'report.time'), utc(new Date(rehearsal.at)));
    row(flow, say(page, 'report.script'), groupedHex(rehearsal.scriptSha256));
    row(flow, say(page, 'sheet.shareSet'), groupedHex(rehearsal.setId));
    row(flow, say(page, 'report.opened'), rehearsal.shares.join(', '));
    for (const { label, shown } of rehearsal.keys) row(flow, label, tell(page, `shown.${shown}`));
    for (const { role, name } of rehearsal.people) row(flow, roleName(page, role), name);
  }
  if (report.rehearsals.length === 0) {
    section(flow, say(page, 'report.rehearsals'));
    put(doc, say(page, 'sheet.noneRecorded'), left, flow.y + 9, { face: 'regular', size: 9 });
    flow.y += 14;
  }
  section(flow, say(page, 'report.due'));
  for (const told of report.due) {
    const [what, { standing }] = [tellDue(page, told), told];
    const said =
      standing === 'later' ? what : say(page, 'report.dueSoon', { what, standing: tell(page, `standing.${standing}`) });
    row(flow, told.at.slice(0, 10), said);
  }
  keep(flow, 90);
  section(flow, say(page, 'report.from'), 60);
  const said = say(page, report.checkpoint ? 'report.checkpoint' : 'report.noCheckpoint');
  flow.y = paragraph(doc, said, left, flow.y + 9, COLUMN, { face: 'regular', size: 9 });
  for (const line of report.checkpoint?.text.trimEnd().split('\n') ?? []) {
    put(doc, line, left, flow.y + 6, STYLES.smallMono);
    flow.y += 10;
  }

  const { count } = doc.bufferedPageRange();
  for (let index = 0; index < count; index++) {
    doc.switchToPage(index);
    if (index > 0) runningHeader(page, { left: say(page, 'report.title'), right: report.organisation, training });
    footer(page, {
      left: say(page, 'report.foot', { at: utc(report.madeAt) }),
      right: say(page, 'foot.page', { number: index + 1, count, paper: report.paper }),
      below: '',
    });
  }
  return finish(page);
}
