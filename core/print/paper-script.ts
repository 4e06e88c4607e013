import type { Locale } from '../contract/messages/locale.ts';
import type { Script } from '../contract/script.ts';
import { wordsOf } from '../contract/words.ts';
import { beginFlow, type Flow } from './flow.ts';
import { instructions, writingLines } from './form.ts';
import { footer, header, runningHeader } from './frame.ts';
import { addPage, beginDocument, COLUMN, finish, rule, type Page, type PaperName } from './page.ts';
import { exceptions, files, people, sealed, type Sealed, words, type WordsToCompare } from './script-forms.ts';
import { scriptSteps } from './script-steps.ts';
import { passphraseCards } from './passphrase-cards.ts';
import { newPage } from './ruled-table.ts';
import { COLOURS, field, groupedHex, paragraph, put, STYLES } from './type.ts';
import { say } from './say.ts';

/** A ceremony script on paper: what the room follows, initials and signs while the screen does the same steps. */
export type PaperScript = {
  script: Script;
  /** Hex, of the script's file. */
  sha256: string;
  /** The files that each step writes, in the script's order. */
  writes: string[][];
  incoming: WordsToCompare[];
  /** Whether shares are put in bags, and what else is sealed. */
  shares: boolean;
  /** Whether custodians choose passphrases, and write them on cards. */
  cards: boolean;
  sealed: Sealed[];
  paper: PaperName;
  /** Of everything but the script's own words. */
  language: Locale;
};

const TOP = 84;
const CONTENTS_ROW = 14;

/** A line of the contents. */
type Entry = { title: string; steps: string; page: number };

/** Byte-identical for the same input: it says nothing of the day on which it was made. */
export async function printPaperScript(paper: PaperScript): Promise<{ pdf: Uint8Array; pages: number }> {
  const { script, language } = paper;
  const document = say({ language }, 'script.document', { title: script.title });
  const page = beginDocument(paper.paper, document, null, language);
  const { doc } = page;
  addPage(page);
  header(page, {
    title: say(page, 'script.title'),
    lines: [script.organisation, script.title],
    aside: {
      large: String(script.steps.length),
      upper: say(page, 'script.steps'),
      lower: say(page, 'script.asOnScreen'),
    },
    training: false,
  });
  const flow = beginFlow(page, 116, TOP);
  const contentsAt = cover(flow, paper);

  const parts: Entry[] = [];
  const part = (title: string, draw: (flow: Flow) => void) => {
    newPage(flow);
    parts.push({ title, page: doc.bufferedPageRange().count, steps: '' });
    draw(flow);
  };
  part(say(page, 'script.people'), (on) => {
    people(on, script);
  });
  newPage(flow);
  const sections = scriptSteps(flow, script.steps);
  part(say(page, 'script.words'), (on) => {
    words(on, paper.incoming);
  });
  part(say(page, 'script.sealed'), (on) => {
    sealed(on, paper.shares ? script.policy.shareCount : 0, paper.sealed);
  });
  part(say(page, 'script.files'), (on) => {
    files(on, paper.writes);
  });
  part(say(page, 'script.exceptions'), exceptions);
  if (paper.cards) {
    part(say(page, 'script.cards'), (on) => {
      passphraseCards(on, {
        organisation: script.organisation,
        ceremony: script.title,
        shareCount: script.policy.shareCount,
      });
    });
  }

  const { count } = doc.bufferedPageRange();
  doc.switchToPage(0);
  const [first, ...others] = parts;
  const all = sections.map(({ section, first: from, last, page: on }): Entry => {
    const steps = from === last ? say(page, 'script.step', { step: from }) : fromTo(page, from, last);
    return { title: section, page: on, steps };
  });
  const steps = fromTo(page, 1, script.steps.length);
  const whole: Entry = { title: say(page, 'script.allSteps'), page: all[0]?.page ?? 0, steps };
  // Sections that do not all fit on the page go as one.
  const room = 2 * Math.floor((page.height - 130 - contentsAt - 10) / CONTENTS_ROW);
  const fits = all.length + parts.length <= room;
  contents(page, contentsAt, [...(first ? [first] : []), ...(fits ? all : [whole]), ...others]);
  for (let index = 0; index < count; index++) {
    doc.switchToPage(index);
    if (index > 0) {
      runningHeader(page, {
        left: say(page, 'script.running', { title: script.title }),
        right: script.organisation,
        training: false,
      });
    }
    footer(page, {
      left: say(page, 'script.initialPages'),
      right: say(page, 'foot.page', { number: index + 1, count, paper: paper.paper }),
      below: say(page, 'foot.script', { hash: groupedHex(paper.sha256) }),
    });
  }
  return { pdf: await finish(page), pages: count };
}

function fromTo(page: Page, from: number, to: number): string {
  return say(page, 'script.stepsFromTo', { from, to });
}

