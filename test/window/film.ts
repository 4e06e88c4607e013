import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCodes } from '../../core/print/scan.ts';
import { findChromium } from '../../electron/chromium-binary.ts';
import { rasterised } from '../print/paper.ts';
import { type Grey, blurred, noisy, randomOf } from '../print/wear.ts';

/** A camera that is really a film: Chromium's fake device plays a file (YUV4MPEG2) over and over, whatever stands in it when a scan opens. */

const WIDTH = 1280;
const HEIGHT = 720;
const DPI = 100;
const TABLE = 96;

/** How the sheet is held: turned, so large, leaning (near and far edge), out of focus, in what light. */
type Held = { degrees: number; scale: number; lean: [across: number, down: number]; blur: number; light: number };

/** First nobody has it, then it is moved into sight, then held somehow. */
const HANDS: Held[] = [
  { degrees: 38, scale: 0.5, lean: [0.3, 0.2], blur: 5, light: 0.5 },
  { degrees: 9, scale: 1.3, lean: [0.12, -0.08], blur: 1.1, light: 0.8 },
  { degrees: -6, scale: 1.5, lean: [-0.1, 0.1], blur: 0.8, light: 0.7 },
];

export type Film = { show: (pdf: string) => Promise<void>; end: () => void };

/** From now on the Chromium that the window opens has this camera; nothing is granted to it by that. */
export function filmCamera(folder: string): Film {
  const executable = findChromium();
  if (executable === null) throw new Error('Chromium is not installed');
  const film = join(folder, 'film.y4m');
  const wrapper = join(folder, 'chromium-with-film');
  const switches = `--use-fake-device-for-media-stream --use-file-for-fake-video-capture='${film}'`;
  writeFileSync(wrapper, `#!/bin/sh\nexec '${executable}' ${switches} "$@"\n`);
  chmodSync(wrapper, 0o755);
  const before = process.env['CLAVIGER_CHROMIUM'];
  process.env['CLAVIGER_CHROMIUM'] = wrapper;
  play([tableOnly()]);
  return {
    show: async (pdf) => {
      const [page] = rasterised(readFileSync(pdf), DPI);
      if (!page) throw new Error(`${pdf} has no page`);
      const [code] = await findCodes(inColour(page));
      if (!code) throw new Error(`${pdf} has no code`);
      const [first, , opposite] = code.corners;
      const middle = { x: (first.x + opposite.x) / 2, y: (first.y + opposite.y) / 2 };
      const random = randomOf(20261122);
      play([tableOnly(), ...HANDS.map((held) => noisy(blurred(heldUp(page, middle, held), held.blur), 6, random))]);
    },
    end: () => {
      if (before === undefined) delete process.env['CLAVIGER_CHROMIUM'];
      else process.env['CLAVIGER_CHROMIUM'] = before;
    },
  };

  /** Each picture for a fifth of a second. Put in its place whole: a device that is open goes on with the film it has. */
  function play(pictures: Grey[]): void {
    const colourless = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
    const frames = pictures.flatMap(({ grey }) => [Buffer.from('FRAME\n'), Buffer.from(grey), colourless]);
    const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F5:1 Ip A1:1 C420jpeg\n`);
    writeFileSync(`${film}.new`, Buffer.concat([head, ...frames]));
    renameSync(`${film}.new`, film);
  }
}

function tableOnly(): Grey {
  return { width: WIDTH, height: HEIGHT, grey: new Uint8Array(WIDTH * HEIGHT).fill(TABLE) };
}

function inColour({ width, height, grey }: Grey) {
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  grey.forEach((value, at) => data.fill(value, 4 * at, 4 * at + 3));
  return { width, height, data };
}

/** What the camera sees of a page whose `middle` is held before it: a projection of a plane, and what is beside the page is table. */
function heldUp(page: Grey, middle: { x: number; y: number }, { degrees, scale, lean, light }: Held): Grey {
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const seen = tableOnly();
  for (let row = 0; row < HEIGHT; row++) {
    for (let column = 0; column < WIDTH; column++) {
      const [across, down] = [column - WIDTH / 2, row - HEIGHT / 2];
      const depth = scale * (1 + (lean[0] * across) / (WIDTH / 2) + (lean[1] * down) / (HEIGHT / 2));
      const x = (across * cos + down * sin) / depth + middle.x;
      const y = (down * cos - across * sin) / depth + middle.y;
      if (x < 0 || y < 0 || x >= page.width - 1 || y >= page.height - 1) continue;
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const at = (dx: number, dy: number) => page.grey[(top + dy) * page.width + left + dx] ?? TABLE;
      const above = at(0, 0) * (left + 1 - x) + at(1, 0) * (x - left);
      const below = at(0, 1) * (left + 1 - x) + at(1, 1) * (x - left);
      seen.grey[row * WIDTH + column] = 20 + light * (above * (top + 1 - y) + below * (y - top));
    }
  }
  return seen;
}
