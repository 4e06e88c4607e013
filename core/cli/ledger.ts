import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import QRCode from 'qrcode';
import type { LedgerVerification, SealedSegment } from '../contract/ledger.ts';
import { valueOf } from '../process/rpc.ts';
import { CoreProcess } from '../service/client.ts';
import { defaultDataFolder } from '../service/paths.ts';
import { readFileOrRefuse } from '../store/files.ts';
import { type Face, answer, say, withCore } from './report.ts';
import { identityOf } from './vault-value.ts';

type DataFace = Face & { data: string };
type ListOptions = {
  kind?: string;
  ceremony?: string;
  secret?: string;
  principal?: string;
  since?: string;
  limit: number;
};

/** No checkpoint on paper is longer (bytes). */
const CHECKPOINT_LIMIT = 4096;

/** `claviger ledger verify | list | export | prove | witness | checkpoint | add-signature | seal` */
export function addLedgerCommands(program: Command): void {
  const ledger = program.command('ledger').description('The log: verify, look, prove, keep.');
  const withJson = (command: Command) => command.option('--json', 'one JSON value', false);
  const withData = (command: Command) =>
    withJson(command.option('--data <dir>', 'folder of the store', defaultDataFolder()));

  withJson(ledger.command('verify').description("Verify a store's folder or an export; no token is needed."))
    .argument('<path>')
    .option('--checkpoint <text>', 'a checkpoint from paper: its text, SIZE and 32 words, or a file with either')
    .action(async (path: string, options: Face & { checkpoint?: string }) => {
      await withCore(options, CoreProcess.start({ data: defaultDataFolder() }), async (core) => {
        const paper = options.checkpoint === undefined ? {} : { checkpoint: await textOrFile(options.checkpoint) };
        const verified = valueOf(await core.call('ledger.verify', { path, ...paper }));
        for (const { seq, detail } of verified.warnings) say(`warning: row ${seq}: ${detail}`);
        answer(options, verified, describe(verified));
      });
    });

  withData(ledger.command('list').description('The newest rows, in order.'))
    .option('--kind <kind>', 'of this kind only')
    .option('--ceremony <id>', 'of this ceremony only')
    .option('--secret <owner/environment/name>', 'about this secret of a vault only')
    .option('--principal <name>', 'about this principal of a vault only')
    .option('--since <time>', 'not before this time (ISO 8601, UTC)')
    .option('--limit <count>', 'at most so many', numberOf, 100)
    .action(async (options: DataFace & ListOptions) => {
      await withCore(options, CoreProcess.start(options), async (core) => {
        const { kind, ceremony, secret, principal, since, limit } = options;
        const filter = {
          ...(secret === undefined ? {} : { secret: identityOf(secret) }),
          ...(principal === undefined ? {} : { principal }),
          ...(kind === undefined ? {} : { kind }),
          ...(ceremony === undefined ? {} : { ceremony }),
          ...(since === undefined ? {} : { since }),
        };
        const listed = valueOf(await core.call('ledger.list', { ...filter, limit }));
        answer(
          options,
          listed,
          listed.rows.map(
            (row) => `${row.seq}  ${row.at}  ${row.ceremony ?? '-'}  ${row.kind}  ${JSON.stringify(row.body)}`,
          ),
        );
      });
    });

  withData(ledger.command('export').description('Write rows to a file that can be verified without the rest.'))
    .option('--from <seq>', 'first row; the first of all if not given', numberOf)
    .option('--to <seq>', 'last row; the last that is signed if not given', numberOf)
    .option('--recipient <certificate>', 'encrypt it to this certificate (PEM or DER); openssl cms -decrypt opens it')
    .requiredOption('-o, --out <file>', 'a new file')
    .action(async (options: DataFace & { from?: number; to?: number; recipient?: string; out: string }) => {
      await withCore(options, CoreProcess.start(options), async (core) => {
        const { from, to, recipient, out } = options;
        const range = {
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
          ...(recipient === undefined ? {} : { recipient: resolve(recipient) }),
        };
        const written = valueOf(await core.call('ledger.export', { ...range, out }));
        answer(options, written, [
          `${written.path}: rows ${written.from} to ${written.to}`,
          ...(written.recipient === null ? [] : [`encrypted to ${written.recipient}`]),
          `SHA-256 ${written.sha256}`,
        ]);
      });
    });

  withData(ledger.command('prove').description('Prove one row in the newest signed checkpoint.'))
    .argument('<seq>', 'its number', numberOf)
    .action(async (seq: number, options: DataFace) => {
      await withCore(options, CoreProcess.start(options), async (core) => {
        const proof = valueOf(await core.call('ledger.prove', { seq }));
        answer(options, proof, [
          `row  ${proof.leaf}`,
          `leaf ${proof.index} of ${proof.size}`,
          ...proof.path.map((hash) => `path ${hash}`),
          proof.checkpoint.body.trimEnd(),
        ]);
      });
    });

  withData(ledger.command('witness').description('The newest signed checkpoint, to be kept on paper.')).action(
    async (options: DataFace) => {
      await withCore(options, CoreProcess.start(options), async (core) => {
        const witness = valueOf(await core.call('ledger.witness', {}));
        answer(options, witness, [
          `signed ${witness.at}, rows ${witness.size}`,
          '',
          witness.text,
          `${witness.size} ${witness.words.join(' ')}`,
          '',
          await QRCode.toString(witness.text, { type: 'utf8' }),
        ]);
      });
    },
  );

  withData(
    ledger.command('checkpoint').description('On PostgreSQL: write a checkpoint of all rows, to be signed elsewhere.'),
  )
    .requiredOption('-o, --out <file>', 'a new file')
    .action(async (options: DataFace & { out: string }) => {
      await withCore(options, CoreProcess.start(options), async (core) => {
        const written = valueOf(await core.call('ledger.checkpoint', { out: resolve(options.out) }));
        answer(options, written, [`${written.path}: ${written.size} rows`, '', written.text.trimEnd()]);
      });
    });

  withData(ledger.command('add-signature').description('On PostgreSQL: take a checkpoint that was signed elsewhere.'))
    .requiredOption('--checkpoint <file>', 'what was to be signed')
    .requiredOption('--signature <file>', 'detached CMS over it, DER')
    .option('--hand-over <file>', 'of another key: the signature of the key before it over its certificate, both DER')
    .action(async (options: DataFace & { checkpoint: string; signature: string; handOver?: string }) => {
      await withCore(options, CoreProcess.start(options), async (core) => {
        const { checkpoint, signature, handOver } = options;
        const files = { checkpoint: resolve(checkpoint), signature: resolve(signature) };
        const more = handOver === undefined ? {} : { handOver: resolve(handOver) };
        const taken = valueOf(await core.call('ledger.addSignature', { ...files, ...more }));
        answer(options, taken, [`${taken.size} rows are signed (row ${taken.seq})`]);
      });
    });

  withData(ledger.command('seal').description('Move old signed rows to a file in the data folder; they stay provable.'))
    .requiredOption('--before <time>', 'rows from before this time (ISO 8601, UTC)')
    .action(async (options: DataFace & { before: string }) => {
      await withCore(options, CoreProcess.start(options), async (core) => {
        const sealed = valueOf(await core.call('ledger.seal', { before: options.before }));
        answer(options, sealed, describeSegments(sealed.segments));
      });
    });
}

