import type { Box, Page } from './page.ts';
import { COLOURS, put, widthOf } from './type.ts';
import { say } from './say.ts';

/** TRAINING on paper, or EXERCISE: in words and pattern at the head, and across the page behind all else. */

const BAND = { y: 24, height: 15 } as const;
const WORD = { face: 'bold', size: 9.5, colour: COLOURS.trainingInk } as const;
/** What is marked so. */
export type Mark = 'TRAINING' | 'EXERCISE';

export function trainingBand(page: Page, mark: Mark = 'TRAINING'): void {
  const text = say(page, `mark.${mark}`);
  const { doc, left, right } = page;
  const { y, height } = BAND;
  const middle = (left + right) / 2;
  const word = widthOf(doc, text, WORD) / 2 + 14;
  for (const [from, to] of [
    [left, middle - word],
    [middle + word, right],
  ] as const) {
    doc
      .save()
      .rect(from, y, to - from, height)
      .clip();
    doc.rect(from, y, to - from, height).fill(COLOURS.trainingA);
    for (let x = left - height; x < to; x += 16) {
      doc.polygon([x, y + height], [x + height, y], [x + height + 8, y], [x + 8, y + height]).fill(COLOURS.trainingB);
    }
    doc.restore();
  }
  put(doc, text, middle, y + 11, WORD, { align: 'centre' });
}

/** Atkinson Hyperlegible's capitals, of the type size, and of the length of the word TRAINING. */
const CAP_HEIGHT = 0.668;
const CAPS_OF_LENGTH = 0.135;

/** The slope at which the word is longest and still inside the area. */
function longestDiagonal({ width, height }: Box): { degrees: number; length: number } {
  let best = { degrees: 15, length: 0 };
  for (let degrees = 15; degrees <= 85; degrees++) {
    const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
    const length = Math.min(width / (cos + CAPS_OF_LENGTH * sin), height / (sin + CAPS_OF_LENGTH * cos));
    if (length > best.length) best = { degrees, length };
  }
  return best;
}

/**
 * Sets the word from the lower left to the upper right of `area`, to be drawn before anything else. `clear` (the codes and their
 * quiet zones) is cut out, so that no ink of it comes near a code.
 */
export function trainingMark(page: Page, area: Box, clear: Box[], mark: Mark = 'TRAINING'): void {
  const { doc } = page;
  doc.save();
  // The page and the boxes as one even-odd path: inside a box is outside the clip.
  doc.rect(0, 0, page.width, page.height);
  for (const box of clear) doc.rect(box.x, box.y, box.width, box.height);
  doc.clip('even-odd');
  const word = say(page, `word.${mark}`);
  const unit = { face: 'bold', size: 100 } as const;
  const { degrees, length } = longestDiagonal(area);
  const size = (length / widthOf(doc, word, unit)) * 100;
  const x = area.x + area.width / 2;
  const y = area.y + area.height / 2;
  doc.rotate(-degrees, { origin: [x, y] });
  put(doc, word, x, y + (size * CAP_HEIGHT) / 2, { face: 'bold', size, colour: COLOURS.training }, { align: 'centre' });
  doc.restore();
}
