import { createHash } from 'node:crypto';
import type { Fact } from '../contract/ceremony.ts';
import { Refusal } from '../contract/errors.ts';
import type { Role } from '../contract/roles.ts';
import type { Script } from '../contract/script.ts';
import { wordsOf } from '../contract/words.ts';
import { readFileOrRefuse } from '../store/files.ts';
import type { ActionAsk, LookContext, Unasked } from './action.ts';
import type { CeremonyState } from './state.ts';
import { say } from './say.ts';

/** Bytes of a SHA-256 that are read aloud for a file. */
const SPOKEN_BYTES = 16;

/** A file that a step takes in. `id` names its asks: the path under `id`, the words under `id` and the file's hash. */
export type IncomingFile = {
  id: string;
  label: string;
  hint: string;
  /** The step can be done without it. */
  optional: boolean;
  /** No such file is larger (bytes). */
  limit: number;
};

/** Who compares words that are read aloud with paper: the operator and the administrator, or whom the script has. */
export function comparedBy({ participants }: Script): [Role, Role] {
  const roles = Object.keys(participants) as Role[];
  const [one = 'operator', other = 'ceremonyAdministrator'] = (
    ['operator', 'ceremonyAdministrator', ...roles] as Role[]
  ).filter((role, index, all) => roles.includes(role) && all.indexOf(role) === index);
  return [one, other];
}

/** The path that was given; null while there is none. */
export function incomingPath(state: CeremonyState, { id }: IncomingFile): string | null {
  const answer = state.answers[id];
  const path = answer && 'text' in answer ? answer.text.trim() : '';
  return path === '' ? null : path;
}

/** What the file is: its hash as words. FILE_MISSING and the like. */
export async function lookAtIncoming({ state }: LookContext, file: IncomingFile): Promise<Fact[]> {
  const path = incomingPath(state, file);
  if (path === null) return [];
  const hex = sha256(await readFileOrRefuse(path, file.limit));
  return [{ kind: 'words', label: wordsLabel(state, path), words: spoken(hex), hex }];
}

/**
 * Asks for the path; then for the words of its SHA-256, read aloud and ticked by two roles. The words' ask carries the
 * hash in its id, so that ticks for one content never count for another. `looked`: what `lookAtIncoming` showed.
 */
export function asksForIncoming(state: CeremonyState, file: IncomingFile, looked: Fact[]): Unasked<ActionAsk>[] {
  const { id, label, hint, optional } = file;
  const path: Unasked<ActionAsk> = { id, kind: 'text', label, hint, suggestion: null, optional };
  const given = incomingPath(state, file);
  const found = looked.find(
    (fact) => fact.kind === 'words' && given !== null && fact.label === wordsLabel(state, given),
  );
  if (found?.kind !== 'words') return [path];
  return [
    path,
    {
      id: wordsId(file, found.hex),
      kind: 'words',
      label: say(state, 'incoming.compare', { label }),
      words: found.words,
      hex: found.hex.slice(0, 2 * SPOKEN_BYTES),
      roles: comparedBy(state.script),
    },
  ];
}

/** The very bytes that were confirmed. FILE_CHANGED if they are others by now, FILE_MISSING and the like. */
export async function readIncoming(state: CeremonyState, file: IncomingFile): Promise<Uint8Array> {
  const path = incomingPath(state, file);
  if (path === null) throw new Refusal('FILE_MISSING', { path: file.label });
  const bytes = await readFileOrRefuse(path, file.limit);
  if (!(wordsId(file, sha256(bytes)) in state.answers)) throw new Refusal('FILE_CHANGED', { path });
  return bytes;
}

function wordsLabel(state: CeremonyState, path: string): string {
  return say(state, 'incoming.words', { path, bytes: SPOKEN_BYTES });
}

function wordsId({ id }: IncomingFile, hex: string): string {
  return `${id}-${hex.slice(0, 2 * SPOKEN_BYTES)}`;
}

function spoken(hex: string): string[] {
  return wordsOf(Buffer.from(hex, 'hex').subarray(0, SPOKEN_BYTES));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
