import { Refusal } from '../contract/errors.ts';
import { bytesOfWords, wordsOf } from '../contract/words.ts';
import type { TreeHead } from './proof.ts';
import { HASH_BYTES } from './tree.ts';

/** A tree head as text, C2SP tlog-checkpoint: what a ledger key signs and what stands on paper. */
export type Checkpoint = TreeHead & {
  origin: string;
  /** Three lines: origin, size in decimal, root in base64; each ended by a line feed. */
  text: string;
};

/** A store's name in its checkpoints. */
export const ORIGIN = /^claviger\/ledger\/[0-9a-f]{16}$/;

export function checkpointOf(origin: string, { size, root }: TreeHead): Checkpoint {
  return { origin, size, root, text: `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n` };
}

/** A checkpoint's text read back; null unless it is exactly what `checkpointOf` writes. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const [origin = '', size = '', root = ''] = text.split('\n');
  if (!/^(0|[1-9]\d{0,14})$/.test(size)) return null;
  const bytes = new Uint8Array(Buffer.from(root, 'base64'));
  if (bytes.length !== HASH_BYTES) return null;
  const checkpoint = checkpointOf(origin, { size: Number(size), root: bytes });
  return checkpoint.text === text ? checkpoint : null;
}

/** The root in words (PGP word list), as it is printed and read aloud. */
export function checkpointWords({ root }: TreeHead): string[] {
  return wordsOf(root);
}

/** What was brought on paper. The words say nothing of the origin. */
export type PaperCheckpoint = TreeHead & { origin: string | null };

/** A checkpoint from paper: its three lines, or its size and the 32 words of its root. CHECKPOINT_INVALID. */
export function readPaperCheckpoint(text: string): PaperCheckpoint {
  const lines = `${text
    .trim()
    .split(/\s*\n\s*/)
    .join('\n')}\n`;
  const checkpoint = parseCheckpoint(lines);
  if (checkpoint) return checkpoint;
  const [size = '', ...words] = text.trim().split(/\s+/);
  if (!/^\d{1,15}$/.test(size)) throw invalid('it begins with neither an origin nor a size');
  if (words.length !== HASH_BYTES) throw invalid(`a root has ${HASH_BYTES} words, not ${words.length}`);
  const root = bytesOfWords(words);
  if ('unknown' in root) throw invalid(`word ${root.unknown + 1} (${words[root.unknown] ?? ''}) does not belong there`);
  return { origin: null, size: Number(size), root: root.bytes };
}

function invalid(detail: string): Refusal {
  return new Refusal('CHECKPOINT_INVALID', { detail });
}
