import { roleName } from '../contract/messages/role-names.ts';
import type { Role } from '../contract/roles.ts';
import type { ScriptStep } from '../contract/script.ts';
import type { Flow } from './flow.ts';
import { COLUMN, rule, type Page } from './page.ts';
import { newPage } from './ruled-table.ts';
import { COLOURS, put, STYLES, wrap, type Doc, type Style } from './type.ts';
import { say } from './say.ts';

/** The steps of a paper script: what is done and said, by whom, and where each of them initials it with the time. */

const NUMBER_WIDTH = 34;
const BOX = { width: 60, height: 27, gap: 5 } as const;
const TIME_WIDTH = 54;
const INITIALS_WIDTH = 2 * BOX.width + BOX.gap;
const TEXT_WIDTH = COLUMN - NUMBER_WIDTH - INITIALS_WIDTH - TIME_WIDTH - 2 * 14;
const TITLE = { style: { face: 'bold', size: 10.5 }, leading: 13 } as const;
const BODY = { style: { face: 'regular', size: 9 }, leading: 11.5 } as const;
const SPOKEN = { style: { face: 'regular', size: 9.5 }, leading: 12.5 } as const;
const WHO = { style: STYLES.label, leading: 10.5 } as const;
const VALUES = { face: 'mono', size: 7.5 } as const;
const ROW_LEADING = 10;
/** Of a parameter's name. */
const LABEL_WIDTH = 80;
const INSET = 8;
/** More lines of parameters than this are not set: the script's file has them. */
const MOST_ROWS = 24;

/** What a section's heading and the column heads under it take. */
const SECTION_HEAD = 44;
const COLUMN_HEADS = 14;

export type PaperSection = { section: string; first: number; last: number; page: number };

/** Every section under its heading; answers each section's first and last step and its page, from 1. */
export function scriptSteps(flow: Flow, steps: ScriptStep[]): PaperSection[] {
  const blocks = steps.map((step, index) => ({
    ...layStep(flow.page, step),
    ...{ step, number: index + 1, begins: steps[index - 1]?.section !== step.section },
  }));
  const sections: PaperSection[] = [];
  for (const [page, on] of pagesOf(blocks, flow).entries()) {
    if (page > 0) newPage(flow);
    for (const [index, block] of on.entries()) {
      if (block.begins) {
        flow.y += index > 0 ? 12 : 0;
        put(flow.page.doc, block.step.section, flow.page.left, flow.y + 10, STYLES.heading);
        flow.y += SECTION_HEAD - 12 - COLUMN_HEADS;
        const { count } = flow.page.doc.bufferedPageRange();
        sections.push({ section: block.step.section, first: block.number, last: block.number, page: count });
      }
      if (block.begins || index === 0) columnHeads(flow);
      const section = sections.at(-1);
      if (section) section.last = block.number;
      drawStep(flow, block);
    }
  }
  return sections;
}

/** The steps by page: on no more pages than they need, and on each about as much, so that no step is left alone at the end. */
function pagesOf<B extends { height: number; begins: boolean }>(blocks: B[], { top, bottom }: Flow): B[][] {
  const filledTo = (room: number) => {
    const pages: B[][] = [];
    let used = Infinity;
    for (const block of blocks) {
      const height = block.height + (block.begins ? SECTION_HEAD : 0);
      if (used + height > room) {
        pages.push([]);
        used = block.begins ? 0 : COLUMN_HEADS;
      }
      pages.at(-1)?.push(block);
      used += height;
    }
    return pages;
  };
  const whole = bottom - top;
  const fewest = filledTo(whole).length;
  let room = whole;
  while (room > whole / 3 && filledTo(room - 6).length === fewest) room -= 6;
  return filledTo(room);
}

function columnHeads(flow: Flow): void {
  const { doc, left, right } = flow.page;
  const baseline = flow.y + 9;
  put(doc, say(flow.page, 'sheet.step'), left, baseline, STYLES.small);
  put(doc, say(flow.page, 'script.activity'), left + NUMBER_WIDTH, baseline, STYLES.small);
  put(doc, say(flow.page, 'script.initials'), initialsAt(right), baseline, STYLES.small);
  put(doc, say(flow.page, 'script.time'), right - TIME_WIDTH, baseline, STYLES.small);
  flow.y += COLUMN_HEADS;
  rule(flow.page, flow.y, 0.75, COLOURS.ink);
}

function initialsAt(right: number): number {
  return right - TIME_WIDTH - 14 - INITIALS_WIDTH;
}

type Lines = { lines: string[]; style: Style; leading: number };
type Row = { label: string; value: string };
type Block = { title: Lines; instruction: Lines; spoken: Lines; who: Lines; rows: Row[]; height: number };

