import type { Locale } from '../contract/messages/locale.ts';
import type { Bag, CustodyRegister, SheetAtLarge } from '../contract/custody.ts';
import { tellPaper } from '../contract/tell.ts';
import { wordsOf } from '../contract/words.ts';
import { beginFlow, keep, type Flow } from './flow.ts';
import { writingLines } from './form.ts';
import { footer, header, runningHeader } from './frame.ts';
import { addPage, beginDocument, COLUMN, finish, rule, type Page, type PaperName } from './page.ts';
import { trainingMark } from './training.ts';
import { COLOURS, field, groupedHex, groupedWords, paragraph, put, STYLES, utc, wrap } from './type.ts';
import { say } from './say.ts';

/** A custody register on paper: who keeps what where, and lines for those to sign whose rows changed. */
export type CustodySheet = {
  language: Locale;
  organisation: string;
  /** The ceremony's title. */
  ceremony: string;
  register: CustodyRegister;
  /** Of custody.json. Hex. */
  fileSha256: string;
  /** Each change in words. */
  changes: { item: string; text: string }[];
  /** Hex. */
  scriptSha256: string;
  paper: PaperName;
};

const TOP = 84;
const BAGS_AT = 168;
const PLACE = { label: 'sheet.keptAt', x: BAGS_AT + 34, width: 138 } as const;
const BAG = { label: 'sheet.bag', x: BAGS_AT + 180, width: 68 } as const;
const SEAL = { label: 'sheet.seal', x: BAGS_AT + 255, width: 70 } as const;
const NAME = { face: 'bold', size: 10.5 } as const;
const NUMBER = { face: 'monoBold', size: 9.5 } as const;
const LINE = 15;
const LEADING = 12;
const SIGNING = 46;

/** Byte-identical for the same input; its date is the register's. */
export async function printCustodySheet(sheet: CustodySheet): Promise<Uint8Array> {
  const { register, fileSha256 } = sheet;
  const at = new Date(register.at);
  const { language } = sheet;
  const title = say({ language }, 'custody.document', { number: register.number, set: register.setId });
  const page = beginDocument(sheet.paper, title, at, language);
  const { doc, left } = page;
  const training = register.mode === 'training';
  doc.on('pageAdded', () => {
    if (training) trainingMark(page, { x: left, y: 130, width: COLUMN, height: page.height - 230 }, []);
  });
  addPage(page);
  header(page, {
    title: say(page, 'custody.title'),
    lines: [sheet.organisation, sheet.ceremony],
    aside: { large: `${register.number}`, upper: say(page, 'custody.number'), lower: utc(at).slice(0, 10) },
    training,
  });
  const wide = { x: left, labelWidth: 90, width: COLUMN };
  const hex = { face: 'mono', size: 8 } as const;
  field(
    doc,
    say(page, 'sheet.shareSet'),
    groupedHex(register.setId),
    { ...wide, baseline: 126 },
    { face: 'monoBold', size: 9 },
  );
  field(doc, say(page, 'sheet.ceremony'), `${register.ceremony}, ${utc(at)}`, { ...wide, baseline: 142 });
  field(doc, 'custody.json', groupedWords(wordsOf(Buffer.from(fileSha256, 'hex').subarray(0, 8))), {
    ...wide,
    baseline: 158,
  });
  field(doc, 'SHA-256', groupedHex(fileSha256), { ...wide, baseline: 172 }, hex);
  const before = register.previous === null ? say(page, 'custody.first') : groupedHex(register.previous);
  field(
    doc,
    say(page, 'custody.before'),
    before,
    { ...wide, baseline: 186 },
    register.previous === null ? STYLES.value : hex,
  );

  const flow = beginFlow(page, 200, TOP);
  heading(flow, say(page, 'custody.shares'));
  for (const { share, custodian, sheet: sheetBag, card } of register.shares) {
    const change = changeOf(sheet, `share-${share}`);
    block(
      flow,
      `${share}`,
      custodian,
      [
        [say(page, 'custody.sheet'), sheetBag],
        [say(page, 'custody.card'), card],
      ],
      change,
      signersOf(page, register, share, custodian),
    );
  }
  if (register.papers.length > 0) heading(flow, say(page, 'custody.others'));
  for (const { item, what: _, ...bag } of register.papers)
    block(flow, '', tellPaper(page, item), [[say(page, 'custody.sheet'), bag]], changeOf(sheet, item), []);
  if (register.stillValid) sheetsAtLarge(flow, register.stillValid.sheets);
  keep(flow, 74);
  flow.y = paragraph(
    doc,
    say(page, register.previous === null ? 'custody.said' : 'custody.saidAgain'),
    left,
    flow.y + 16,
    COLUMN,
    STYLES.body,
  );
  writingLines(
    page,
    [say(page, 'form.dateUtc'), say(page, 'form.witness'), say(page, 'form.administrator')],
    flow.y + 12,
    26,
  );

  const { count } = doc.bufferedPageRange();
  for (let index = 0; index < count; index++) {
    doc.switchToPage(index);
    if (index > 0) {
      const right = say(page, 'labels.running', { set: groupedHex(register.setId) });
      runningHeader(page, { left: say(page, 'custody.running', { number: register.number }), right, training });
    }
    footer(page, {
      left: say(page, 'custody.foot', { number: register.number, ceremony: register.ceremony }),
      right: say(page, 'foot.page', { number: index + 1, count, paper: sheet.paper }),
      below: say(page, 'foot.script', { hash: groupedHex(sheet.scriptSha256) }),
    });
  }
  return finish(page);
}

