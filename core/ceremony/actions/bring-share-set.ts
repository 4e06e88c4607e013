import { resolve } from 'node:path';
import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { Refusal } from '../../contract/errors.ts';
import { wordsOf } from '../../contract/words.ts';
import { sha256Of } from '../../pki/certificate.ts';
import { type Action, type ActionAsk, type Unasked, nothingToUndo } from '../action.ts';
import { type Above, broughtKeys, readBroughtSet, registerIn } from '../brought-set.ts';
import { comparedBy } from '../incoming.ts';
import { custodiansOf } from '../records.ts';
import { type BroughtSet, broughtSetResult } from '../results.ts';
import type { CeremonyState } from '../state.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    masterKey: z.string().min(1).max(64).describe('Label that the master key gets in the new token.'),
    root: z
      .string()
      .min(1)
      .max(80)
      .optional()
      .describe('File of the root certificate, whose words stand on every share sheet.'),
    ledger: z
      .string()
      .min(1)
      .max(80)
      .optional()
      .describe(
        'Where there is no CA: file of the ledger key’s certificate. The share set on the sheets is compared then.',
      ),
    keys: broughtKeys.describe('The keys that were lost, and whose backups are brought.'),
  })
  .describe('Brings a share set from a medium of the ceremony that made it, into a store that knows nothing of it.');
type Parameters = z.infer<typeof parameters>;

type Brought = BroughtSet & { above: Above };

/** As many as stand on a sheet. */
const SPOKEN_BYTES = 8;

/**
 * What is left when token, machine and store are gone: manifest, custody register, certificates and backups from a medium. Two people
 * compare the root's words with those on the share sheets, and everything else is signed under that root or opens under the shares.
 */
export const bringShareSet: Action<Parameters, null, BroughtSet> = {
  name: 'bring-share-set',
  parameters,
  result: broughtSetResult,
  needs: [],
  after: ['take-roles'],
  once: true,
  lint: ({ keys, root, ledger }, { steps }) => [
    ...((root === undefined) === (ledger === undefined) ? ['it names a root, or else a ledger certificate'] : []),
    ...(root === undefined && keys.some(({ certificate }) => certificate !== undefined)
      ? ['a certificate needs the root above it']
      : []),
    ...(new Set(keys.map(({ label }) => label)).size < keys.length ? ['a key stands twice'] : []),
    ...(steps.some(({ action }) => action === 'make-master-key' || action === 'find-shares')
      ? ['this script has a share set already']
      : []),
    // RFC 5280 5.2.3: without it the next list of a CA would be number 1 again.
    ...(keys.some(({ certificate }) => certificate !== undefined) &&
    !steps.some(({ action }) => action === 'bring-numbers')
      ? ['no step says how lists and bundles were numbered last (bring-numbers)']
      : []),
  ],
  paper: ({ root }, reader) => {
    const label = say(reader, root === undefined ? 'brought.set' : 'brought.root');
    return { incoming: [{ label, optional: false }] };
  },
  look: async ({ state }, wanted) => {
    const places = placesIn(state);
    if (!places) return [];
    const set = await readBroughtSet(state, wanted, places);
    return [comparedFact(state, set), ...factsOf(state, set)];
  },
  asks: ({ state }, { root }, looked) => [...placeAsks(state), ...wordsAsk(state, root !== undefined, looked)],
  prepare: async ({ state }, wanted) => {
    const { shares } = await confirmedSet(state, wanted);
    const stranger = custodiansOf(state).find((name) => !shares.holders.includes(name));
    if (stranger !== undefined) throw new Refusal('CUSTODIAN_UNKNOWN', { person: stranger });
    return null;
  },
  perform: async ({ state }, wanted) => {
    const { above, ...result } = await confirmedSet(state, wanted);
    return { result, facts: [comparedFact(state, { above, ...result }), ...factsOf(state, { above, ...result })] };
  },
  reconcile: nothingToUndo,
};

/** What two people have confirmed, as it is now. FILE_CHANGED if the root, or the share set, is another one. */
async function confirmedSet(state: CeremonyState, wanted: Parameters) {
  const places = placesIn(state);
  if (!places) throw new Refusal('FILE_MISSING', { path: 'the medium' });
  const set = await readBroughtSet(state, wanted, places);
  if (!(wordsId(comparedFact(state, set).hex) in state.answers)) {
    throw new Refusal('FILE_CHANGED', { path: wanted.root ?? 'manifest.json' });
  }
  return set;
}