function layStep(page: Page, step: ScriptStep): Block {
  const { doc } = page;
  const lay = (text: string, form: { style: Style; leading: number }, width = TEXT_WIDTH): Lines => ({
    lines: wrap(doc, text, width, form.style),
    ...form,
  });
  const title = lay(step.title, TITLE);
  const instruction = lay(step.instruction, BODY);
  const spoken = lay(step.readAloud ?? '', SPOKEN, TEXT_WIDTH - 2 * INSET);
  const who = lay(whoDoes(page, step), WHO);
  const facts = Object.entries(step.parameters).map(([label, value]) => ({ label, value: said(value) }));
  const all = facts.flatMap(({ label, value }) =>
    wrap(doc, value, TEXT_WIDTH - LABEL_WIDTH, VALUES).map((line, index) => ({
      label: index === 0 ? label : '',
      value: line,
    })),
  );
  const more = { label: say(page, 'script.more'), value: say(page, 'script.moreText') };
  const rows = all.length > MOST_ROWS ? [...all.slice(0, MOST_ROWS), more] : all;
  const text = [title, instruction, who].reduce((sum, lines) => sum + heightOf(lines), 0);
  const boxes = Math.ceil((1 + step.confirming.length) / 2) * (BOX.height + BOX.gap);
  const height = Math.max(text + spokenHeight(spoken) + (rows.length + 1) * ROW_LEADING + 18, boxes + 16);
  return { title, instruction, spoken, who, rows, height };
}

function heightOf({ lines, leading }: Lines): number {
  return lines.length * leading;
}

function spokenHeight(spoken: Lines): number {
  return spoken.lines.length === 0 ? 0 : heightOf(spoken) + 29;
}

function drawStep(flow: Flow, block: Block & { step: ScriptStep; number: number }): void {
  const { step, number } = block;
  const { page } = flow;
  const { doc, left, right } = page;
  const x = left + NUMBER_WIDTH;
  const top = flow.y;
  let baseline = top + 18;
  const set = ({ lines, style, leading }: Lines, at = x) => {
    for (const line of lines) {
      put(doc, line, at, baseline, style);
      baseline += leading;
    }
  };
  put(doc, String(number), left, baseline, { face: 'bold', size: 15 });
  set(block.title);
  set(block.instruction);
  if (block.spoken.lines.length > 0) {
    const box = baseline - 5;
    doc.rect(x, box, TEXT_WIDTH, heightOf(block.spoken) + 20).fill(COLOURS.tint);
    put(doc, say(page, 'script.readAloud'), x + INSET, box + 11, STYLES.small);
    baseline = box + 24;
    set(block.spoken, x + INSET);
    baseline = box + heightOf(block.spoken) + 20 + 14;
  }
  baseline += 2;
  set(block.who);
  put(doc, say(page, 'script.onScreen'), x, baseline, STYLES.small, { width: LABEL_WIDTH - 4 });
  put(doc, step.primary, x + LABEL_WIDTH, baseline, { face: 'bold', size: 8 });
  baseline += ROW_LEADING;
  for (const { label, value } of block.rows) {
    put(doc, label, x, baseline, STYLES.small, { width: LABEL_WIDTH - 4 });
    put(doc, value, x + LABEL_WIDTH, baseline, VALUES);
    baseline += ROW_LEADING;
  }
  [step.acting, ...step.confirming].forEach((role, index) => {
    const at = initialsAt(right) + (index % 2) * (BOX.width + BOX.gap);
    writingBox(
      doc,
      shortName(page, role),
      at,
      top + 8 + Math.floor(index / 2) * (BOX.height + BOX.gap),
      BOX.width,
      index === 0,
    );
  });
  writingBox(doc, '', right - TIME_WIDTH, top + 8, TIME_WIDTH, true);
  flow.y = top + block.height;
  rule(page, flow.y);
}

/** Who acts initials in the heavier box. */
function writingBox(doc: Doc, label: string, x: number, y: number, width: number, heavy: boolean): void {
  doc
    .rect(x, y, width, BOX.height)
    .lineWidth(heavy ? 1 : 0.5)
    .strokeColor(heavy ? COLOURS.ink : COLOURS.soft)
    .stroke();
  put(doc, label, x + 3, y + 7.5, { ...STYLES.small, size: 6.5 }, { width: width - 6 });
}

function shortName(page: Page, role: Role): string {
  return role === 'ceremonyAdministrator' ? say(page, 'script.administrator') : roleName(page, role);
}

function whoDoes(page: Page, step: ScriptStep): string {
  // German writes its nouns with a capital.
  const nameOf = (role: Role) => (page.language === 'en' ? roleName(page, role).toLowerCase() : roleName(page, role));
  const acting = roleName(page, step.acting);
  const names = step.confirming.map(nameOf);
  const { length: count } = names;
  const last = names.at(-1);
  if (last === undefined) return say(page, 'script.acts', { acting });
  const first = names.slice(0, -1).join(', ');
  const confirming = count === 1 ? last : say(page, 'script.and', { first, second: last });
  return say(page, 'script.actsConfirmed', { acting, confirming, count });
}

/** A parameter's value as a reviewer reads it. */
function said(value: unknown): string {
  if (Array.isArray(value)) return value.map(said).join(', ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([key, part]) => `${key} ${said(part)}`)
    .join('; ');
}
