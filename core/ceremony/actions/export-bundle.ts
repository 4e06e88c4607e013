import { X509Certificate, createHash } from 'node:crypto';
import { posix } from 'node:path';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { Refusal } from '../../contract/errors.ts';
import { sealBundle } from '../../bundle/seal.ts';
import { pemOf } from '../../pki/certificate.ts';
import { readRecipientCertificate } from '../../pki/read-certificate.ts';
import { readFileOrRefuse } from '../../store/files.ts';
import { type Action, type EffectContext, filesOnly } from '../action.ts';
import { firstBundleAfter } from './bring-numbers.ts';
import { type IncomingFile, asksForIncoming, incomingPath, lookAtIncoming, readIncoming } from '../incoming.ts';
import { unusable } from '../labels.ts';
import { ceremoniesOf } from '../past.ts';
import {
  broughtNumbersIn,
  certificatesOf,
  foundSharesOf,
  manifestOf,
  resultsOf,
  revocationListsOf,
  wrappedKeysOf,
} from '../records.ts';
import { type Bundle, bundleResult } from '../results.ts';
import { certificateDer, tokenSigner } from '../signing.ts';
import type { CeremonyState } from '../state.ts';
import { throwAwayRecipient } from '../throw-away-recipient.ts';
import { say } from '../say.ts';

const parameters = z
  .strictObject({
    signedBy: z.string().min(1).describe('The export key, which signs the bundle.'),
    root: z.string().min(1).describe('The key whose certificate is the root of the bundle.'),
    validityDays: z.int().min(1).max(398).default(90).describe('Days until the bundle expires.'),
    backups: z.boolean().default(true).describe('Whether the wrapped CA keys leave as well.'),
    recipient: z
      .enum(['needed', 'optional'])
      .default('needed')
      .describe(
        'Optional: without a recipient’s certificate no bundle is made, and what leaves the room are the files alone.',
      ),
  })
  .describe('Signs a bundle of what was made and encrypts it to the system that will import it.');
type ExportParameters = z.infer<typeof parameters>;
/** Null where no bundle is made. */
const prepared = z
  .strictObject({
    sequence: z.int(),
    previous: z.string().nullable(),
    created: z.iso.datetime(),
    expires: z.iso.datetime(),
  })
  .nullable();
type Prepared = z.infer<typeof prepared>;

/** No certificate is larger (bytes). */
const CERTIFICATE_LIMIT = 64 * 1024;

/** What leaves the room: signed in the token, encrypted to the system that will import it. */
export const exportBundle: Action<ExportParameters, Prepared, Bundle> = {
  name: 'export-bundle',
  parameters,
  result: bundleResult,
  needs: ['main'],
  lint: ({ signedBy }, script) => unusable(script, [signedBy]),
  files: (state, wanted) => [
    'bundle.cms',
    ...(state.mode === 'training' && incomingPath(state, recipientFile(state, wanted)) === null
      ? ['recipient.crt', 'recipient.key']
      : []),
  ],
  paper: ({ recipient }, reader) => ({
    incoming: [{ label: say(reader, 'bundle.recipient'), optional: recipient === 'optional' }],
  }),
  look: async (context, wanted) => {
    const { state, clock } = context;
    const file = recipientFile(state, wanted);
    const path = incomingPath(state, file);
    if (path === null) return [];
    const { x509 } = readRecipientCertificate(await readFileOrRefuse(path, file.limit), path, clock());
    return [
      { kind: 'row', label: say(state, 'fact.recipient'), value: x509.subject.replaceAll('\n', ', ') },
      ...(await lookAtIncoming(context, file)),
    ];
  },
  asks: ({ state }, wanted, looked) => asksForIncoming(state, recipientFile(state, wanted), looked),
  prepare: async ({ state, ledger, clock }, wanted) => {
    const { recipient, validityDays } = wanted;
    if (recipient === 'optional' && incomingPath(state, recipientFile(state, wanted)) === null) return null;
    const rows = await ledger.read({ ofCeremonies: true });
    const earlier = rows.flatMap(({ kind, body }) => {
      if (kind !== 'step.result') return [];
      const parsed = bundleResult.safeParse((body as { result: unknown }).result);
      return parsed.success && parsed.data.sequence !== null ? [parsed.data] : [];
    });
    // A number is used up by its intent: a bundle of an attempt that was undone may have been copied.
    const numbers = rows.flatMap(({ kind, body }) => {
      const intent = body as { action?: string; prepared?: { sequence?: number } | null };
      return kind === 'step.intent' && intent.action === 'export-bundle' ? [intent.prepared?.sequence ?? 0] : [];
    });
    // Of the store before this one, which is gone.
    const brought = (await ceremoniesOf(ledger)).flatMap(broughtNumbersIn).map(({ bundle }) => bundle);
    const previous = earlier.at(-1)?.sha256 ?? brought.at(-1)?.sha256 ?? null;
    const created = clock();
    created.setUTCMilliseconds(0);
    const expires = new Date(created);
    expires.setUTCDate(expires.getUTCDate() + validityDays);
    return {
      sequence: Math.max(...brought.map(firstBundleAfter), Math.max(0, ...numbers) + 1),
      previous,
      created: created.toISOString(),
      expires: expires.toISOString(),
    };
  },
  perform: async (context, wanted, intent) => {
    const { state, output } = context;
    const { signedBy, root, backups } = wanted;
    const chosen = prepared.parse(intent);
    if (chosen === null) {
      return {
        result: { sequence: null },
        facts: [{ kind: 'row', label: say(state, 'bundle.bundle'), value: say(state, 'bundle.none') }],
      };
    }
    const { sequence, previous, created, expires } = chosen;
    const file = recipientFile(state, wanted);
    const path = incomingPath(state, file);
    const files = [];
    let recipient: Uint8Array;
    if (path === null) {
      if (state.mode === 'live') throw new Refusal('RECIPIENT_MISSING');
      const made = await throwAwayRecipient(context.random, new Date(created));
      files.push(await output.write('recipient.crt', made.certificatePem));
      files.push(await output.write('recipient.key', made.keyPem));
      recipient = made.certificatePem;
    } else {
      recipient = await readIncoming(state, file);
    }
    const { der } = await sealBundle({
      ceremony: state.id,
      mode: state.mode,
      sequence,
      previous,
      created: new Date(created),
      expires: new Date(expires),
      items: itemsOf(context, backups),
      signer: tokenSigner(context, signedBy),
      exportCertificate: certificateDer(context, signedBy),
      rootCertificate: certificateDer(context, root),
      recipientCertificate: recipient,
      recipientPath: path ?? 'recipient.crt',
    });
    const written = await output.write('bundle.cms', der);
    const { subject, fingerprint256 } = new X509Certificate(recipient);
    const recipientSha256 = fingerprint256.replaceAll(':', '').toLowerCase();
    const name = subject.replaceAll('\n', ', ');
    return {
      result: { sequence, sha256: written.sha256, recipientSha256, recipient: name, expires },
      facts: [
        {
          kind: 'row',
          label: say(state, 'bundle.bundle'),
          value: say(state, 'bundle.number', { sequence, expires: expires.slice(0, 10) }),
        },
        { kind: 'row', label: say(state, 'fact.recipient'), value: name },
        { kind: 'row', label: say(state, 'bundle.recipientSha256'), value: recipientSha256, mono: true },
        ...files,
        written,
      ],
    };
  },
  reconcile: filesOnly,
};

