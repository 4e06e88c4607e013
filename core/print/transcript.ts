import type { Fact, Mode } from '../contract/ceremony.ts';
import type { Locale } from '../contract/messages/locale.ts';
import { roleName } from '../contract/messages/role-names.ts';
import type { Role } from '../contract/roles.ts';
import type { Participant } from '../contract/script.ts';
import { drawFact, heightOf, layFact, row, section } from './fact-lines.ts';
import { beginFlow, GUTTER_WIDTH, keep, TEXT_WIDTH, type Flow } from './flow.ts';
import { byteCodeOf, drawCode } from './qr.ts';
import { footer, header, runningHeader } from './frame.ts';
import { addPage, beginDocument, COLUMN, type Page, finish, rule, type PaperName } from './page.ts';
import { trainingMark } from './training.ts';
import { COLOURS, field, groupedHex, groupedWords, paragraph, put, STYLES, utc, wrap } from './type.ts';
import { say } from './say.ts';

export type TranscriptStep = {
  /** The paper script's number. */
  number: number;
  section: string;
  title: string;
  at: Date;
  acted: Participant[];
  confirmed: Participant[];
  facts: Fact[];
};

/** The record of one ceremony for people to read and sign; transcript.json is the same for programs. */
export type Transcript = {
  organisation: string;
  title: string;
  ceremonyId: string;
  purpose: string;
  mode: Mode;
  language: Locale;
  /** Completed, or aborted and why: one sentence. */
  outcome: string;
  begunAt: Date;
  endedAt: Date;
  /** Hex. */
  scriptSha256: string;
  scriptWords: string[];
  /** The machine and its token, as label and value. */
  machine: { label: string; value: string }[];
  participants: Participant[];
  steps: TranscriptStep[];
  deviations: { at: Date; step: number; person: string; text: string }[];
  /** Of transcript.json, which says the same for programs and is signed. Hex, and its first bytes as words. */
  fileSha256: string;
  fileWords: string[];
  /** Of the ledger: what the next ceremony asks for. Its three lines, and its root as 32 words. */
  checkpoint: { text: string; size: number; words: string[] };
  paper: PaperName;
};

const TOP = 84;
/** Points: a version 6 code with modules of 0.8 mm. */
const CHECKPOINT_CODE = 96;

/** Several pages, byte-identical for the same input; its date is `endedAt`. */
export async function printTranscript(transcript: Transcript): Promise<Uint8Array> {
  const { language } = transcript;
  const document = say({ language }, 'transcript.document', { title: transcript.title });
  const page = beginDocument(transcript.paper, document, transcript.endedAt, language);
  const { doc } = page;
  const training = transcript.mode === 'training';
  // Behind means drawn first: the mark goes onto each page as it is added, before its text.
  doc.on('pageAdded', () => {
    if (training) trainingMark(page, { x: page.left, y: 130, width: COLUMN, height: page.height - 230 }, []);
  });
  addPage(page);
  header(page, {
    title: say(page, 'transcript.title'),
    lines: [transcript.organisation, transcript.title],
    aside: {
      large: '',
      upper: say(page, training ? 'word.TRAINING' : 'word.LIVE'),
      lower: utc(transcript.endedAt).slice(0, 10),
    },
    training,
  });
  const flow = beginFlow(page, 116, TOP);
  summary(flow, transcript);
  section(flow, say(page, 'transcript.machine'));
  for (const { label, value } of transcript.machine) row(flow, label, value);
  section(flow, say(page, 'transcript.people'));
  for (const { role, name } of transcript.participants) row(flow, roleName(page, role), name);
  let current = '';
  for (const step of transcript.steps) {
    if (step.section !== current) section(flow, step.section, 60);
    current = step.section;
    stepLines(flow, step);
  }
  section(flow, say(page, 'transcript.deviations'));
  deviations(flow, transcript);
  checkpoint(flow, transcript);
  signatures(flow, transcript);

  const { count } = doc.bufferedPageRange();
  for (let index = 0; index < count; index++) {
    doc.switchToPage(index);
    if (index > 0) {
      runningHeader(page, {
        left: say(page, 'transcript.running', { title: transcript.title }),
        right: transcript.organisation,
        training,
      });
    }
    footer(page, {
      left: transcript.ceremonyId,
      right: say(page, 'foot.page', { number: index + 1, count, paper: transcript.paper }),
      below: say(page, 'foot.script', { hash: groupedHex(transcript.scriptSha256) }),
    });
  }
  return finish(page);
}

function summary(flow: Flow, transcript: Transcript): void {
  const { page } = flow;
  const { doc, left } = page;
  const wide = { x: left, labelWidth: GUTTER_WIDTH, width: COLUMN };
  flow.y = paragraph(doc, transcript.purpose, left, flow.y + 12, COLUMN, { face: 'regular', size: 10 }) + 4;
  const line = (label: string, value: string, style?: { face: 'bold' | 'mono'; size: number }) => {
    field(doc, label, value, { ...wide, baseline: flow.y + 9 }, style);
    flow.y += 15;
  };
  const between = { from: utc(transcript.begunAt), to: utc(transcript.endedAt) };
  line(say(page, 'transcript.outcome'), transcript.outcome);
  line(say(page, 'sheet.ceremony'), transcript.ceremonyId);
  line(say(page, 'transcript.from'), say(page, 'transcript.between', between));
  line(say(page, 'transcript.scriptWords'), groupedWords(transcript.scriptWords));
  line('transcript.json', groupedWords(transcript.fileWords));
  line('SHA-256', groupedHex(transcript.fileSha256), { face: 'mono', size: 8 });
}