export function describeSegments(segments: SealedSegment[]): string[] {
  if (segments.length === 0) return ['There was nothing to seal.'];
  return segments.flatMap(({ file, from, to, sha256 }) => [`${file}: rows ${from} to ${to}`, `SHA-256 ${sha256}`]);
}

function describe(verified: LedgerVerification): string[] {
  const { of, origin, from, to, size, signed, notYetSigned, checkpoints, signer, segments, paper } = verified;
  if (size === 0) return ['The ledger is empty: there is nothing to verify.', `ledger ${origin}`];
  return [
    of === 'store' ? `${size} rows, verified` : `rows ${from} to ${to} of ${size}, verified`,
    `ledger ${origin}`,
    `root ${verified.root}`,
    `signed: ${signed} rows (${checkpoints} checkpoints); not yet signed: ${notYetSigned}`,
    ...(segments > 0 ? [`sealed segments: ${segments}`] : []),
    signer
      ? `signed by ${signer.subject}, issued by ${signer.issuer}, SHA-256 ${signer.sha256}`
      : 'nobody has signed it: only a checkpoint on paper could tell what was changed',
    ...(paper === null ? [] : [`the checkpoint on paper, ${paper} rows, is contained`]),
  ];
}

async function textOrFile(given: string): Promise<string> {
  return existsSync(given) ? new TextDecoder().decode(await readFileOrRefuse(given, CHECKPOINT_LIMIT)) : given;
}

function numberOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a number.');
  return Number(text);
}
