import QRCode from 'qrcode';
import type { Box } from './page.ts';
import { COLOURS, type Doc } from './type.ts';

/** QR codes (ISO/IEC 18004) as vectors: sharp at every resolution, and readable from a poor copy. */

export type Level = 'M' | 'Q' | 'H';

const QUIET_MODULES = 4;

export type Code = {
  text: string;
  level: Level;
  version?: number;
  modules: number;
  dark(row: number, column: number): boolean;
};

/** Alphanumeric mode: digits, upper-case letters and ` $%*+-./:`. The version is the smallest that holds the text unless given. */
export function codeOf(text: string, level: Level, version?: number): Code {
  const made = QRCode.create([{ data: text, mode: 'alphanumeric' }], {
    errorCorrectionLevel: level,
    ...(version === undefined ? {} : { version }),
  });
  return { text, level, modules: made.modules.size, dark: (row, column) => made.modules.get(row, column) === 1 };
}

/** Byte mode, for text that is more than capitals: a checkpoint. */
export function byteCodeOf(text: string, level: Level): Code {
  const made = QRCode.create([{ data: new TextEncoder().encode(text), mode: 'byte' }], { errorCorrectionLevel: level });
  return { text, level, modules: made.modules.size, dark: (row, column) => made.modules.get(row, column) === 1 };
}

/** The code with its quiet zone, if its black modules fill `size` points from x, y. Nothing else may be printed in it. */
export function clearBox(code: Code, x: number, y: number, size: number): Box {
  const quiet = (size / code.modules) * QUIET_MODULES;
  return { x: x - quiet, y: y - quiet, width: size + 2 * quiet, height: size + 2 * quiet };
}

/** Draws the black modules into the square of `size` points at x, y, as one path so that no hairline shows between modules. */
export function drawCode(doc: Doc, code: Code, x: number, y: number, size: number): void {
  const module = size / code.modules;
  for (let row = 0; row < code.modules; row++) {
    for (let column = 0; column < code.modules; column++) {
      if (!code.dark(row, column)) continue;
      let end = column + 1;
      while (end < code.modules && code.dark(row, end)) end++;
      doc.rect(x + column * module, y + row * module, (end - column) * module, module);
      column = end;
    }
  }
  doc.fill(COLOURS.code);
}
