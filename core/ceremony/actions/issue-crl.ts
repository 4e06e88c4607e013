import { z } from 'zod';
import type { Fact } from '../../contract/ceremony.ts';
import { because } from '../../contract/because.ts';
import { type ErrorParams, Refusal } from '../../contract/errors.ts';
import { wordsOf } from '../../contract/words.ts';
import type { LedgerRow } from '../../ledger/ledger.ts';
import { sha256Of } from '../../pki/certificate.ts';
import { LONGEST_LIST_DAYS } from '../../pki/lint-revocation-list.ts';
import { issueRevocationList } from '../../pki/revocation-list.ts';
import { readFileOrRefuse } from '../../store/files.ts';
import { type Action, type LookContext, filesOnly } from '../action.ts';
import { preparedIssuance } from '../issuance.ts';
import { type IncomingFile, asksForIncoming, incomingPath, lookAtIncoming, readIncoming } from '../incoming.ts';
import { unusable, writtenTwice } from '../labels.ts';
import { ceremoniesOf } from '../past.ts';
import {
  broughtNumbersIn,
  certificateOf,
  certificatesIssuedIn,
  keyPairOf,
  keysOf,
  listsIssuedIn,
  x509Of,
} from '../records.ts';
import { type Revocation, type RevocationList, revocation, revocationListResult } from '../results.ts';
import { type NewRevocation, revocationsInFile, revocationsInText, serialOf } from '../revocations.ts';
import { certificateDer, tokenSigner } from '../signing.ts';
import type { CeremonyState } from '../state.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    issuer: z.string().min(1).describe('The key whose list it is: a root’s or an issuing CA’s.'),
    validityDays: z
      .int()
      .min(1)
      .max(LONGEST_LIST_DAYS)
      .describe('Until the next list must be there (BR 7.2: within twelve months).'),
    file: z
      .string()
      .regex(/^[a-z0-9-]+\.crl$/)
      .describe('Name of the file in the output folder.'),
  })
  .describe('Signs a full list of what was revoked of the key’s certificates, in this ceremony and all before it.');
type Parameters = z.infer<typeof parameters>;

const prepared = z.strictObject({
  issuerKeySha256: z.string(),
  number: z.int(),
  thisUpdate: z.iso.datetime(),
  nextUpdate: z.iso.datetime(),
  revoked: z.array(revocation),
});
type Prepared = z.infer<typeof prepared>;

const listFile = (ceremony: Pick<CeremonyState, 'language'>): IncomingFile => ({
  id: 'revocation-file',
  label: say(ceremony, 'list.file'),
  hint: say(ceremony, 'list.fileHint'),
  optional: true,
  limit: 1024 * 1024,
});

