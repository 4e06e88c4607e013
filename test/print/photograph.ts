import { crc32, deflateSync } from 'node:zlib';
import { type Pixels, pagePixels } from './poppler.ts';

/** A sheet as a camera sees it, without a camera: a grey picture of a page, taken again as often as somebody photographs the photograph. */
export type Photograph = { width: number; height: number; grey: Float64Array };

export function photographOf(pdf: Uint8Array, dpi: number): Photograph {
  const { width, height, rgb }: Pixels = pagePixels(pdf, dpi);
  const grey = Float64Array.from({ length: width * height }, (_, at) => {
    const [red = 0, green = 0, blue = 0] = rgb.subarray(3 * at, 3 * at + 3);
    return (red + green + blue) / 3;
  });
  return { width, height, grey };
}

/** Held at an angle, a little out of focus, in poor light, with the sensor's noise (grey levels, standard deviation). */
export function photographed(
  of: Photograph,
  how: { degrees: number; scale: number; blur: number; noise: number },
): Photograph {
  const [width, height] = [Math.round(of.width * how.scale), Math.round(of.height * how.scale)];
  const [sin, cos] = [Math.sin((how.degrees * Math.PI) / 180), Math.cos((how.degrees * Math.PI) / 180)];
  const light = (x: number, y: number) => 0.75 + (0.2 * (x + y)) / (width + height);
  const random = sequence();
  const grey = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [fromX, fromY] = [(x - width / 2) / how.scale, (y - height / 2) / how.scale];
      const seen = average(
        of,
        cos * fromX + sin * fromY + of.width / 2,
        cos * fromY - sin * fromX + of.height / 2,
        how.blur,
      );
      // The sum of three is close enough to a normal distribution, of deviation 1/2.
      const noise = how.noise * 2 * (random() + random() + random() - 1.5);
      grey[y * width + x] = Math.min(255, Math.max(0, 30 + seen * light(x, y) * 0.8 + noise));
    }
  }
  return { width, height, grey };
}

/** A piece of it: what is left after a tear, from and to as parts of its width and height. */
export function pieceOf(of: Photograph, across: [number, number], down: [number, number]): Photograph {
  const [left, right] = across.map((part) => Math.round(part * of.width)) as [number, number];
  const [top, bottom] = down.map((part) => Math.round(part * of.height)) as [number, number];
  const [width, height] = [right - left, bottom - top];
  const grey = Float64Array.from({ length: width * height }, (_, at) => {
    return of.grey[(top + Math.floor(at / width)) * of.width + left + (at % width)] ?? 0;
  });
  return { width, height, grey };
}

/** As a PNG file (ISO 15948), 8 bits grey. */
export function pngOf({ width, height, grey }: Photograph): Buffer {
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = Math.round(grey[y * width + x] ?? 0);
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(rows);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

/** The mean of the pixels around a point; beyond the page is a dark table. */
function average({ width, height, grey }: Photograph, x: number, y: number, radius: number): number {
  let [sum, count] = [0, 0];
  for (let dy = -radius; dy <= radius; dy++) {
    for (let dx = -radius; dx <= radius; dx++) {
      const [column, row] = [Math.round(x + dx), Math.round(y + dy)];
      const inside = column >= 0 && column < width && row >= 0 && row < height;
      sum += inside ? (grey[row * width + column] ?? 0) : 90;
      count += 1;
    }
  }
  return sum / count;
}

/** The same numbers in every run (Park and Miller 1988). */
function sequence(): () => number {
  let state = 20261122;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