function placesIn({ answers }: CeremonyState): { medium: string; register: string } | null {
  const textOf = (id: string) => {
    const answer = answers[id];
    return answer && 'text' in answer ? answer.text.trim() : '';
  };
  const medium = textOf('medium');
  if (medium === '') return null;
  const register = textOf('register');
  return { medium: resolve(medium), register: resolve(register === '' ? registerIn(medium) : register) };
}

function placeAsks(state: CeremonyState): Unasked<ActionAsk>[] {
  return [
    {
      id: 'register',
      kind: 'text',
      label: say(state, 'brought.register'),
      hint: say(state, 'brought.registerHint'),
      suggestion: null,
      optional: true,
    },
    {
      id: 'medium',
      kind: 'text',
      label: say(state, 'brought.medium'),
      hint: say(state, 'brought.mediumHint'),
      suggestion: null,
      optional: false,
    },
  ];
}

function wordsAsk(state: CeremonyState, root: boolean, looked: Fact[]): Unasked<ActionAsk>[] {
  const label = comparedLabel(state, root);
  const found = looked.find((fact) => fact.kind === 'words' && fact.label === label);
  if (found?.kind !== 'words') return [];
  return [
    {
      id: wordsId(found.hex),
      kind: 'words',
      label: say(state, root ? 'brought.compare' : 'brought.compareSet'),
      words: found.words,
      hex: found.hex.slice(0, root ? 2 * SPOKEN_BYTES : undefined),
      roles: comparedBy(state.script),
    },
  ];
}

/** What stands on every share sheet: the root's words, or, where there is no CA, the share set in groups of eight digits. */
function comparedFact(state: CeremonyState, { above, shares }: Brought): Extract<Fact, { kind: 'words' }> {
  const { setId } = shares.masterKey.manifest;
  const label = comparedLabel(state, above.is === 'root');
  if (above.is === 'ledger') return { kind: 'words', label, words: setId.match(/.{8}/g) ?? [], hex: setId };
  return wordsFact(label, above);
}

function comparedLabel(state: CeremonyState, root: boolean): string {
  return say(state, root ? 'brought.root' : 'brought.set');
}

function wordsFact(label: string, { der }: Brought['above']): Extract<Fact, { kind: 'words' }> {
  const hex = sha256Of(der);
  return { kind: 'words', label, words: wordsOf(Buffer.from(hex, 'hex').subarray(0, SPOKEN_BYTES)), hex };
}

/** What is ticked for one root or set never counts for another. */
function wordsId(hex: string): string {
  return `root-${hex.slice(0, 4 * SPOKEN_BYTES)}`;
}

function factsOf(state: CeremonyState, { above, shares, certificates, keys }: Brought): Fact[] {
  const { manifest } = shares.masterKey;
  const { threshold, shareCount, epoch } = manifest;
  const register = shares.registers[0]?.register;
  return [
    { kind: 'row', label: say(state, 'found.madeIn'), value: shares.ceremony, mono: true },
    { kind: 'row', label: say(state, 'fact.shareSet'), value: manifest.setId, mono: true },
    {
      kind: 'row',
      label: say(state, 'fact.shares'),
      value: say(state, 'fact.sharesOf', { threshold, shareCount, epoch }),
    },
    {
      ...{ kind: 'check', label: say(state, 'brought.signed'), verdict: 'go' },
      detail: say(state, above.is === 'root' ? 'brought.underRoot' : 'brought.byLedger'),
    },
    // Of a vault it stands on the transcript alone, to be compared there.
    ...(above.is === 'root' ? [] : [wordsFact(say(state, 'brought.ledger'), above)]),
    {
      kind: 'row',
      label: say(state, 'custody.register'),
      value: say(state, 'brought.number', { number: register?.number ?? 0, at: register?.at ?? '' }),
    },
    ...shares.holders.map((name, index): Fact => ({
      ...{ kind: 'row', label: say(state, 'share.number', { number: index + 1 }) },
      value: name,
    })),
    ...keys.map(({ label, algorithm }): Fact => {
      const subject = certificates.find((certificate) => certificate.label === label)?.subject;
      const value = `${algorithm}, ${subject ?? say(state, 'brought.noCertificate')}`;
      return { kind: 'row', label: say(state, 'backup.of', { label }), value };
    }),
  ];
}
