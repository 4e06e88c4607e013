import { resolve } from 'node:path';
import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { Refusal } from '../../contract/errors.ts';
import { sha256Of } from '../../pki/certificate.ts';
import { readRevocationList } from '../../pki/read-revocation-list.ts';
import { readFileOrRefuse } from '../../store/files.ts';
import { BUNDLE_LIMIT_BYTES } from '../../bundle/archive.ts';
import { type Action, type ActionAsk, type Unasked, nothingToUndo } from '../action.ts';
import { broughtSetOf, publicKeyOf } from '../records.ts';
import {
  type BroughtNumbers,
  type Certificate,
  type RevocationList,
  broughtNumbersResult,
  revocation,
} from '../results.ts';
import { serialOf } from '../revocations.ts';
import { say } from '../say.ts';
import type { CeremonyState } from '../state.ts';

const parameters = z
  .strictObject({})
  .describe('Takes the last numbers of a store that is gone: those of revocation lists and bundles, which only grow.');

/** No list is larger (bytes). */
const LIST_LIMIT = 4 * 1024 * 1024;

type OfList = BroughtNumbers['lists'][number];

/**
 * Revocation lists and bundles are numbered by the ledger, which is gone: the new one goes on above the last numbers that people bring, for
 * whoever relies on a list or imports a bundle refuses a lower one (RFC 5280 5.2.3). A list that is left as a file is checked against its
 * CA's certificate and brings what it revoked; a number without a file is somebody's word, and the record says so.
 */
export const bringNumbers: Action<Record<string, never>, null, BroughtNumbers> = {
  name: 'bring-numbers',
  parameters,
  result: broughtNumbersResult,
  needs: [],
  after: ['bring-share-set'],
  once: true,
  look: async ({ state }) => factsOf(state, await readNumbers(state)),
  asks: ({ state }) => [
    ...authoritiesOf(state).flatMap(({ label }) => [
      textAsk(`list-${label}`, say(state, 'numbers.list', { label }), say(state, 'numbers.listHint'), true),
      textAsk(`number-${label}`, say(state, 'numbers.number', { label }), say(state, 'numbers.numberHint'), true),
    ]),
    textAsk('bundle', say(state, 'numbers.bundleFile'), say(state, 'numbers.bundleFileHint'), true),
    textAsk('bundle-number', say(state, 'numbers.bundle'), say(state, 'numbers.bundleHint'), false),
  ],
  prepare: async ({ state }) => {
    await wholeNumbers(state);
    return null;
  },
  perform: async ({ state }) => {
    const result = await wholeNumbers(state);
    return { result, facts: factsOf(state, result) };
  },
  reconcile: nothingToUndo,
};

function textAsk(id: string, label: string, hint: string, optional: boolean): Unasked<ActionAsk> {
  return { id, kind: 'text', label, hint, suggestion: null, optional };
}

/** The CAs whose keys came back. */
function authoritiesOf(state: CeremonyState): Certificate[] {
  return broughtSetOf(state).certificates;
}

/** NUMBER_INVALID where nothing is said of one. */
async function wholeNumbers(state: CeremonyState): Promise<BroughtNumbers> {
  const { lists, bundle } = await readNumbers(state);
  const missing = authoritiesOf(state).find(({ label }) => !lists.some((list) => list.label === label));
  if (missing) throw invalid(`neither a list nor a number of ${missing.label} was brought`);
  if (bundle === null) throw invalid('nothing was said of bundles');
  return { lists, bundle };
}

/** What was said so far. NUMBER_INVALID, FILE_MISSING and the like. */
async function readNumbers(
  state: CeremonyState,
): Promise<{ lists: OfList[]; bundle: BroughtNumbers['bundle'] | null }> {
  const lists: OfList[] = [];
  for (const authority of authoritiesOf(state)) {
    const { label } = authority;
    const path = textOf(state, `list-${label}`);
    const list = path === null ? null : await listAt(resolve(path), authority);
    const typed = numberOf(state, `number-${label}`);
    if (list === null && typed === null) continue;
    if (list !== null && typed !== null && typed < list.number) {
      throw invalid(`the list of ${label} that was brought has number ${list.number}, above ${typed}`);
    }
    const number = typed ?? list?.number ?? 0;
    const from = number === list?.number ? 'file' : 'typed';
    lists.push({ label, issuerKeySha256: keySha256Of(authority), number, from, list });
  }
  const sequence = numberOf(state, 'bundle-number');
  const file = textOf(state, 'bundle');
  if (sequence === null) return { lists, bundle: null };
  if (sequence === 0 && file !== null) throw invalid('there is a bundle, and its number is 0');
  // It is encrypted to its recipient: what can be said of it is which bytes they are.
  const sha256 = file === null ? null : sha256Of(await readFileOrRefuse(resolve(file), BUNDLE_LIMIT_BYTES));
  return { lists, bundle: { sequence, sha256 } };
}

