/** What happens to paper: a grey picture of a page, made worse. Everything is drawn from a seed. */

export type Grey = { width: number; height: number; grey: Uint8Array };
export type Place = { x: number; y: number; width: number; height: number };
export type Random = () => number;

/** mulberry32: numbers from 0 to 1, the same for the same seed. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const clamp = (value: number) => Math.max(0, Math.min(255, Math.round(value)));

/** Turned about its middle on a white table, as large as it needs to be. */
export function rotated({ width, height, grey }: Grey, degrees: number): Grey {
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const wide = Math.ceil(Math.abs(width * cos) + Math.abs(height * sin));
  const high = Math.ceil(Math.abs(width * sin) + Math.abs(height * cos));
  const turned = new Uint8Array(wide * high).fill(255);
  for (let row = 0; row < high; row++) {
    for (let column = 0; column < wide; column++) {
      const [dx, dy] = [column - wide / 2, row - high / 2];
      const x = dx * cos + dy * sin + width / 2;
      const y = dy * cos - dx * sin + height / 2;
      if (x < 0 || y < 0 || x >= width - 1 || y >= height - 1) continue;
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const [fx, fy] = [x - left, y - top];
      const at = top * width + left;
      const above = (grey[at] as number) * (1 - fx) + (grey[at + 1] as number) * fx;
      const below = (grey[at + width] as number) * (1 - fx) + (grey[at + width + 1] as number) * fx;
      turned[row * wide + column] = above * (1 - fy) + below * fy;
    }
  }
  return { width: wide, height: high, grey: turned };
}

/** Out of focus: a Gaussian of that standard deviation, in pixels. */
export function blurred({ width, height, grey }: Grey, sigma: number): Grey {
  const reach = Math.ceil(sigma * 3);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, index) =>
    Math.exp(-((index - reach) ** 2) / (2 * sigma ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const pass = (from: Uint8Array, step: number, length: number, position: (at: number) => number) => {
    const to = new Uint8Array(from.length);
    for (let at = 0; at < from.length; at++) {
      const place = position(at);
      let value = 0;
      for (let offset = -reach; offset <= reach; offset++) {
        const shift = Math.max(-place, Math.min(length - 1 - place, offset));
        value += (from[at + shift * step] as number) * (weights[offset + reach] as number);
      }
      to[at] = clamp(value / sum);
    }
    return to;
  };
  const across = pass(grey, 1, width, (at) => at % width);
  return { width, height, grey: pass(across, width, height, (at) => Math.floor(at / width)) };
}

/** Grain of a bad scan or a dark room: Gaussian, of that standard deviation in grey levels. */
export function noisy({ width, height, grey }: Grey, deviation: number, random: Random): Grey {
  const grain = grey.map((value) => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return clamp(value + deviation * radius * Math.cos(2 * Math.PI * random()));
  });
  return { width, height, grey: grain };
}

/** Coffee: a blob with a ragged edge that covers that part of a code and lets nothing through. */
export function stained(page: Grey, code: Place, part: number, random: Random): Grey {
  const grey = page.grey.slice();
  const radius = Math.sqrt((code.width * code.height * part) / Math.PI);
  const { x, y } = centreAway(code, radius, random);
  const waves = [3, 5, 7].map((count) => ({ count, phase: random() * 2 * Math.PI, depth: 0.04 + 0.06 * random() }));
  forEachIn(
    page,
    { x: x - 1.4 * radius, y: y - 1.4 * radius, width: 2.8 * radius, height: 2.8 * radius },
    (at, px, py) => {
      const angle = Math.atan2(py - y, px - x);
      const edge = waves.reduce((sum, { count, phase, depth }) => sum + depth * Math.sin(count * angle + phase), 1);
      const far = Math.hypot(px - x, py - y) / (radius * edge);
      if (far < 1) grey[at] = far > 0.93 ? 70 : 110;
    },
  );
  return { ...page, grey };
}

/** A blob of that radius within the code that leaves the three squares in its corners alone: without them no reader knows where it is. */
function centreAway(code: Place, radius: number, random: Random): { x: number; y: number } {
  // A finder pattern and its separator: 8 of 57 modules.
  const finder = (code.width * 8) / 57;
  for (;;) {
    const x = code.x + radius * 0.6 + random() * (code.width - radius * 1.2);
    const y = code.y + radius * 0.6 + random() * (code.height - radius * 1.2);
    const clear = [
      [code.x, code.y],
      [code.x + code.width - finder, code.y],
      [code.x, code.y + code.height - finder],
    ].every(([fx = 0, fy = 0]) => {
      const [dx, dy] = [Math.max(fx - x, 0, x - fx - finder), Math.max(fy - y, 0, y - fy - finder)];
      return Math.hypot(dx, dy) > radius * 1.2;
    });
    if (clear) return { x, y };
  }
}

/** Torn off: the corner without a square, up to a ragged line, so that this part of the code is gone. */
export function torn(page: Grey, code: Place, part: number, random: Random): Grey {
  const grey = page.grey.slice();
  // The triangle x + y > limit, in a code whose sides are 1, has the area (2 - limit)^2 / 2.
  const limit = 2 - Math.sqrt(2 * part);
  const phase = random() * 2 * Math.PI;
  forEachIn(page, code, (at, px, py) => {
    const [u, v] = [(px - code.x) / code.width, (py - code.y) / code.height];
    const ragged = 0.012 * Math.sin(40 * (u - v) + phase) + 0.008 * Math.sin(97 * (u - v));
    if (u + v > limit + ragged) grey[at] = 250;
  });
  return { ...page, grey };
}

/** Folded along a line across the page and one down, at parts of its height and width: the toner breaks, one side lies darker and a little askew. */
export function folded(page: Grey, across: number, down: number): Grey {
  const { width, height } = page;
  const grey = new Uint8Array(page.grey.length);
  const [foldY, foldX] = [height * across, width * down];
  const crease = Math.max(1, width / 700);
  for (let row = 0; row < height; row++) {
    const shift = row > foldY ? Math.round((row - foldY) * 0.006) : 0;
    for (let column = 0; column < width; column++) {
      const at = row * width + column;
      const source = page.grey[row * width + Math.min(width - 1, column + shift)] as number;
      const near = Math.min(Math.abs(row - foldY), Math.abs(column - foldX));
      const shade = (row > foldY ? 0.84 : 1) * (column > foldX ? 0.9 : 1);
      grey[at] = near < crease ? clamp(source * 0.3 + 165) : clamp(source * shade);
    }
  }
  return { width, height, grey };
}

function forEachIn({ width, height }: Grey, place: Place, visit: (at: number, x: number, y: number) => void): void {
  const [left, right] = [Math.max(0, Math.floor(place.x)), Math.min(width, Math.ceil(place.x + place.width))];
  const [top, bottom] = [Math.max(0, Math.floor(place.y)), Math.min(height, Math.ceil(place.y + place.height))];
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) visit(y * width + x, x, y);
}
