import { nameOfSecret } from '../contract/compliance.ts';
import type {
  AccessReport,
  EmergencyReport,
  InventoryReport,
  LossReport,
  RotationReport,
  ViolationReport,
} from '../contract/compliance.ts';
import { tell, tellReason } from '../contract/tell.ts';
import { row, section } from './fact-lines.ts';
import type { Flow } from './flow.ts';
import { type Period, type ReportFrame, beginReport, endReport, sourceOf } from './report-frame.ts';
import { put, utc } from './type.ts';
import { say } from './say.ts';

/** What auditors ask of keys and secrets, on paper: the same lines as in the table beside it. */

/** No more lines of one kind on paper: the table has them all. */
const LINES = 1000;

export async function printInventory(
  frame: ReportFrame,
  { source, keys, certificates, vaultKeys }: InventoryReport,
): Promise<Uint8Array> {
  const title = say(frame, 'compliance.inventory');
  const flow = beginReport(frame, title, sourceOf(frame, source));
  lines(flow, say(frame, 'compliance.keys'), keys, (key) => {
    const { algorithm, token, ceremony, destroyedAt } = key;
    const told = { algorithm, token, ceremony, made: day(key.madeAt), backups: key.backups.length };
    const end = destroyedAt === null ? [] : [say(frame, 'compliance.destroyed', { at: day(destroyedAt) })];
    return [key.label, [say(frame, 'compliance.key', told), ...end].join('; ')];
  });
  lines(flow, say(frame, 'compliance.certificates'), certificates, (certificate) => {
    const { name, algorithm, serial, sha256, revoked, replaced } = certificate;
    const told = { algorithm, from: day(certificate.notBefore), to: day(certificate.notAfter), serial, sha256 };
    const end = revoked
      ? [say(frame, 'compliance.revoked', { at: day(revoked.at) })]
      : replaced
        ? [say(frame, 'compliance.replaced')]
        : [];
    return [name, [say(frame, 'compliance.certificate', told), ...end].join('; ')];
  });
  lines(flow, say(frame, 'compliance.vaultKeys'), vaultKeys, ({ key, provider, state, at }) => [
    day(at),
    say(frame, 'compliance.vaultKey', { key, provider, state }),
  ]);
  return endReport(flow, frame, title);
}

export async function printRotation(frame: ReportFrame, { source, secrets }: RotationReport): Promise<Uint8Array> {
  const title = say(frame, 'compliance.rotation');
  const flow = beginReport(frame, title, sourceOf(frame, source));
  for (const standing of ['overdue', 'soon', 'later', 'never'] as const) {
    const of = secrets.filter((line) => line.standing === standing);
    lines(flow, tell(frame, `standing.${standing}`), of, (line) => [
      line.due === null ? '' : day(line.due),
      say(frame, 'compliance.secret', {
        ...{ secret: nameOfSecret(line), category: line.category, version: line.version, algorithm: line.algorithm },
        ...{ rotations: line.rotations, late: line.late, stored: day(line.storedAt) },
      }),
    ]);
  }
  return endReport(flow, frame, title);
}

export async function printAccess(frame: ReportFrame, report: AccessReport, period: Period): Promise<Uint8Array> {
  const title = say(frame, 'compliance.access');
  const flow = beginReport(frame, title, sourceOf(frame, report.source, period));
  lines(flow, say(frame, 'compliance.months'), report.months, ({ month, allowed, refused }) => [
    month,
    say(frame, 'compliance.counted', { allowed, refused }),
  ]);
  lines(flow, say(frame, 'compliance.uses'), report.lines, (line) => [
    line.principal,
    say(frame, 'compliance.use', {
      ...{ secret: nameOfSecret(line), allowed: line.allowed, refused: line.refused },
      ...{ first: day(line.first), last: day(line.last) },
    }),
  ]);
  return endReport(flow, frame, title);
}