/** All of the first page but its contents; answers where those go. */
function cover(flow: Flow, { script, sha256 }: PaperScript): number {
  const { page } = flow;
  const { doc, left } = page;
  let y = paragraph(doc, script.purpose, left, flow.y + 12, COLUMN, { face: 'regular', size: 10 }) + 12;
  heading(page, say(page, 'script.inWords'), y);
  const told = say(page, 'script.inWordsText');
  y = paragraph(doc, told, left, y + 20, COLUMN, STYLES.body) + 2;
  y = tickedWords(page, wordsOf(Buffer.from(sha256, 'hex').subarray(0, 8)), y) + 14;
  field(
    doc,
    'SHA-256',
    groupedHex(sha256),
    { x: left, labelWidth: 48, width: COLUMN, baseline: y },
    { face: 'mono', size: 8 },
  );
  y += 26;
  heading(page, say(page, 'script.day'), y);
  y = modes(page, y + 16) + 16;
  writingLines(page, [say(page, 'form.date'), say(page, 'form.place'), say(page, 'script.ceremony')], y);
  writingLines(page, [say(page, 'script.began'), say(page, 'script.clock'), say(page, 'script.ended')], y + 40);
  y += 84;
  const { policy, participants } = script;
  const held = Object.values(participants).reduce((sum, count) => sum + count, 0);
  const profile = policy.profile
    ? policy.exceptions
      ? say(page, 'script.except', { profile: policy.profile, exceptions: policy.exceptions.join(', ') })
      : policy.profile
    : say(page, 'script.noProfile');
  heading(page, say(page, 'script.policy'), y);
  const half = (COLUMN - 18) / 2;
  const at = (column: number, row: number) => ({
    ...{ x: left + column * (half + 18), labelWidth: 70, width: half, baseline: y + 20 + row * 15 },
  });
  const recover = say(page, 'script.recover', { threshold: policy.threshold, count: policy.shareCount });
  const characters = say(page, 'script.characters', { count: policy.passphraseMinimum });
  const roles = say(page, 'script.roles', { count: held, roles: Object.keys(participants).length });
  field(doc, say(page, 'script.shares'), recover, at(0, 0));
  field(doc, say(page, 'script.passphrases'), characters, at(1, 0));
  field(doc, say(page, 'script.peopleCount'), roles, at(0, 1));
  field(doc, say(page, 'script.profile'), profile, at(1, 1));
  instructions(page, howToUse(page), page.height - 118);
  return y + 62;
}

function howToUse(page: Page): { heading: string; text: string }[] {
  return [
    { heading: say(page, 'script.follow'), text: say(page, 'script.followText') },
    { heading: say(page, 'script.initial'), text: say(page, 'script.initialText') },
    { heading: say(page, 'script.exceptHow'), text: say(page, 'script.exceptText') },
    { heading: say(page, 'script.keep'), text: say(page, 'script.keepText') },
  ];
}

/** Room for eight words in two rows, each with its number and two boxes to tick. */
function tickedWords(page: Page, spoken: string[], y: number): number {
  const { doc, left } = page;
  const width = COLUMN / 4;
  const height = 34;
  spoken.forEach((word, index) => {
    const x = left + (index % 4) * width;
    const top = y + Math.floor(index / 4) * height;
    doc.rect(x, top, width, height).lineWidth(0.5).strokeColor(COLOURS.line).stroke();
    put(doc, String(index + 1), x + 5, top + 10, STYLES.small);
    put(doc, word, x + 5, top + 26, { face: 'bold', size: 13 }, { width: width - 46 });
    for (const box of [0, 1]) tickBox(page, x + width - 33 + box * 14, top + 17);
  });
  return y + Math.ceil(spoken.length / 4) * height;
}

function tickBox(page: Page, x: number, y: number, size = 10): void {
  page.doc.rect(x, y, size, size).lineWidth(0.75).strokeColor(COLOURS.ink).stroke();
}

/** The token decides whether a ceremony is live, so a script cannot know. */
function modes(page: Page, y: number): number {
  const { doc, left } = page;
  const half = (COLUMN - 18) / 2;
  const [training, live] = [left, left + half + 18];
  for (const [x, name, says] of [
    [training, say(page, 'script.training'), say(page, 'script.trainingText')],
    [live, say(page, 'script.live'), say(page, 'script.liveText')],
  ] as const) {
    tickBox(page, x, y, 14);
    put(doc, name, x + 22, y + 11, { face: 'bold', size: 11 });
    put(doc, says, x + 78, y + 11, STYLES.body, { width: half - 78 });
  }
  return y + 14;
}

function contents(page: Page, y: number, entries: Entry[]): void {
  const { doc, left } = page;
  heading(page, say(page, 'script.contents'), y);
  // Two columns, each read down.
  const rows = Math.ceil(entries.length / 2);
  const half = (COLUMN - 18) / 2;
  entries.forEach(({ title, steps, page: on }, index) => {
    const x = left + (index < rows ? 0 : half + 18);
    const baseline = y + 20 + (index % rows) * CONTENTS_ROW;
    put(doc, title, x, baseline, STYLES.body, { width: half - 96 });
    put(doc, steps, x + half - 24, baseline, STYLES.label, { align: 'right' });
    put(doc, String(on), x + half, baseline, STYLES.strong, { align: 'right' });
  });
}

function heading(page: Page, title: string, baseline: number): void {
  put(page.doc, title, page.left, baseline, STYLES.heading);
  rule(page, baseline + 6, 0.75, COLOURS.ink);
}