/** NUMBER_INVALID. */
async function listAt(path: string, authority: Certificate): Promise<RevocationList> {
  const der = await readFileOrRefuse(path, LIST_LIMIT);
  const read = readRevocationList(der, Buffer.from(authority.der, 'base64'));
  const ofAnother = (why: string) => invalid(`${path} is no list of ${authority.label}: ${why}`);
  if ('wrong' in read) throw ofAnother(read.wrong);
  const revoked = read.revoked.map(({ serial, reason, at }) => {
    const entry = revocation.safeParse({ serial: serialOf(serial), reason, at: at.toISOString() });
    if (!entry.success) throw ofAnother(`no list made here says ${reason}`);
    return entry.data;
  });
  return {
    label: authority.label,
    issuerKeySha256: keySha256Of(authority),
    number: read.number,
    thisUpdate: read.thisUpdate.toISOString(),
    nextUpdate: read.nextUpdate.toISOString(),
    file: `${authority.label}.crl`,
    der: Buffer.from(der).toString('base64'),
    sha256: sha256Of(der),
    revoked,
  };
}

function keySha256Of(certificate: Certificate): string {
  return sha256Of(Buffer.from(publicKeyOf(certificate), 'base64'));
}

function textOf({ answers }: CeremonyState, id: string): string | null {
  const answer = answers[id];
  const text = answer && 'text' in answer ? answer.text.trim() : '';
  return text === '' ? null : text;
}

/** NUMBER_INVALID. */
function numberOf(state: CeremonyState, id: string): number | null {
  const text = textOf(state, id);
  if (text === null) return null;
  if (!/^\d{1,9}$/.test(text)) throw invalid(`"${text}" is not a number of at most nine digits`);
  return Number(text);
}

function factsOf(
  state: CeremonyState,
  { lists, bundle }: { lists: OfList[]; bundle: BroughtNumbers['bundle'] | null },
): Fact[] {
  const facts = lists.flatMap(({ label, number, from, list }): Fact[] => {
    const next = say(state, 'numbers.nextList', { label });
    const onFile = list === null ? 0 : list.number;
    return [
      { kind: 'row', label: next, value: valueOf(state, number, from) },
      ...(list === null
        ? []
        : [
            {
              kind: 'check' as const,
              label: say(state, 'numbers.broughtList', { number: list.number }),
              verdict: 'go' as const,
              detail: say(state, 'numbers.signed', { at: list.thisUpdate, count: list.revoked.length }),
            },
          ]),
      ...(number > onFile
        ? [
            {
              kind: 'check' as const,
              label: say(state, 'numbers.missing', { label }),
              verdict: 'warning' as const,
              detail: say(state, 'numbers.revokeAgain', { number }),
            },
          ]
        : []),
    ];
  });
  if (bundle === null) return facts;
  const { sequence, sha256 } = bundle;
  const value = valueOf(state, firstBundleAfter(bundle) - 1, 'typed');
  facts.push({ kind: 'row', label: say(state, 'numbers.nextBundle'), value });
  if (sha256 !== null) facts.push({ kind: 'row', label: say(state, 'numbers.lastBundle'), value: sha256, mono: true });
  if (sequence > 0 && sha256 === null) {
    const detail = say(state, 'numbers.gap', { sequence });
    facts.push({ kind: 'check', label: say(state, 'numbers.lastBundle'), verdict: 'warning', detail });
  }
  return facts;
}

/** A bundle that comes right after another one names its hash, or is refused: without the hash a number is left out. */
export function firstBundleAfter({ sequence, sha256 }: BroughtNumbers['bundle']): number {
  return sequence > 0 && sha256 === null ? sequence + 2 : sequence + 1;
}

function valueOf(state: CeremonyState, number: number, from: OfList['from']): string {
  const next = number + 1;
  if (number === 0) return say(state, 'numbers.first', { next });
  return from === 'file' ? say(state, 'numbers.fromFile', { next }) : say(state, 'numbers.typed', { next });
}

function invalid(detail: string): Refusal {
  return new Refusal('NUMBER_INVALID', { detail });
}