export async function printViolations(
  frame: ReportFrame,
  { source, violations }: ViolationReport,
  period: Period,
): Promise<Uint8Array> {
  const title = say(frame, 'compliance.violations');
  const flow = beginReport(frame, title, sourceOf(frame, source, period));
  for (const what of ['rotation', 'damage', 'administration', 'access', 'login', 'alert'] as const) {
    const of = violations.filter((violation) => violation.what === what);
    lines(flow, tell(frame, `violation.${what}`), of, ({ at, seq, principal, address, secret, action, reason }) => [
      utc(new Date(at)),
      [
        ...[secret, principal, address, action].filter((part) => part !== ''),
        tellReason(frame, reason),
        say(frame, 'compliance.row', { seq }),
      ].join(', '),
    ]);
  }
  return endReport(flow, frame, title);
}

export async function printEmergencies(
  frame: ReportFrame,
  { source, emergencies }: EmergencyReport,
): Promise<Uint8Array> {
  const title = say(frame, 'compliance.emergencies');
  const flow = beginReport(frame, title, sourceOf(frame, source));
  for (const line of emergencies) {
    const { principal, reason, rights, scope, ended, endedAt, operations, reviewedBy, reviewedAt, finding } = line;
    section(flow, say(frame, 'compliance.emergency', { at: utc(new Date(line.openedAt)), principal }), 60);
    row(flow, say(frame, 'compliance.reason'), reason);
    row(flow, say(frame, 'compliance.rights'), say(frame, 'compliance.rightsIn', { rights, scope }));
    row(
      flow,
      say(frame, 'compliance.until'),
      say(frame, `compliance.ended.${ended}`, { at: utc(new Date(endedAt ?? line.expiresAt)) }),
    );
    row(flow, say(frame, 'compliance.operations'), String(operations));
    const review =
      reviewedBy === null
        ? say(frame, 'compliance.notReviewed')
        : say(frame, 'compliance.reviewed', { by: reviewedBy, at: day(reviewedAt ?? ''), finding: finding ?? '' });
    row(flow, say(frame, 'compliance.review'), review);
  }
  if (emergencies.length === 0) lines(flow, title, emergencies, () => ['', '']);
  return endReport(flow, frame, title);
}

export async function printLosses(frame: ReportFrame, report: LossReport): Promise<Uint8Array> {
  const title = say(frame, 'compliance.losses');
  const flow = beginReport(frame, title, sourceOf(frame, report.source));
  lines(flow, say(frame, 'compliance.keysThatStand'), report.keys, ({ label, purpose, algorithm, backups }) => [
    label,
    say(frame, 'compliance.keyThatStands', { purpose, algorithm, backups }),
  ]);
  lines(flow, say(frame, 'compliance.reissue'), report.reissue, ({ name, serial, sha256, notAfter }) => [
    name,
    say(frame, 'compliance.toReissue', { to: day(notAfter), serial, sha256 }),
  ]);
  for (const remedy of ['reissue', 'replace', 'reset'] as const) {
    const of = report.secrets.filter((secret) => secret.remedy === remedy);
    lines(flow, say(frame, `compliance.remedy.${remedy}`), of, (secret) => [
      secret.category,
      say(frame, 'compliance.lostSecret', { secret: nameOfSecret(secret), version: secret.version }),
    ]);
  }
  return endReport(flow, frame, title);
}

/** A section of lines, or the word that there are none. */
function lines<Line>(flow: Flow, title: string, of: Line[], told: (line: Line) => [string, string]): void {
  section(flow, title, 60);
  for (const line of of.slice(0, LINES)) row(flow, ...told(line));
  if (of.length > LINES) row(flow, '', say(flow.page, 'compliance.more', { count: of.length - LINES }));
  if (of.length > 0) return;
  put(flow.page.doc, say(flow.page, 'sheet.noneRecorded'), flow.page.left, flow.y + 9, { face: 'regular', size: 9 });
  flow.y += 14;
}

function day(at: string): string {
  return at.slice(0, 10);
}
