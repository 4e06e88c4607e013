import type { Canary, Needle } from './forms.ts';
import { needlesOf } from './forms.ts';

export type Found = { canary: Canary; form: string };

/** Looks for many needles in one pass: the first three bytes of each tell where a comparison is worth it. */
export class Search {
  readonly #marks = new Uint8Array(1 << 24);
  readonly #byMark = new Map<number, Needle[]>();
  readonly needles: number;

  constructor(canaries: Canary[]) {
    const needles = canaries.flatMap(needlesOf);
    this.needles = needles.length;
    for (const needle of needles) {
      const mark = markAt(needle.bytes, 0);
      this.#marks[mark] = 1;
      this.#byMark.set(mark, [...(this.#byMark.get(mark) ?? []), needle]);
    }
  }

  /** Every canary that stands in these bytes as they are, or without white space and escaped line ends. */
  find(bytes: Uint8Array): Found[] {
    const found = new Map<string, Found>();
    for (const view of [bytes, squeezed(bytes)]) {
      for (const { canary, form } of this.#pass(view)) found.set(`${canary.name} ${form}`, { canary, form });
    }
    return [...found.values()];
  }

  *#pass(bytes: Uint8Array): Iterable<Needle> {
    const marks = this.#marks;
    let mark = markAt(bytes, 0) << 8;
    for (let at = 2; at < bytes.length; at += 1) {
      mark = (mark >>> 8) | ((bytes[at] as number) << 16);
      if (marks[mark] === 0) continue;
      for (const needle of this.#byMark.get(mark) ?? []) if (standsAt(bytes, at - 2, needle.bytes)) yield needle;
    }
  }
}

/** Three bytes as a number, the first one lowest. */
function markAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
}

function standsAt(bytes: Uint8Array, at: number, needle: Uint8Array): boolean {
  if (at + needle.length > bytes.length) return false;
  for (let index = 3; index < needle.length; index += 1) if (bytes[at + index] !== needle[index]) return false;
  return true;
}

const [TAB, LINE_FEED, RETURN, SPACE, BACKSLASH, LETTER_N] = [9, 10, 13, 32, 92, 110];

/** What a form looks like that was broken into lines or groups. */
function squeezed(bytes: Uint8Array): Uint8Array {
  const rest = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    if (byte === SPACE || byte === LINE_FEED || byte === RETURN || byte === TAB) continue;
    if (byte === BACKSLASH && bytes[at + 1] === LETTER_N) {
      at += 1;
      continue;
    }
    rest[length++] = byte;
  }
  return rest.subarray(0, length);
}
