import { roleName } from '../contract/messages/role-names.ts';
import type { Role } from '../contract/roles.ts';
import type { Script } from '../contract/script.ts';
import { keep, type Flow } from './flow.ts';
import { writingLines } from './form.ts';
import { COLUMN, rule } from './page.ts';
import { ruledTable } from './ruled-table.ts';
import { COLOURS, paragraph, put, STYLES } from './type.ts';
import { say } from './say.ts';

/** The pages of a paper script that are filled in by hand. */

/** A file that a step takes in: `label` as the screen asks for it. */
export type WordsToCompare = { step: number; label: string; optional: boolean };
/** Something besides the shares that goes into a sealed bag or envelope. `holder`: empty if the script does not say. */
export type Sealed = { step: number; what: string; holder: string };

const WORDS = 16;
/** Words of a checkpoint: every byte of its root. */
const ROOT_WORDS = 32;

export function people(flow: Flow, { participants }: Script): void {
  const { page } = flow;
  heading(flow, say(page, 'script.people'));
  lead(flow, say(page, 'forms.peopleLead'));
  const rows = (Object.entries(participants) as [Role, number][]).flatMap(([role, count]) =>
    Array.from({ length: count }, (_, index) => [
      count > 1 ? `${roleName(page, role)} ${index + 1}` : roleName(page, role),
    ]),
  );
  const columns = (first: string) => [
    { label: first, width: 118, style: STYLES.strong },
    { label: say(page, 'forms.name'), width: 145 },
    { label: say(page, 'form.signature'), width: 140 },
    { label: say(page, 'forms.came'), width: 45 },
    { label: say(page, 'forms.left'), width: 45 },
  ];
  ruledTable(flow, columns(say(page, 'forms.role')), rows, 34);
  flow.y += 14;
  ruledTable(flow, columns(say(page, 'forms.others')), [[], [], [], []], 34);
}

export function words(flow: Flow, incoming: WordsToCompare[]): void {
  const { page } = flow;
  heading(flow, say(page, 'script.words'));
  lead(flow, say(page, 'forms.wordsLead'));
  const comparedBy = say(page, 'form.comparedBy');
  const blocks: WordBlock[] = [
    {
      title: say(page, 'forms.previous'),
      text: say(page, 'forms.previousText'),
      count: ROOT_WORDS,
      fields: [say(page, 'sheet.ceremony'), say(page, 'forms.rows'), comparedBy],
    },
    ...incoming.map(({ step, label, optional }) => ({
      title: say(page, 'forms.atStep', { what: label, step }),
      text: say(page, optional ? 'forms.fileOptional' : 'forms.fileText', { bytes: WORDS }),
      count: WORDS,
      fields: [say(page, 'form.broughtBy'), say(page, 'forms.medium'), comparedBy],
    })),
    {
      title: say(page, 'forms.anotherFile'),
      text: say(page, 'forms.fileText', { bytes: WORDS }),
      count: WORDS,
      fields: [say(page, 'forms.whatItIs'), say(page, 'form.broughtBy'), comparedBy],
    },
  ];
  for (const block of blocks) wordBlock(flow, block);
}

const WORD_ROW = 22;
type WordBlock = { title: string; text: string; count: number; fields: string[] };

function wordBlock(flow: Flow, { title, text, count, fields }: WordBlock): void {
  const { page } = flow;
  const { doc, left } = page;
  const height = 20 + (count / 4) * WORD_ROW + 29 + 16;
  keep(flow, height);
  put(doc, title, left, flow.y + 12, { face: 'bold', size: 10.5 });
  put(doc, text, page.right, flow.y + 12, STYLES.label, { align: 'right', width: COLUMN * 0.62 });
  const top = flow.y + 20;
  const width = COLUMN / 4;
  for (let index = 0; index < count; index++) {
    const x = left + (index % 4) * width;
    const y = top + Math.floor(index / 4) * WORD_ROW;
    doc.rect(x, y, width, WORD_ROW).lineWidth(0.5).strokeColor(COLOURS.line).stroke();
    put(doc, String(index + 1), x + 4, y + 9, STYLES.small);
    doc
      .rect(x + width - 14, y + 8, 8, 8)
      .lineWidth(0.5)
      .strokeColor(COLOURS.ink)
      .stroke();
  }
  writingLines(page, fields, top + (count / 4) * WORD_ROW + 11, 18);
  flow.y += height;
}

