import type { Fact } from '../contract/ceremony.ts';
import { GUTTER_WIDTH, keep, TEXT_WIDTH, type Flow } from './flow.ts';
import { rule, type Page } from './page.ts';
import { COLOURS, groupedHex, groupedWords, put, STYLES, widthOf, wrap, type Style } from './type.ts';
import { say } from './say.ts';

/** What a step recorded, as lines of a transcript: one printed form for each kind of fact. */

const LABEL_WIDTH = 100;
const LEADING = 12;
const MONO = { face: 'mono', size: 8.5 } as const;
/** 32 bytes in hex fit on one line. */
const HEX = { face: 'mono', size: 7 } as const;
const PLAIN = { face: 'regular', size: 9 } as const;
const WORDS = { face: 'bold', size: 8.5 } as const;

type Verdict = Extract<Fact, { kind: 'check' }>['verdict'];
type Line = { label: string; value: string; style: Style; verdict?: Verdict };

/** A fact broken into lines, before it is known on which page they stand. */
export function layFact(page: Page, fact: Fact): Line[] {
  switch (fact.kind) {
    case 'row':
      return lay(page, fact.label, fact.value, fact.mono ? MONO : PLAIN);
    case 'words':
      return [...lay(page, fact.label, groupedWords(fact.words), WORDS), ...lay(page, '', groupedHex(fact.hex), HEX)];
    case 'file':
      return [
        ...lay(page, say(page, 'sheet.file'), fact.path, WORDS),
        ...lay(page, 'SHA-256', groupedHex(fact.sha256), HEX),
      ];
    case 'check': {
      const [first, ...others] = lay(page, fact.label, fact.detail, PLAIN);
      return first ? [{ ...first, verdict: fact.verdict }, ...others] : [];
    }
  }
}

function lay({ doc }: Page, label: string, value: string, style: Style): Line[] {
  const labels = wrap(doc, label, LABEL_WIDTH - 8, STYLES.label);
  const values = wrap(doc, value, TEXT_WIDTH - LABEL_WIDTH, style);
  return Array.from({ length: Math.max(labels.length, values.length, 1) }, (_, line) => ({
    label: labels[line] ?? '',
    value: values[line] ?? '',
    style,
  }));
}

export function heightOf(lines: Line[]): number {
  return lines.length * LEADING;
}

/** Draws one fact's lines, together on one page unless they are many. */
export function drawFact(flow: Flow, lines: Line[]): void {
  keep(flow, Math.min(heightOf(lines), 8 * LEADING));
  const { doc, left } = flow.page;
  const x = left + GUTTER_WIDTH;
  for (const { label, value, style, verdict } of lines) {
    keep(flow, LEADING);
    const baseline = flow.y + 9;
    if (verdict) badge(flow, verdict);
    put(doc, label, x, baseline, STYLES.label);
    put(doc, value, x + LABEL_WIDTH, baseline, style);
    flow.y += LEADING;
  }
}

/** Told apart by word and by shape, so that a black and white copy says the same. */
function badge(flow: Flow, verdict: Verdict): void {
  const { doc, left } = flow.page;
  const style = { face: 'bold', size: 7 } as const;
  const word = say(flow.page, `verdict.${verdict}`);
  const width = widthOf(doc, word, style) + 8;
  const x = left + GUTTER_WIDTH - width - 8;
  doc.rect(x, flow.y + 1.5, width, 10);
  if (verdict === 'no-go') doc.fill(COLOURS.ink);
  else if (verdict === 'go') doc.fill(COLOURS.tint);
  else doc.lineWidth(1).strokeColor(COLOURS.ink).stroke();
  const colour = verdict === 'no-go' ? '#ffffff' : COLOURS.ink;
  put(doc, word, x + width / 2, flow.y + 9, { ...style, colour }, { align: 'centre' });
}

/** A plain fact, at once. */
export function row(flow: Flow, label: string, value: string): void {
  drawFact(flow, layFact(flow.page, { kind: 'row', label, value }));
}

/** A heading that keeps `after` points of what follows on its page. */
export function section(flow: Flow, title: string, after = 30): void {
  keep(flow, 34 + after);
  flow.y += 16;
  put(flow.page.doc, title, flow.page.left, flow.y + 10, STYLES.heading);
  rule(flow.page, flow.y + 16, 0.75, COLOURS.ink);
  flow.y += 22;
}