/** Signs a full list of what the key's certificates were revoked, in this ceremony and all before it. RFC 5280 5. */
export const issueCrl: Action<Parameters, Prepared, RevocationList> = {
  name: 'issue-crl',
  parameters,
  result: revocationListResult,
  needs: ['main'],
  files: (_state, { file }) => [file],
  paper: (_parameters, reader) => ({
    incoming: [listFile(reader)].map(({ label, optional }) => ({ label, optional })),
  }),
  lint: ({ issuer, file }, script) => [...unusable(script, [issuer]), ...writtenTwice(script, file)],
  look: async (context, { issuer }) => {
    const { state } = context;
    const list = listFile(state);
    const known = await standing(context, issuer);
    const { issued, undone, revoked } = known;
    const added = await addedTo(context, known, (path) => readFileOrRefuse(path, list.limit));
    return [
      ...issued.map(({ serial, subject }): Fact => {
        const old = revoked.find((entry) => entry.serial === serial);
        const value = old
          ? say(state, 'list.revokedAt', { serial, at: old.at.slice(0, 10), reason: old.reason })
          : serial;
        return { kind: 'row', label: subject, value, mono: true };
      }),
      ...undone.map(({ serial, step }): Fact => {
        return { kind: 'row', label: say(state, 'list.undone', { step }), value: serial, mono: true };
      }),
      ...added.map((entry) => addedFact(state, entry)),
      ...(await lookAtIncoming(context, list)),
    ];
  },
  asks: ({ state }, _parameters, looked) => [
    {
      id: 'revocations',
      kind: 'text',
      label: say(state, 'list.certificates'),
      hint: say(state, 'list.certificatesHint'),
      suggestion: null,
      optional: true,
    },
    ...asksForIncoming(state, listFile(state), looked),
  ],
  prepare: async (context, { issuer, validityDays }) => {
    const { state, clock } = context;
    const known = await standing(context, issuer);
    const { revoked, issuerKeySha256, lastUpdate, number } = known;
    const thisUpdate = clock();
    thisUpdate.setUTCMilliseconds(0);
    if (lastUpdate !== null && thisUpdate <= new Date(lastUpdate)) {
      throw new Refusal('REVOCATION_LIST_PROFILE', because('list.clock', { at: lastUpdate }));
    }
    const nextUpdate = new Date(thisUpdate);
    nextUpdate.setUTCDate(nextUpdate.getUTCDate() + validityDays);
    const added = await addedTo(context, known, () => readIncoming(state, listFile(state)));
    return {
      issuerKeySha256,
      number,
      thisUpdate: thisUpdate.toISOString(),
      nextUpdate: nextUpdate.toISOString(),
      revoked: [...revoked, ...added.map(({ at, ...entry }) => ({ ...entry, at: at ?? thisUpdate.toISOString() }))],
    };
  },
  perform: async (context, { issuer, file }, intent) => {
    const { state } = context;
    const chosen = prepared.parse(intent);
    const { number, thisUpdate, nextUpdate, revoked } = chosen;
    const count = say(state, 'list.count', { count: revoked.length });
    const { der, sha256 } = await issueRevocationList({
      issuer: { signer: tokenSigner(context, issuer), certificate: certificateDer(context, issuer) },
      number,
      thisUpdate: new Date(thisUpdate),
      nextUpdate: new Date(nextUpdate),
      revoked: revoked.map((entry) => ({ ...entry, at: new Date(entry.at) })),
    });
    const written = await context.output.write(file, der);
    const facts: Fact[] = [
      { kind: 'row', label: say(state, 'list.issuer'), value: certificateOf(state, issuer).subject },
      { kind: 'row', label: say(state, 'list.number'), value: String(number) },
      {
        kind: 'row',
        label: say(state, 'certificate.valid'),
        value: say(state, 'list.validity', { from: thisUpdate.slice(0, 10), to: nextUpdate.slice(0, 10) }),
      },
      { kind: 'row', label: say(state, 'list.revoked'), value: revoked.length === 0 ? say(state, 'fact.none') : count },
      ...revoked.map((entry) => addedFact(state, entry)),
      {
        kind: 'words',
        label: say(state, 'list.words'),
        words: wordsOf(Buffer.from(sha256, 'hex').subarray(0, 16)),
        hex: sha256,
      },
      written,
    ];
    const result = { label: issuer, file, der: Buffer.from(der).toString('base64'), sha256, ...chosen };
    return { result, facts };
  },
  reconcile: filesOnly,
};

const ENDS_OF_INTENT = ['step.result', 'step.failed', 'step.undone', 'ceremony.aborted'];

type Standing = {
  issuerKeySha256: string;
  /** What the ledger knows of this key's certificates, whatever became of the ceremony. */
  issued: { serial: string; subject: string }[];
  /** Serial numbers that its key may have signed under, with no certificate in any result: an attempt that was undone. */
  undone: { serial: string; step: string }[];
  /** On the last list, and on lists that an aborted ceremony may have left in the room without a result. */
  revoked: Revocation[];
  /** Of the newest of those. */
  lastUpdate: string | null;
  /** Of the next list. A number is used up by its intent: a list of an attempt that was undone may have been copied. */
  number: number;
};