function recipientFile(state: CeremonyState, { recipient }: ExportParameters): IncomingFile {
  const { mode } = state;
  const file = { id: 'recipient', label: say(state, 'bundle.recipient'), limit: CERTIFICATE_LIMIT };
  if (recipient === 'optional') {
    const hint = say(state, 'bundle.hintOptional');
    return { ...file, hint, optional: true };
  }
  const hint = say(state, mode === 'training' ? 'bundle.hintTraining' : 'bundle.hintLive');
  return { ...file, hint, optional: mode === 'training' };
}

function itemsOf({ state }: EffectContext, withBackups: boolean): Items {
  const target = 'directory';
  const certificates = certificatesOf(state).map(({ file, der }) => ({
    ...{ path: file, type: 'certificate' as const, target },
    bytes: new TextEncoder().encode(pemOf(Buffer.from(der, 'base64'))),
  }));
  // A list takes the place of the one before (RFC 5280 5.2.3).
  const lists = revocationListsOf(state).toSorted((one, other) => other.number - one.number);
  const newest = lists.filter(
    (list, index) => lists.findIndex(({ issuerKeySha256 }) => issuerKeySha256 === list.issuerKeySha256) === index,
  );
  const revocationLists = newest.map(({ file, der }) => ({
    ...{ path: file, type: 'revocation-list' as const, target },
    bytes: Buffer.from(der, 'base64'),
  }));
  const manifest = {
    ...{ path: 'share-set.json', type: 'share-set-manifest' as const, target },
    bytes: new TextEncoder().encode(hasShares(state) ? canonicalize(manifestOf(state)) : ''),
  };
  const backups = wrappedKeysOf(state).map(({ file, blob }) => ({
    ...{ path: file, type: 'wrapped-key' as const, target },
    bytes: Buffer.from(blob, 'base64'),
  }));
  const items = [
    ...certificates,
    ...revocationLists,
    ...(hasShares(state) ? [manifest] : []),
    ...(withBackups ? backups : []),
  ];
  return withNamesOfTheirOwn(items);
}

type Items = Parameters<typeof sealBundle>[0]['items'];

/**
 * Of two with one name the newer, which stands first, keeps it; the other is named by its SHA-256 as well, for neither may be left
 * out in silence. The same bytes twice are one. FAT tells no case apart.
 */
function withNamesOfTheirOwn(items: Items): Items {
  const named: Items = [];
  for (const item of items) {
    const at = (path: string) => named.find((other) => other.path.toLowerCase() === path.toLowerCase());
    const { dir, name, ext } = posix.parse(item.path);
    const sha256 = createHash('sha256').update(item.bytes).digest('hex');
    const path = at(item.path) ? posix.join(dir, `${name}-${sha256.slice(0, 8)}${ext}`) : item.path;
    const same = [at(item.path), at(path)].some((other) => other && Buffer.from(other.bytes).equals(item.bytes));
    if (!same) named.push({ ...item, path });
  }
  return named;
}

function hasShares(state: CeremonyState): boolean {
  return resultsOf(state, 'make-master-key').length > 0 || foundSharesOf(state) !== null;
}