/** What is in no bag and still opens, in words nobody can overlook. */
function sheetsAtLarge(flow: Flow, sheets: SheetAtLarge[]): void {
  const { page } = flow;
  const { doc, left } = page;
  keep(flow, 110);
  put(doc, say(page, 'custody.stillOpen'), left, flow.y + 20, STYLES.heading);
  flow.y = paragraph(doc, say(page, 'custody.stillValid'), left, flow.y + 36, COLUMN, STYLES.strong, {
    leading: LEADING,
  });
  for (const { setId, share, epoch, custodian, why } of sheets) {
    const text = say(page, 'custody.atLarge', { share, epoch, set: groupedHex(setId), custodian, why });
    const lines = wrap(doc, text, COLUMN, STYLES.body);
    keep(flow, lines.length * LEADING + 6);
    lines.forEach((line, index) => {
      put(doc, line, left, flow.y + 12 + index * LEADING, STYLES.body);
    });
    flow.y += lines.length * LEADING + 4;
  }
  rule(page, flow.y + 4);
  flow.y += 4;
}

function heading(flow: Flow, title: string): void {
  keep(flow, 110);
  const { page } = flow;
  put(page.doc, title, page.left, flow.y + 20, STYLES.heading);
  for (const { label, x } of [PLACE, BAG, SEAL])
    put(page.doc, say(page, label), page.left + x, flow.y + 20, STYLES.small);
  flow.y += 26;
  rule(page, flow.y, 0.75, COLOURS.ink);
}

/** One share or sheet, never broken over two pages. */
function block(
  flow: Flow,
  number: string,
  name: string,
  bags: [string, Bag][],
  change: string | null,
  signers: string[],
): void {
  const { page } = flow;
  const { doc, left } = page;
  const inset = number === '' ? 0 : 30;
  const names = wrap(doc, name, BAGS_AT - inset - 12, NAME);
  // A place may be a whole address: it takes as many lines as it needs.
  const placed = bags.map(([of, bag]) => ({ of, bag, lines: wrap(doc, bag.place, PLACE.width, STYLES.value) }));
  const rows = placed.reduce((sum, { lines }) => sum + (lines.length - 1) * LEADING + LINE, 0);
  const changes = change === null ? [] : wrap(doc, change, COLUMN - BAGS_AT, STYLES.body);
  const height = 10 + Math.max(rows, names.length * LEADING) + changes.length * LEADING + (changes.length > 0 ? 4 : 0);
  keep(flow, height + (signers.length > 0 ? SIGNING : 0) + 4);
  const top = flow.y;
  put(doc, number, left, top + 19, { face: 'bold', size: 15 });
  names.forEach((line, index) => {
    put(doc, line, left + inset, top + 18 + index * LEADING, NAME);
  });
  let baseline = top + 18;
  for (const { of, bag, lines } of placed) {
    put(doc, of, left + BAGS_AT, baseline, STYLES.label);
    put(doc, bag.bag, left + BAG.x, baseline, NUMBER, { width: BAG.width });
    put(doc, bag.seal, left + SEAL.x, baseline, NUMBER, { width: SEAL.width });
    lines.forEach((line, index) => {
      put(doc, line, left + PLACE.x, baseline + index * LEADING, STYLES.value);
    });
    baseline += (lines.length - 1) * LEADING + LINE;
  }
  changes.forEach((line, index) => {
    put(doc, line, left + BAGS_AT, top + height - (changes.length - 1 - index) * LEADING - 2, STYLES.body);
  });
  flow.y = top + height;
  if (signers.length > 0) {
    writingLines(page, signers, flow.y + 14, 24);
    flow.y += SIGNING;
  }
  flow.y += 4;
  rule(page, flow.y);
}

function changeOf({ changes }: CustodySheet, item: string): string | null {
  return changes.find((change) => change.item === item)?.text ?? null;
}

/** Who receives a share, both parties of a hand-over, or the custodian whose bags changed. */
function signersOf(page: Page, { changes, previous }: CustodyRegister, share: number, custodian: string): string[] {
  const at = say(page, 'form.dateUtc');
  if (previous === null) return [say(page, 'custody.received', { custodian }), at];
  const change = changes.find(({ item }) => item === `share-${share}`);
  if (!change) return [];
  const { handOver, replaced } = change;
  if (replaced) return [say(page, 'custody.takesNew', { custodian: replaced.to }), at];
  if (!handOver) return [say(page, 'custody.signs', { custodian }), at];
  const { from, to } = handOver;
  return [say(page, 'custody.hands', { custodian: from }), say(page, 'custody.takes', { custodian: to }), at];
}