export function sealed(flow: Flow, shareCount: number, others: Sealed[]): void {
  const { page } = flow;
  heading(flow, say(page, 'script.sealed'));
  if (shareCount > 0) {
    lead(flow, say(page, 'forms.bagsLead'));
    const rows = Array.from({ length: shareCount }, (_, index) => [String(index + 1)]);
    ruledTable(
      flow,
      [
        { label: say(page, 'sheet.share'), width: 32, style: { face: 'bold', size: 12 } },
        { label: say(page, 'sheet.custodian'), width: 107 },
        { label: say(page, 'forms.sheetBag'), width: 62 },
        { label: say(page, 'sheet.seal'), width: 62 },
        { label: say(page, 'forms.cardBag'), width: 62 },
        { label: say(page, 'sheet.seal'), width: 62 },
        { label: say(page, 'forms.places'), width: 106 },
      ],
      rows,
      shareCount > 7 ? 26 : 34,
    );
    flow.y += 16;
  }
  const rows = [
    ...others.map(({ step, what, holder }) => [say(page, 'forms.atStep', { what, step }), holder]),
    [say(page, 'sheet.firstMedium')],
    [say(page, 'sheet.secondMedium')],
    [say(page, 'forms.thisPaper')],
    [],
    [],
  ];
  ruledTable(
    flow,
    [
      { label: say(page, 'forms.whatElse'), width: 160, style: STYLES.strong },
      { label: say(page, 'forms.whoTakes'), width: 105 },
      { label: say(page, 'forms.bagOrEnvelope'), width: 72 },
      { label: say(page, 'sheet.seal'), width: 72 },
      { label: say(page, 'form.place'), width: 84 },
    ],
    rows,
    28,
  );
  keep(flow, 50);
  const signing = [say(page, 'forms.numbersRead'), say(page, 'forms.numbersWritten'), say(page, 'form.witness')];
  writingLines(page, signing, flow.y + 20, 22);
  flow.y += 50;
}

export function files(flow: Flow, writes: string[][]): void {
  const { page } = flow;
  heading(flow, say(page, 'forms.filesTitle'));
  lead(flow, say(page, 'forms.filesLead'));
  const rows = writes.flatMap((written, index) => written.map((file) => [String(index + 1), file]));
  ruledTable(
    flow,
    [
      { label: say(page, 'sheet.step'), width: 40, style: STYLES.strong },
      { label: say(page, 'sheet.file'), width: 273, style: STYLES.mono },
      { label: say(page, 'sheet.firstMedium'), width: 90 },
      { label: say(page, 'sheet.secondMedium'), width: 90 },
    ],
    rows,
    18,
  );
  flow.y += 12;
  wordBlock(flow, {
    title: say(page, 'forms.checkpoint'),
    text: say(page, 'forms.checkpointText'),
    count: ROOT_WORDS,
    fields: [say(page, 'forms.rows'), say(page, 'form.writtenBy'), say(page, 'form.comparedBy')],
  });
}

const EXCEPTION_ROW = 44;

/** The page is filled with rows: nobody knows how many there will be. */
export function exceptions(flow: Flow): void {
  const { page } = flow;
  heading(flow, say(page, 'script.exceptions'));
  lead(flow, say(page, 'forms.exceptionsLead'));
  const count = Math.floor((flow.bottom - flow.y - 60) / EXCEPTION_ROW);
  ruledTable(
    flow,
    [
      { label: say(page, 'forms.number'), width: 28, style: { face: 'bold', size: 11 } },
      { label: say(page, 'script.time'), width: 52 },
      { label: say(page, 'sheet.step'), width: 36 },
      { label: say(page, 'forms.what'), width: 247 },
      { label: say(page, 'forms.who'), width: 80 },
      { label: say(page, 'script.initials'), width: 50 },
    ],
    Array.from({ length: count }, (_, index) => [String(index + 1)]),
    EXCEPTION_ROW,
  );
  writingLines(
    page,
    [say(page, 'forms.count'), say(page, 'form.administrator'), say(page, 'form.witness')],
    flow.y + 18,
    22,
  );
}

function heading(flow: Flow, title: string): void {
  put(flow.page.doc, title, flow.page.left, flow.y + 12, { face: 'bold', size: 15 });
  rule(flow.page, flow.y + 20, 0.75, COLOURS.ink);
  flow.y += 26;
}

function lead(flow: Flow, text: string): void {
  flow.y = paragraph(flow.page.doc, text, flow.page.left, flow.y + 9, COLUMN, STYLES.body) - 2;
}
