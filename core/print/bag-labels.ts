import type { Locale } from '../contract/messages/locale.ts';
import type { Bag } from '../contract/custody.ts';
import { footer, header, runningHeader } from './frame.ts';
import { addPage, beginDocument, COLUMN, finish, type Page, type PaperName } from './page.ts';
import { COLOURS, groupedHex, put, STYLES, utc } from './type.ts';
import { say } from './say.ts';

/** Labels to cut out, one for each sealed bag: what is in it, whose it is and where it goes, beside the numbers that the bag itself carries. */
export type BagLabel = Bag & { what: string; inside: string; custodian: string | null };
export type BagLabels = {
  language: Locale;
  organisation: string;
  /** The ceremony's title. */
  ceremony: string;
  ceremonyId: string;
  /** Hex. */
  setId: string;
  labels: BagLabel[];
  at: Date;
  /** Hex. */
  scriptSha256: string;
  training: boolean;
  paper: PaperName;
};

const COLUMNS = 2;
const WIDTH = COLUMN / COLUMNS;
const HEIGHT = 128;
const FIRST_TOP = 136;
const TOP = 80;
const INSET = 12;
const NUMBER = { face: 'monoBold', size: 12.5 } as const;

/** As many pages as they need; byte-identical for the same input. */
export async function printBagLabels(sheet: BagLabels): Promise<Uint8Array> {
  const { language } = sheet;
  const document = say({ language }, 'labels.document', { set: sheet.setId });
  const page = beginDocument(sheet.paper, document, sheet.at, language);
  const { doc, left } = page;
  const { training } = sheet;
  addPage(page);
  header(page, {
    title: say(page, 'labels.title'),
    lines: [sheet.organisation, sheet.ceremony],
    aside: {
      large: '',
      upper: say(page, 'labels.bags', { count: sheet.labels.length }),
      lower: utc(sheet.at).slice(0, 10),
    },
    training,
  });
  put(doc, say(page, 'labels.cut'), left, 126, STYLES.body, { width: COLUMN });

  let top = FIRST_TOP;
  for (let at = 0; at < sheet.labels.length; at += COLUMNS) {
    if (top + HEIGHT > page.height - 52) {
      addPage(page);
      top = TOP;
    }
    sheet.labels.slice(at, at + COLUMNS).forEach((label, column) => {
      drawLabel(page, sheet, label, left + column * WIDTH, top);
    });
    top += HEIGHT;
  }

  const { count } = doc.bufferedPageRange();
  for (let index = 0; index < count; index++) {
    doc.switchToPage(index);
    const right = say(page, 'labels.running', { set: groupedHex(sheet.setId) });
    if (index > 0) runningHeader(page, { left: say(page, 'labels.title'), right, training });
    footer(page, {
      left: say(page, 'labels.foot', { ceremony: sheet.ceremonyId }),
      right: say(page, 'foot.page', { number: index + 1, count, paper: sheet.paper }),
      below: say(page, 'foot.script', { hash: groupedHex(sheet.scriptSha256) }),
    });
  }
  return finish(page);
}

function drawLabel(page: Page, sheet: BagLabels, label: BagLabel, x: number, y: number): void {
  const { doc } = page;
  const [inner, width] = [x + INSET, WIDTH - 2 * INSET];
  doc
    .save()
    .rect(x, y, WIDTH, HEIGHT)
    .lineWidth(0.5)
    .dash(3, { space: 3 })
    .strokeColor(COLOURS.soft)
    .stroke()
    .restore();
  if (sheet.training) trainingCorner(page, x, y);
  put(doc, label.what, inner, y + 24, { face: 'bold', size: 15 }, { width: sheet.training ? width - 66 : width });
  put(
    doc,
    label.custodian === null ? label.inside : `${label.inside}  ·  ${label.custodian}`,
    inner,
    y + 40,
    STYLES.value,
    { width },
  );
  const second = inner + width / 2;
  for (const [name, number, at] of [
    [say(page, 'sheet.bag'), label.bag, inner],
    [say(page, 'sheet.seal'), label.seal, second],
  ] as const) {
    put(doc, name, at, y + 58, STYLES.small);
    put(doc, number, at, y + 72, NUMBER, { width: width / 2 - 8 });
  }
  put(doc, say(page, 'sheet.keptAt'), inner, y + 86, STYLES.small);
  put(doc, label.place, inner, y + 98, STYLES.value, { width });
  const foot = say(page, 'labels.opened', { ceremony: sheet.ceremonyId, set: sheet.setId.slice(0, 8) });
  put(doc, foot, inner, y + 117, STYLES.small, { width });
}

/** In word and pattern, on every label: they are cut apart. */
function trainingCorner(page: Page, x: number, y: number): void {
  const { doc } = page;
  const box = { x: x + WIDTH - 72, y: y + 10, width: 62, height: 17 };
  doc.save().rect(box.x, box.y, box.width, box.height).clip();
  doc.rect(box.x, box.y, box.width, box.height).fill(COLOURS.trainingA);
  for (const at of [box.x - 6, box.x + box.width - 6]) {
    doc
      .polygon([at, box.y + box.height], [at + 12, box.y], [at + 18, box.y], [at + 6, box.y + box.height])
      .fill(COLOURS.trainingB);
  }
  doc.restore();
  const style = { face: 'bold', size: 8.5, colour: COLOURS.trainingInk } as const;
  put(doc, say(page, 'word.TRAINING'), box.x + box.width / 2, box.y + 11.5, style, { align: 'centre' });
}
