/** A line chart as SVG: both axes logarithmic, for what grows by powers of ten. Its colours are told apart by those who see few, and each line is named where it ends. */

type Line = { name: string; points: { x: number; y: number }[] };

const [WIDTH, HEIGHT] = [760, 420];
const [LEFT, RIGHT, TOP, BOTTOM] = [70, 200, 50, 50];
/** Okabe and Ito. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#555555'];
const LABEL_HEIGHT = 15;

export function lineChart({ title, lines }: { title: string; lines: Line[] }): string {
  const all = lines.flatMap(({ points }) => points).filter(({ y }) => Number.isFinite(y));
  const [xs, ys] = [all.map(({ x }) => Math.log10(x)), all.map(({ y }) => Math.log10(y))];
  const [fromX, toX] = [Math.min(...xs), Math.max(...xs)];
  const [fromY, toY] = [Math.floor(Math.min(...ys)), Math.ceil(Math.max(...ys))];
  const atX = (x: number) => LEFT + ((Math.log10(x) - fromX) / (toX - fromX || 1)) * (WIDTH - LEFT - RIGHT);
  const atY = (y: number) => HEIGHT - BOTTOM - ((Math.log10(y) - fromY) / (toY - fromY || 1)) * (HEIGHT - TOP - BOTTOM);
  const powers = (from: number, to: number) =>
    Array.from({ length: Math.floor(to) - Math.ceil(from) + 1 }, (_, index) => 10 ** (Math.ceil(from) + index));
  const grid = [
    ...powers(fromX, toX).map((x) =>
      axis(atX(x), HEIGHT - BOTTOM, atX(x), TOP, x.toLocaleString('en'), [atX(x), HEIGHT - BOTTOM + 20]),
    ),
    ...powers(fromY, toY).map((y) =>
      axis(LEFT, atY(y), WIDTH - RIGHT, atY(y), String(Number(y.toPrecision(1))), [LEFT - 30, atY(y) + 4]),
    ),
  ];
  // From the top down, each label below the one before.
  let lowest = -Infinity;
  const drawn = lines
    .map((line, index) => ({ ...line, colour: COLOURS[index % COLOURS.length] ?? '' }))
    .sort((one, other) => (other.points.at(-1)?.y ?? 0) - (one.points.at(-1)?.y ?? 0))
    .map(({ name, points, colour }) => {
      const ends = points.at(-1);
      lowest = Math.max(atY(ends?.y ?? 1) + 4, lowest + LABEL_HEIGHT);
      const path = points.map(({ x, y }) => `${round(atX(x))},${round(atY(y))}`).join(' ');
      const dots = points.map(
        ({ x, y }) => `<circle cx="${round(atX(x))}" cy="${round(atY(y))}" r="3" fill="${colour}"/>`,
      );
      return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}
<text x="${WIDTH - RIGHT + 12}" y="${round(lowest)}" fill="${colour}">${name}</text>`;
    });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<text x="${LEFT}" y="26" font-size="15">${title}</text>
${grid.join('\n')}
${drawn.join('\n')}
</svg>
`;
}

function axis(
  x: number,
  y: number,
  toX: number,
  toY: number,
  label: string,
  [labelX, labelY]: [number, number],
): string {
  return `<line x1="${round(x)}" y1="${round(y)}" x2="${round(toX)}" y2="${round(toY)}" stroke="#dddddd"/><text x="${round(labelX)}" y="${round(labelY)}" text-anchor="middle" fill="#333333">${label}</text>`;
}

function round(at: number): string {
  return at.toFixed(1);
}