async function standing({ state, ledger }: LookContext, issuer: string): Promise<Standing> {
  const issuerKeySha256 = sha256Of(Buffer.from(keyPairOf(state, issuer).publicKey, 'base64'));
  const authority = x509Of(certificateOf(state, issuer));
  const all = await ceremoniesOf(ledger);
  const issued = all
    .flatMap(certificatesIssuedIn)
    .map(x509Of)
    .filter((certificate) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey))
    .filter((certificate) => certificate.fingerprint256 !== authority.fingerprint256)
    .map(({ serialNumber, subject }) => ({ serial: serialOf(serialNumber), subject: subject.replaceAll('\n', ', ') }));
  const last = all.flatMap(listsIssuedIn).findLast((list) => list.issuerKeySha256 === issuerKeySha256) ?? null;
  const rows = await ledger.read({ ofCeremonies: true });
  const intents = rows
    .filter(isIntent)
    .map((row) => ({ row, list: prepared.parse((row.body as { prepared: unknown }).prepared) }))
    .filter(({ list }) => list.issuerKeySha256 === issuerKeySha256);
  // Nobody looked what became of these: their lists may have been taken along, and what they revoked stays revoked.
  const unknown = intents.filter(({ row }) => isUnreconciled(row, rows)).map(({ list }) => list);
  const lists = [...(last ? [last] : []), ...unknown];
  // Of the store before this one, which is gone.
  const brought = all
    .flatMap(broughtNumbersIn)
    .flatMap((numbers) => numbers.lists)
    .filter((list) => list.issuerKeySha256 === issuerKeySha256)
    .map(({ number }) => number);
  return {
    ...{ issuerKeySha256, issued },
    undone: undoneIn(all, rows, issuerKeySha256).filter(
      ({ serial }) => !issued.some((certificate) => certificate.serial === serial),
    ),
    revoked: [...new Map(lists.flatMap(({ revoked }) => revoked).map((entry) => [entry.serial, entry])).values()],
    lastUpdate:
      lists
        .map(({ thisUpdate }) => thisUpdate)
        .toSorted()
        .at(-1) ?? null,
    number: Math.max(0, ...brought, ...intents.map(({ list }) => list.number)) + 1,
  };
}

/** What was to be issued with a key, in every intent: the serial is durable before the key signs. */
function undoneIn(all: CeremonyState[], rows: LedgerRow[], issuerKeySha256: string): Standing['undone'] {
  return rows.flatMap(({ kind, ceremony, body }) => {
    if (kind !== 'step.intent') return [];
    const { step, prepared: chosen } = body as { step: string; prepared: unknown };
    const issuance = preparedIssuance.safeParse(chosen);
    const state = all.find(({ id }) => id === ceremony);
    const parameters = state?.script.steps.find(({ id }) => id === step)?.parameters;
    if (!issuance.success || !state || !parameters) return [];
    const key = keysOf(state).find(({ label }) => label === parameters['issuer']);
    if (!key || key.purpose === 'vault-kek') return [];
    const signs = sha256Of(Buffer.from(key.publicKey, 'base64')) === issuerKeySha256;
    return signs ? [{ serial: serialOf(issuance.data.serial), step }] : [];
  });
}

function isIntent({ kind, body }: LedgerRow): boolean {
  return kind === 'step.intent' && (body as { action: string }).action === 'issue-crl';
}

/** Whether its ceremony was aborted with this very intent open. */
function isUnreconciled(intent: LedgerRow, rows: LedgerRow[]): boolean {
  const after = rows.filter(({ ceremony, seq }) => ceremony === intent.ceremony && seq > intent.seq);
  const next = after.find(({ kind }) => ENDS_OF_INTENT.includes(kind));
  return next?.kind === 'ceremony.aborted';
}

/** What this ceremony revokes, typed and in the file that came in. REVOCATION_INVALID. */
async function addedTo(
  { state }: Pick<LookContext, 'state'>,
  { issued, undone, revoked }: Standing,
  read: (path: string) => Promise<Uint8Array>,
): Promise<NewRevocation[]> {
  const path = incomingPath(state, listFile(state));
  const typed = revocationsInText(typedIn(state));
  // A slip of the keyboard must not pass for a revocation. A file was compared by its words, and may name any.
  const known = [...issued, ...undone].map(({ serial }) => serial);
  const unknown = typed.find(({ serial }) => !known.includes(serial));
  if (unknown) throw invalid(because('revocation.unknown', { serial: unknown.serial }));
  const added = [...typed, ...(path === null ? [] : revocationsInFile(await read(path), path))];
  added.forEach(({ serial }, index) => {
    if (revoked.some((entry) => entry.serial === serial)) throw invalid(because('revocation.already', { serial }));
    if (added.findIndex((entry) => entry.serial === serial) !== index)
      throw invalid(because('revocation.twice', { serial }));
  });
  return added;
}

function typedIn({ answers }: CeremonyState): string {
  const answer = answers['revocations'];
  return answer && 'text' in answer ? answer.text : '';
}

function addedFact(state: CeremonyState, { serial, reason }: NewRevocation): Fact {
  return { kind: 'row', label: say(state, 'list.revoked'), value: `${serial}, ${reason}` };
}

function invalid(why: ErrorParams): Refusal {
  return new Refusal('REVOCATION_INVALID', why);
}
