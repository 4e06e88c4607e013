import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CeremonyState } from '../ceremony/state.ts';
import { Refusal } from '../contract/errors.ts';
import type { KnownTokens, PinWay, TokenFileView } from '../contract/token.ts';
import type { PinSource } from '../hsm/pin-source.ts';
import type { TokenLocation } from '../hsm/process/protocol.ts';
import { readTokenFile } from '../hsm/token-file.ts';

/** Where the training token lies that a ceremony began. */
export function trainingToken(data: string, ceremony: string): TokenLocation {
  return { kind: 'software', folder: join(data, 'tokens', ceremony, 'training'), token: 'training' };
}

/** Every token that the store knows of, without a look at any of them: the newest first. */
export function knownTokens(data: string, states: CeremonyState[]): KnownTokens {
  const newest = states.toReversed();
  const training = newest.flatMap(({ id: ceremony, script, begunAt }) => {
    const { folder } = trainingToken(data, ceremony) as { folder: string };
    return existsSync(join(folder, 'token.json')) ? [{ ceremony, title: script.title, begunAt, folder }] : [];
  });
  const used = newest.flatMap(({ tokenFile }) => (tokenFile === null ? [] : [resolve(tokenFile.path)]));
  const files = [...new Set([...used, ...tokenFilesIn(data)])].map(tokenFileView);
  const modules = files.flatMap(({ token }) => (token?.kind === 'pkcs11' ? [token.place] : []));
  return { training, files, modules: [...new Set(modules)] };
}

export function tokenFileView(path: string): TokenFileView {
  try {
    const { location, mode, pin, rehearsal } = readTokenFile(path);
    const place = location.kind === 'pkcs11' ? location.module : location.folder;
    const token = { label: location.token, kind: location.kind, place, mode, pin: wayOf(pin) };
    return { path, token: { ...token, rehearsal: rehearsal?.location.token ?? null }, error: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { path, token: null, error: error.value };
  }
}

/** YAML files beside the database are token files that somebody put there. */
function tokenFilesIn(data: string): string[] {
  if (!existsSync(data)) return [];
  return readdirSync(data)
    .filter((name) => /\.ya?ml$/i.test(name))
    .sort()
    .map((name) => join(data, name));
}

function wayOf(source: PinSource): PinWay {
  if (typeof source === 'string') return source;
  if ('parts' in source) return 'parts';
  return 'file' in source ? 'file' : 'descriptor';
}