function stepLines(flow: Flow, step: TranscriptStep): void {
  const { page } = flow;
  const { doc, left } = page;
  const x = left + GUTTER_WIDTH;
  const title = { face: 'bold', size: 10.5 } as const;
  const titles = wrap(doc, step.title, TEXT_WIDTH, title);
  const facts = step.facts.map((fact) => layFact(page, fact));
  const height = facts.reduce((sum, lines) => sum + heightOf(lines), 13 * titles.length + 30);
  // A step stays on one page, unless it is so long that this would leave half a page empty.
  keep(flow, height < (flow.bottom - flow.top) / 2 ? height : 13 * titles.length + 54);
  put(doc, String(step.number), left, flow.y + 11, { face: 'bold', size: 15 });
  put(doc, step.at.toISOString().slice(11, 19), x - 8, flow.y + 11, STYLES.smallMono, { align: 'right' });
  flow.y = paragraph(doc, step.title, x, flow.y + 11, TEXT_WIDTH, title, { leading: 13 }) - 1;
  const people = named(page, step.acted);
  const who =
    step.confirmed.length === 0
      ? say(page, 'transcript.done', { people })
      : say(page, 'transcript.doneConfirmed', { people, confirming: named(page, step.confirmed) });
  flow.y = paragraph(doc, who, x, flow.y, TEXT_WIDTH, STYLES.label, { leading: 11 }) - 6;
  for (const lines of facts) drawFact(flow, lines);
  flow.y += 8;
  if (flow.y < flow.bottom) rule(page, flow.y - 3, 0.5);
  flow.y += 3;
}

function named(page: Page, people: Participant[]): string {
  // German writes its nouns with a capital.
  const nameOf = (role: Role) => (page.language === 'en' ? roleName(page, role).toLowerCase() : roleName(page, role));
  return people.length === 0
    ? say(page, 'transcript.nobody')
    : people.map(({ role, name }) => `${name} (${nameOf(role)})`).join(', ');
}

function deviations(flow: Flow, transcript: Transcript): void {
  const { page } = flow;
  const { doc, left } = page;
  if (transcript.deviations.length === 0) {
    keep(flow, 14);
    put(doc, say(page, 'sheet.noneRecorded'), left, flow.y + 9, { face: 'regular', size: 9 });
    flow.y += 14;
  }
  for (const { at, step, person, text } of transcript.deviations) {
    const when = say(page, 'transcript.step', { at: at.toISOString().slice(11, 19), step });
    row(flow, when, `${text} (${person})`);
  }
}

/** The ledger's checkpoint for the next ceremony: to scan, to read aloud, to type. */
function checkpoint(flow: Flow, { checkpoint: { text, size, words } }: Transcript): void {
  const { page } = flow;
  const { doc, left, right } = page;
  const code = byteCodeOf(text, 'M');
  const rows = Math.ceil(words.length / 4);
  const height = Math.max(CHECKPOINT_CODE + 12, rows * 13 + 52);
  keep(flow, 38 + height);
  section(flow, say(page, 'transcript.checkpoint'), height);
  const said = say(page, 'transcript.checkpointSaid', { size });
  const width = COLUMN - CHECKPOINT_CODE - 28;
  const top = flow.y;
  let y = paragraph(doc, said, left, top + 9, width, { face: 'regular', size: 9 }, { leading: 12 }) + 4;
  put(doc, say(page, 'transcript.size', { size }), left, y, STYLES.strong);
  y += 15;
  words.forEach((word, index) => {
    const x = left + (index % 4) * (width / 4);
    const baseline = y + Math.floor(index / 4) * 13;
    put(doc, String(index + 1), x + 12, baseline, STYLES.small, { align: 'right' });
    put(doc, word, x + 17, baseline, { face: 'bold', size: 9 });
  });
  drawCode(doc, code, right - CHECKPOINT_CODE - 4, top + 4, CHECKPOINT_CODE);
  flow.y = Math.max(top + CHECKPOINT_CODE + 8, y + rows * 13);
  for (const line of text.trimEnd().split('\n')) {
    put(doc, line, left, flow.y + 6, STYLES.smallMono);
    flow.y += 10;
  }
  flow.y += 4;
}

/** Everybody signs on one page where that is possible: the heading never stands alone. */
function signatures(flow: Flow, transcript: Transcript): void {
  const { page } = flow;
  const { doc, left, right } = page;
  const rowHeight = 47;
  const rows = Math.ceil(transcript.participants.length / 2);
  keep(flow, Math.min(34 + 20 + rows * rowHeight, flow.bottom - flow.top));
  section(flow, say(page, 'transcript.signatures'), 20 + rowHeight);
  put(doc, say(page, 'transcript.present'), left, flow.y + 9, { face: 'regular', size: 9 });
  flow.y += 16;
  const width = (COLUMN - 24) / 2;
  for (let at = 0; at < transcript.participants.length; at += 2) {
    keep(flow, rowHeight);
    transcript.participants.slice(at, at + 2).forEach(({ role, name }, column) => {
      const x = column === 0 ? left : right - width;
      put(doc, name, x, flow.y + 32, STYLES.strong, { width });
      put(doc, roleName(page, role), x, flow.y + 41, STYLES.small, { width });
      doc
        .moveTo(x, flow.y + 22)
        .lineTo(x + width, flow.y + 22)
        .lineWidth(0.75)
        .strokeColor(COLOURS.ink)
        .stroke();
    });
    flow.y += rowHeight;
  }
}
