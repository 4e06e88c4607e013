import { resolve } from 'node:path';
import canonicalize from 'canonicalize';
import { newestCheckpoint } from '../ceremony/previous-checkpoint.ts';
import type { CommandInput, CommandName, CommandOutput } from '../contract/commands.ts';
import { Refusal } from '../contract/errors.ts';
import { checkpointWords, parseCheckpoint, readPaperCheckpoint } from '../ledger/checkpoint.ts';
import { LEDGER_KINDS } from '../ledger/kinds.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { verifyInclusion } from '../ledger/proof.ts';
import { leafOf } from '../ledger/row.ts';
import { altered } from '../ledger/row-check.ts';
import { refuseSignedHere, takeSignature } from '../ledger/signed-elsewhere.ts';
import { leafHash } from '../ledger/tree.ts';
import { verifyLedger } from '../ledger/verify.ts';
import { verifyOpenStore } from '../ledger/verify-store.ts';
import { type Code, byteCodeOf } from '../print/qr.ts';
import { nameText } from '../pki/distinguished-name.ts';
import { readRecipientCertificate } from '../pki/read-certificate.ts';
import { readFileOrRefuse, writeFileDurably } from '../store/files.ts';
import type { Store } from '../store/open.ts';
import { idOfPrincipal, idsOfSecret } from '../vault/trail.ts';
import { KINDS } from './kinds.ts';
import { Verification } from './verification.ts';

type LedgerCommand = Extract<CommandName, `ledger.${string}`>;
type LedgerHandlers = { [C in LedgerCommand]: (input: CommandInput<C>) => Promise<CommandOutput<C>> };

/** No certificate of a recipient is larger (bytes). */
const CERTIFICATE_LIMIT = 64 * 1024;
/** Nor a checkpoint, or a signature of one with its certificate. */
const SIGNATURE_LIMIT = 64 * 1024;

type Opened = { ledger: Ledger; store: Store };

/** The handlers of the ledger's commands. `ledger.verify` opens no store of this process: it is for whatever path it is given. */
export function ledgerHandlers(
  opened: () => Promise<Opened>,
  clock: () => Date,
): { handlers: LedgerHandlers; close: () => Promise<void> } {
  const verification = new Verification();
  const handlers: LedgerHandlers = {
    'ledger.verifyOwn': async ({ checkpoint }) => {
      const paper = checkpoint === undefined ? null : readPaperCheckpoint(checkpoint);
      const { store } = await opened();
      return verification.begin((pace) => verifyOpenStore(store, KINDS, paper, pace), clock());
    },
    'ledger.verifying': ({ after }) => verification.since(after),
    'ledger.verifyTurn': ({ turn }) => Promise.resolve(verification.turn(turn)),
    'ledger.verify': ({ path, checkpoint }) =>
      verifyLedger(resolve(path), {
        kinds: KINDS,
        paper: checkpoint === undefined ? null : readPaperCheckpoint(checkpoint),
      }),
    'ledger.list': async ({ since, before, limit, secret, principal, ...exact }) => {
      const { ledger, store } = await opened();
      const about = [
        ...(secret ? [await idsOfSecret({ store, ledger }, secret)] : []),
        ...(principal === undefined ? [] : [[await idOfPrincipal(store, principal)]]),
      ];
      const filter = {
        ...exact,
        about,
        ...(since === undefined ? {} : { since: timeOf(since) }),
        ...(before === undefined ? {} : { before: timeOf(before) }),
        limit,
      };
      return {
        rows: await ledger.read(filter),
        size: (await ledger.head()).size,
        signed: (await newestCheckpoint(ledger))?.size ?? 0,
        kinds: [...Object.keys(KINDS), ...Object.keys(LEDGER_KINDS)],
      };
    },
    'ledger.export': async ({ from = 1, to: wanted, recipient, out }) => {
      const { ledger } = await opened();
      const certificate =
        recipient === undefined
          ? null
          : readRecipientCertificate(await readFileOrRefuse(recipient, CERTIFICATE_LIMIT), recipient, clock());
      const to = wanted ?? (await ledger.signed()).size;
      const path = resolve(out);
      const sha256 = await ledger.export({ from, to }, path, certificate);
      return {
        path,
        from,
        to,
        sha256,
        recipient: certificate && nameText(certificate.structure.tbsCertificate.subject),
      };
    },
    'ledger.prove': async ({ seq }) => {
      const { ledger } = await opened();
      const [row] = await ledger.read({ from: seq, to: seq });
      if (!row) throw new Refusal('LEDGER_ROW_UNKNOWN', { seq, size: (await ledger.head()).size });
      const { size, checkpoint, keys } = await ledger.signed(seq);
      const path = await ledger.proveInclusion(seq, size);
      const leaf = leafOf({ ...row, body: canonicalize(row.body) ?? '' });
      const root = parseCheckpoint(checkpoint.body)?.root;
      // What is shown as proven was tried here, the row as it stands against what was signed.
      if (!root || !verifyInclusion(leafHash(leaf), { index: seq - 1, size, root, proof: path })) {
        throw altered(seq, 'it is not among the rows that were signed');
      }
      return {
        ...{ row, leaf, index: seq - 1, size },
        ...{ path: path.map((hash) => Buffer.from(hash).toString('base64')), checkpoint, keys },
      };
    },
    'ledger.witness': async () => {
      const { row, checkpoint } = await (await opened()).ledger.signed();
      const parsed = parseCheckpoint(checkpoint.body);
      if (!parsed) throw new Error('a signed checkpoint does not parse');
      const { origin, size, text } = parsed;
      return { origin, size, text, words: checkpointWords(parsed), at: row.at, qr: modulesOf(byteCodeOf(text, 'M')) };
    },
    'ledger.checkpoint': async ({ out }) => {
      const { ledger, store } = await opened();
      refuseSignedHere(store);
      await ledger.checkLeaves();
      const { text, size } = await ledger.checkpoint();
      const path = resolve(out);
      await writeFileDurably(path, new TextEncoder().encode(text), { mode: 0o644, overwrite: false });
      return { path, size, text };
    },
    'ledger.addSignature': async ({ checkpoint, signature, handOver }) => {
      const { ledger, store } = await opened();
      const read = (path: string) => readFileOrRefuse(resolve(path), SIGNATURE_LIMIT);
      return takeSignature(store, ledger, {
        text: new TextDecoder().decode(await read(checkpoint)),
        signature: await read(signature),
        handOver: handOver === undefined ? null : await read(handOver),
      });
    },
    'ledger.seal': async ({ before }) => ({ segments: await (await opened()).ledger.sealBefore(timeOf(before)) }),
  };
  return { handlers, close: () => verification.stop() };
}

function modulesOf(code: Code): string[] {
  const each = Array.from({ length: code.modules }, (_, index) => index);
  return each.map((row) => each.map((column) => (code.dark(row, column) ? '1' : '0')).join(''));
}

/** A date is its midnight, UTC; rows have milliseconds. */
function timeOf(text: string): string {
  return new Date(text).toISOString();
}
