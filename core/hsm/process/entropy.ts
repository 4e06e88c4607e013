import { hkdfSync, timingSafeEqual } from 'node:crypto';
import { because } from '../../contract/because.ts';
import { type ErrorParams, Refusal } from '../../contract/errors.ts';
import { guarded, wipe } from '../../process/guarded.ts';

/** RFC 5869 `info`: this output is a master key and nothing else. */
const INFO = 'claviger master key v1';
/** Bytes of each random source. */
export const SOURCE_BYTES = 32;
/** 100 rolls of a fair die are 258 bits. */
const DICE_LEAST = 100;

/**
 * Cutoffs of the repetition count test, 1 + ceil(30 / H) for one false alarm in 2^30 (SP 800-90B 4.4.1). A byte of a
 * conditioned source has H = 8 bits; a roll of a fair die has H = log2(6) bits.
 */
const BYTE_CUTOFF = 5;
const DICE_CUTOFF = 13;

/**
 * Draws 32 bytes into `into` (guarded, the caller wipes it) by `draw`, twice, and compares. ENTROPY_STUCK if both are
 * the same or one fails the repetition count test: a generator that obviously does not work. It proves no more.
 */
export function drawChecked(source: string, draw: (into: Uint8Array) => void, into: Uint8Array): void {
  const second = guarded(into.length);
  try {
    draw(into);
    draw(second);
    const stuck = repeats(into, BYTE_CUTOFF) || repeats(second, BYTE_CUTOFF) || timingSafeEqual(into, second);
    if (stuck) throw new Refusal('ENTROPY_STUCK', { source });
  } finally {
    wipe(second);
  }
}

/** Dice rolls as ASCII digits 1 to 6, in the order they fell: at least 100. Answers how many. DICE_INVALID. */
export function checkDice(rolls: Uint8Array): number {
  const refuse = (why: ErrorParams) => new Refusal('DICE_INVALID', why);
  if (rolls.some((roll) => roll < 0x31 || roll > 0x36)) throw refuse(because('dice.digits'));
  if (rolls.length < DICE_LEAST) throw refuse(because('dice.few', { count: rolls.length, least: DICE_LEAST }));
  if (repeats(rolls, DICE_CUTOFF)) throw refuse(because('dice.row', { count: DICE_CUTOFF }));
  if (hasPeriod(rolls)) throw refuse(because('dice.pattern'));
  return rolls.length;
}

/**
 * HKDF-SHA-256 (RFC 5869, salt of 32 zeros) over the sources, each behind its length (4 bytes, big-endian), into `into`
 * (32 bytes). One honest source is enough. The caller wipes the sources and `into`.
 */
export function deriveMasterKey(sources: Uint8Array[], into: Uint8Array): void {
  const framed = guarded(sources.reduce((length, source) => length + 4 + source.length, 0));
  try {
    let offset = 0;
    for (const source of sources) {
      new DataView(framed.buffer, framed.byteOffset).setUint32(offset, source.length);
      framed.set(source, offset + 4);
      offset += 4 + source.length;
    }
    const derived = new Uint8Array(hkdfSync('sha256', framed, new Uint8Array(32), INFO, into.length));
    into.set(derived);
    wipe(derived);
  } finally {
    wipe(framed);
  }
}

/** Whether one value stands `cutoff` times in a row (SP 800-90B 4.4.1). */
function repeats(samples: Uint8Array, cutoff: number): boolean {
  let run = 0;
  return samples.some((sample, index) => {
    run = sample === samples[index - 1] ? run + 1 : 1;
    return run >= cutoff;
  });
}

/** Whether the whole is a shorter pattern that comes at least twice. Chance does that less than once in 6^50. */
function hasPeriod(samples: Uint8Array): boolean {
  for (let period = 1; period <= samples.length / 2; period += 1) {
    if (samples.every((sample, index) => index < period || sample === samples[index - period])) return true;
  }
  return false;
}
