import type { Mode } from '../contract/ceremony.ts';
import { type Due, PROOFS, type Rehearsal, type ShareSetStanding } from '../contract/reports.ts';
import { row, section } from './fact-lines.ts';
import { beginFlow, keep } from './flow.ts';
import { footer, header, runningHeader } from './frame.ts';
import { addPage, beginDocument, COLUMN, finish, type PaperName } from './page.ts';
import { trainingMark } from './training.ts';
import { groupedHex, paragraph, put, STYLES, utc } from './type.ts';

/** What an auditor asks of a year: which rehearsals there were, what each showed, which shares count, what is due. */
export type RehearsalReport = {
  organisation: string;
  mode: Mode;
  madeAt: Date;
  rehearsals: Rehearsal[];
  sets: ShareSetStanding[];
  due: Due[];
  /** The newest signed checkpoint of the ledger that all this is from; null if there is none. */
  checkpoint: { text: string; at: Date } | null;
  paper: PaperName;
};

const TITLE = 'Report of rehearsals';
const TOP = 84;

/** Byte-identical for the same input; its date is `madeAt`. */
export async function printRehearsalReport(report: RehearsalReport): Promise<Uint8Array> {
  const page = beginDocument(report.paper, `${TITLE} of ${report.organisation}`, report.madeAt);
  const { doc, left } = page;
  const training = report.mode === 'training';
  doc.on('pageAdded', () => {
    if (training) trainingMark(page, { x: left, y: 130, width: COLUMN, height: page.height - 230 }, []);
  });
  addPage(page);
  header(page, {
    title: TITLE,
    lines: [report.organisation, 'Recomputed from the ledger'],
    aside: { large: '', upper: training ? 'TRAINING' : 'LIVE', lower: utc(report.madeAt).slice(0, 10) },
    training,
  });
  const flow = beginFlow(page, 112, TOP);
  for (const set of report.sets) {
    section(flow, `Shares of ${set.masterKey}`, 90);
    row(flow, 'Share set', `${groupedHex(set.setId)}, epoch ${set.epoch}`);
    row(flow, 'Made', `${utc(new Date(set.madeAt))}, ceremony ${set.ceremony}`);
    row(
      flow,
      'Shares that count',
      `${set.valid} of ${set.shares.length}; ${set.threshold} are needed${ALERTS[set.alert]}`,
    );
    for (const { share, custodian, proof, due } of set.shares) {
      row(
        flow,
        `Share ${share}`,
        `${custodian}: ${PROOFS[proof.by]} ${proof.at.slice(0, 10)}, due ${due.slice(0, 10)}`,
      );
    }
  }
  for (const rehearsal of report.rehearsals) {
    section(flow, `${KINDS[rehearsal.kind]}, ${rehearsal.at.slice(0, 10)}`, 90);
    row(flow, 'Ceremony', `${rehearsal.title} (${rehearsal.ceremony}), ${rehearsal.outcome}`);
    row(flow, 'Time', utc(new Date(rehearsal.at)));
    row(flow, 'Script SHA-256', groupedHex(rehearsal.scriptSha256));
    row(flow, 'Share set', groupedHex(rehearsal.setId));
    row(flow, 'Shares opened', rehearsal.shares.join(', '));
    for (const { label, shown } of rehearsal.keys) row(flow, label, shown);
    for (const { role, name } of rehearsal.people) row(flow, role, name);
  }
  if (report.rehearsals.length === 0) {
    section(flow, 'Rehearsals');
    put(doc, 'None was recorded.', left, flow.y + 9, { face: 'regular', size: 9 });
    flow.y += 14;
  }
  section(flow, 'Due');
  for (const { what, at, standing } of report.due) {
    row(flow, at.slice(0, 10), standing === 'later' ? what : `${what} (${standing})`);
  }
  keep(flow, 90);
  section(flow, 'Where this is from', 60);
  const said = report.checkpoint
    ? 'Every line can be recomputed from the ledger whose newest signed checkpoint is this one:'
    : 'No checkpoint of this ledger has been signed yet.';
  flow.y = paragraph(doc, said, left, flow.y + 9, COLUMN, { face: 'regular', size: 9 });
  for (const line of report.checkpoint?.text.trimEnd().split('\n') ?? []) {
    put(doc, line, left, flow.y + 6, STYLES.smallMono);
    flow.y += 10;
  }

  const { count } = doc.bufferedPageRange();
  for (let index = 0; index < count; index++) {
    doc.switchToPage(index);
    if (index > 0) runningHeader(page, { left: TITLE, right: report.organisation, training });
    footer(page, {
      left: `${TITLE}, ${utc(report.madeAt)}`,
      right: `Page ${index + 1} of ${count}  ·  ${report.paper}`,
      below: '',
    });
  }
  return finish(page);
}

const ALERTS = {
  none: '',
  thin: '. ONE MORE LOSS AND THE NEXT ONE IS FATAL: replace or re-share now',
  broken: '. FEWER THAN ARE NEEDED: attest now',
} as const;
const KINDS = { attestation: 'Attestation', recovery: 'Recovery' } as const;
