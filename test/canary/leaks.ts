import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Canary, CanaryKind } from './forms.ts';
import type { Ground } from './ground.ts';
import { type Found, Search } from './search.ts';
import { viewsOf } from './views.ts';

/** A canary that stands somewhere: in which file, in which view of it, in which form. */
export type Sighting = { place: string; view: string; canary: string; form: string };

/** Where a secret may be, and why. Nothing else is allowed. */
type Allowed = { kind: CanaryKind; place: RegExp; why: string };
const ALLOWED: Allowed[] = [
  {
    kind: 'passphrase',
    place: /^left\/out-[a-z-]+\/passphrases\.txt$|^said\/[^/]+-removed-\.passphrases\.txt\.[^/]+$/,
    why: 'a training run writes down the passphrases that its answers file named',
  },
  {
    kind: 'recipient key',
    place: /^left\/out-[a-z-]+\/recipient\.key$|^said\/[^/]+-removed-\.recipient\.key\.[^/]+$/,
    why: 'a training run makes a recipient of its own, so that the other side can be shown',
  },
  {
    kind: 'sealed share',
    place: /^left\/out-[a-z-]+\/sheets\/share-\d\.pdf$|^said\/[^/]+-removed-\.share-\d\.pdf\.[^/]+$/,
    why: 'the sheets: the share is encrypted under the passphrase of its custodian',
  },
  {
    kind: 'sealed share',
    place: /^said\/[^/]+-store\/claviger\.db(-wal)?$|^said\/[^/]+-process-(input|output)$/,
    why: 'until the sheets are scanned the encrypted share is in the store, and a rehearsal sends it to the token process',
  },
  {
    kind: 'password of Redis',
    place: /^left\/(wire\/redis-to|redis\/memory)$/,
    why: 'its client logs in with it, and it knows its own password',
  },
];

export type Searched = { files: number; bytes: number; leaks: Sighting[]; allowed: Sighting[] };

/** Searches every file that a run left, and everything that its processes said, in every view of it. */
export function searchAll({ home, left, said }: Pick<Ground, 'home' | 'left' | 'said'>, canaries: Canary[]): Searched {
  const search = new Search(canaries);
  const known = new Map<string, { view: string; found: Found }[]>();
  const searched: Searched = { files: 0, bytes: 0, leaks: [], allowed: [] };
  for (const folder of [left, said]) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const place = relative(home, path);
      const bytes = readFileSync(path);
      const { name } = entry;
      // A bundle is opened with what lies beside it.
      const hash = createHash('sha256').update(bytes).digest('hex') + (name === 'bundle.cms' ? place : '');
      let sightings = known.get(hash);
      if (!sightings) {
        sightings = viewsOf(path).flatMap((view) => {
          searched.bytes += view.bytes.length;
          return search.find(view.bytes).map((found) => ({ view: view.name, found }));
        });
        known.set(hash, sightings);
      }
      // A name is readable too.
      const named = search.find(Buffer.from(place)).map((found) => ({ view: 'name', found }));
      searched.files += 1;
      for (const { view, found } of [...sightings, ...named]) {
        const { kind, name: canary } = found.canary;
        const sighting = { place, view, canary, form: found.form };
        const may = ALLOWED.some((rule) => rule.kind === kind && rule.place.test(place));
        (may ? searched.allowed : searched.leaks).push(sighting);
      }
    }
  }
  return searched;
}
