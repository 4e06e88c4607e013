import { roleName } from '../contract/messages/role-names.ts';
import type { ReportSource } from '../contract/compliance.ts';
import type { CustodyOverview, Rehearsal } from '../contract/reports.ts';
import { tell, tellDue } from '../contract/tell.ts';
import { row, section } from './fact-lines.ts';
import { type ReportFrame, beginReport, endReport, sourceOf } from './report-frame.ts';
import { groupedHex, put, utc } from './type.ts';
import { say } from './say.ts';

/** What an auditor asks of a year: which rehearsals there were, what each showed, which shares count, what is due. */
export type PrintedRehearsals = ReportFrame & CustodyOverview & { source: ReportSource; rehearsals: Rehearsal[] };

export async function printRehearsalReport(report: PrintedRehearsals): Promise<Uint8Array> {
  const title = say(report, 'report.title');
  const flow = beginReport(report, title, sourceOf(report, report.source));
  const { page } = flow;
  const { doc, left } = page;
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
    for (const { share, ...absent } of rehearsal.absent) {
      row(flow, say(page, 'report.share', { share }), say(page, 'report.absent', absent));
    }
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
  return endReport(flow, report, title);
}
