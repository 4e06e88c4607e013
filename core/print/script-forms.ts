import { ROLE_NAMES, type Role, type Script } from '../contract/script.ts';
import { keep, type Flow } from './flow.ts';
import { writingLines } from './form.ts';
import { COLUMN, rule } from './page.ts';
import { ruledTable } from './ruled-table.ts';
import { COLOURS, paragraph, put, STYLES } from './type.ts';

/** The pages of a paper script that are filled in by hand. */

/** A file that a step takes in: `label` as the screen asks for it. */
export type WordsToCompare = { step: number; label: string; optional: boolean };
/** Something besides the shares that goes into a sealed bag or envelope. `holder`: empty if the script does not say. */
export type Sealed = { step: number; what: string; holder: string };

const WORDS = 16;
/** Words of a checkpoint: every byte of its root. */
const ROOT_WORDS = 32;

export function people(flow: Flow, { participants }: Script): void {
  heading(flow, 'People and signatures');
  lead(
    flow,
    'Each writes name and time when coming in. At the end each signs: I was present; what is initialled here was done as it is written, and what was not is on the exception sheet.',
  );
  const rows = (Object.entries(participants) as [Role, number][]).flatMap(([role, count]) =>
    Array.from({ length: count }, (_, index) => [count > 1 ? `${ROLE_NAMES[role]} ${index + 1}` : ROLE_NAMES[role]]),
  );
  const columns = (first: string) => [
    { label: first, width: 118, style: STYLES.strong },
    { label: 'Name, in capitals', width: 145 },
    { label: 'Signature', width: 140 },
    { label: 'Came, UTC', width: 45 },
    { label: 'Left, UTC', width: 45 },
  ];
  ruledTable(flow, columns('Role'), rows, 34);
  flow.y += 14;
  ruledTable(flow, columns('Others in the room'), [[], [], [], []], 34);
}

export function words(flow: Flow, incoming: WordsToCompare[]): void {
  heading(flow, 'Words to compare');
  lead(
    flow,
    'Write down the words that came with a paper or a file, before the screen shows its own. Then tick each that matches.',
  );
  const blocks: WordBlock[] = [
    {
      title: 'Previous checkpoint',
      text: 'From the transcript of the ceremony before this one; none before the first.',
      count: ROOT_WORDS,
      fields: ['Ceremony', 'Rows', 'Compared by'],
    },
    ...incoming.map(({ step, label, optional }) => ({
      title: `${label}, step ${step}`,
      text: `SHA-256 of the file, first ${WORDS} bytes${optional ? '; may be left out' : ''}.`,
      count: WORDS,
      fields: ['Brought by', 'On which medium', 'Compared by'],
    })),
    {
      title: 'Another file',
      text: `SHA-256 of the file, first ${WORDS} bytes.`,
      count: WORDS,
      fields: ['What it is', 'Brought by', 'Compared by'],
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
  heading(flow, 'Bags, envelopes and seals');
  if (shareCount > 0) {
    lead(
      flow,
      'One bag for the sheet and another for the card with its passphrase, kept in different places. Each number is read aloud from the bag.',
    );
    const rows = Array.from({ length: shareCount }, (_, index) => [String(index + 1)]);
    ruledTable(
      flow,
      [
        { label: 'Share', width: 32, style: { face: 'bold', size: 12 } },
        { label: 'Custodian', width: 107 },
        { label: 'Sheet’s bag', width: 62 },
        { label: 'Seal', width: 62 },
        { label: 'Card’s bag', width: 62 },
        { label: 'Seal', width: 62 },
        { label: 'Places: sheet, card', width: 106 },
      ],
      rows,
      shareCount > 7 ? 26 : 34,
    );
    flow.y += 16;
  }
  const rows = [
    ...others.map(({ step, what, holder }) => [`${what}, step ${step}`, holder]),
    ['First medium'],
    ['Second medium'],
    ['This paper and the transcript'],
    [],
    [],
  ];
  ruledTable(
    flow,
    [
      { label: 'What else is sealed', width: 160, style: STYLES.strong },
      { label: 'Who takes it', width: 105 },
      { label: 'Bag or envelope', width: 72 },
      { label: 'Seal', width: 72 },
      { label: 'Place', width: 84 },
    ],
    rows,
    28,
  );
  keep(flow, 50);
  writingLines(flow.page, ['Numbers read by', 'Numbers written by', 'Witness, signature'], flow.y + 20, 22);
  flow.y += 50;
}

export function files(flow: Flow, writes: string[][]): void {
  heading(flow, 'Files, and the checkpoint at the end');
  lead(
    flow,
    'Every file that this script writes. Tick it on each medium when it has been read back there and compared.',
  );
  const rows = writes.flatMap((written, index) => written.map((file) => [String(index + 1), file]));
  ruledTable(
    flow,
    [
      { label: 'Step', width: 40, style: STYLES.strong },
      { label: 'File', width: 273, style: STYLES.mono },
      { label: 'First medium', width: 90 },
      { label: 'Second medium', width: 90 },
    ],
    rows,
    18,
  );
  flow.y += 12;
  wordBlock(flow, {
    title: 'Checkpoint at the end',
    text: 'From the transcript, to be brought to the next ceremony.',
    count: ROOT_WORDS,
    fields: ['Rows', 'Written by', 'Compared by'],
  });
}

const EXCEPTION_ROW = 44;

/** The page is filled with rows: nobody knows how many there will be. */
export function exceptions(flow: Flow): void {
  heading(flow, 'Exceptions');
  lead(
    flow,
    'What was not as the script says: what happened, why, and what was done instead. Breaks too, with the time at which they began and ended. Each is recorded on the screen as a deviation as well.',
  );
  const count = Math.floor((flow.bottom - flow.y - 60) / EXCEPTION_ROW);
  ruledTable(
    flow,
    [
      { label: 'No.', width: 28, style: { face: 'bold', size: 11 } },
      { label: 'Time, UTC', width: 52 },
      { label: 'Step', width: 36 },
      { label: 'What', width: 247 },
      { label: 'Who', width: 80 },
      { label: 'Initials', width: 50 },
    ],
    Array.from({ length: count }, (_, index) => [String(index + 1)]),
    EXCEPTION_ROW,
  );
  writingLines(
    flow.page,
    ['Number of exceptions', 'Ceremony administrator, signature', 'Witness, signature'],
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
