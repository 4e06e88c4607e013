import { z } from 'zod';
import type { CeremonySummary, CeremonyView, Mode } from './ceremony.ts';
import { custodyRow } from './custody.ts';
import type { ErrorValue, Outcome } from './errors.ts';
import type {
  LedgerListing,
  LedgerProof,
  LedgerVerification,
  LedgerWitness,
  SealedSegment,
  VerificationProgress,
} from './ledger.ts';
import { type IncidentView, incidentSchema } from './incident.ts';
import { LOCALES, type Locale } from './messages/locale.ts';
import type {
  AccessReport,
  EmergencyReport,
  InventoryReport,
  LossReport,
  RehearsalReport,
  RotationReport,
  ViolationReport,
  Written,
} from './compliance.ts';
import type { Bundles, CustodyOverview, Due } from './reports.ts';
import type { Policy } from './policy.ts';
import { ROLES } from './roles.ts';
import { settingsSchema } from './settings-schema.ts';
import type { Settings } from './settings.ts';
import { identitySchema, principalName } from './vault.ts';
import { VAULT_COMMANDS, type VaultOutputs } from './vault-commands.ts';
import type { KnownTokens, Probe, ProbedToken, TokenContents, TokenFileView } from './token.ts';

/**
 * The one command table. The window, the command line and the tests call the same commands; core checks every
 * input against its schema here. Adding a command touches this file and one handler.
 */

const ceremony = z.strictObject({ ceremony: z.string().min(1).max(80) });
const step = ceremony.extend({ step: z.string().min(1).max(41) });
/** Some hold the label of a key (64). */
const ask = z.string().max(80);
const person = z.string().trim().min(1).max(80);
const path = z.string().min(1).max(4096);
const ticket = z.string().regex(/^[0-9a-f]{32}$/);
const time = z.iso.datetime().or(z.iso.date());
/** Not before `since`, earlier than `before`. */
const period = { since: time.optional(), before: time.optional() };
/** Files that a report is written to besides: a table (RFC 4180), all that it tells as JSON, and a PDF for auditors. */
const reportFiles = z.strictObject({
  csv: path.optional(),
  json: path.optional(),
  out: path.optional(),
  paper: z.enum(['A4', 'Letter']).default('A4'),
  language: z.enum(LOCALES).default('en'),
  overwrite: z.boolean().default(false),
});
const pkcs11Module = z.strictObject({ module: path, parameters: z.string().max(4096).optional() });

export const answerSchema = z.union([
  z.strictObject({ participants: z.array(z.strictObject({ role: z.enum(ROLES), name: person })).max(40) }),
  z.strictObject({ text: z.string().max(4096) }),
  z.strictObject({ person }),
  z.strictObject({ ticks: z.array(z.tuple([z.boolean(), z.boolean()])).max(64) }),
  z.strictObject({ rows: z.array(custodyRow).max(64) }),
  z.strictObject({ scanSheet: z.int().min(1).max(15) }),
  z.strictObject({ scanFile: path }),
]);
export type Answer = z.infer<typeof answerSchema>;

export type AppInfo = {
  version: string;
  data: string;
  organisation: string;
  /** Where a training run's files would go. */
  suggestedOut: string;
  scripts: ShippedScript[];
  ceremonies: CeremonySummary[];
  /** The newest signed checkpoint, which the next ceremony wants to see on paper: how many rows, and when. */
  checkpoint: { size: number; at: string } | null;
};

/** What a ceremony is for, by what its steps do (core/ceremony/purpose.ts). */
export const PURPOSES = ['make', 'use', 'prove', 'change', 'recover', 'end'] as const;
export type CeremonyPurpose = (typeof PURPOSES)[number];

export type ShippedScript = {
  path: string;
  title: string;
  purpose: string;
  steps: number;
  /** Of its own words. */
  language: Locale;
  group: CeremonyPurpose;
  /** Where its paper script would go. */
  suggestedPaper: string;
  error: ErrorValue | null;
};

export type CheckedScript = {
  title: string;
  purpose: string;
  /** Of its own words. */
  language: Locale;
  /** What it would be with the token file. */
  mode: Mode;
  sha256: string;
  words: string[];
  steps: { number: number; title: string; section: string; action: string }[];
};

export type PrintedScript = {
  path: string;
  pages: number;
  /** Of the script, not of the paper. */
  sha256: string;
  words: string[];
};

export type PrinterView = { name: string; state: 'idle' | 'printing' | 'stopped'; accepting: boolean };

export type PrintedTest = {
  job: string;
  /** What its codes say. */
  text: string;
  spool: string;
  /** Files that were left in the spool and searched; null where this user may not look. */
  searched: number | null;
};

export type ImportedBundle = {
  /** Of the bundle file. */
  sha256: string;
  sequence: number;
  issuer: string;
  recipient: string;
  created: string;
  expires: string;
  rootSha256: string;
  rootWords: string[];
  /** `given`: --root named it. `remembered`: an earlier import into this folder trusted it. `first`: trusted now, for the first time. */
  trust: 'given' | 'remembered' | 'first';
  written: { path: string; type: string; sha256: string }[];
};

export const COMMANDS = {
  'app.info': { input: z.strictObject({}) },
  /** With `out`, that folder is looked at too; nothing is written. */
  'ceremony.check': {
    input: z.strictObject({ script: path, token: path.optional(), out: path.optional(), copy: path.optional() }),
  },
  /** Writes the paper script, a PDF. Nothing is overwritten unless `overwrite` says so. */
  'ceremony.script': {
    input: z.strictObject({
      script: path,
      out: path,
      paper: z.enum(['A4', 'Letter']).default('A4'),
      language: z.enum(LOCALES).default('en'),
      overwrite: z.boolean().default(false),
    }),
  },
  'ceremony.begin': {
    /**
     * `copy`: a folder on a second medium. A live ceremony needs one. `checkpoint`: what stands on the paper of the ceremony
     * before, where there was one; `checkpointLost` says why nobody has it. `language`: of everything that Claviger says in it.
     */
    input: z.strictObject({
      script: path,
      out: path,
      copy: path.optional(),
      token: path.optional(),
      language: z.enum(LOCALES).default('en'),
      checkpoint: z.string().max(4096).optional(),
      checkpointLost: z.string().trim().min(1).max(400).optional(),
    }),
  },
  'ceremony.list': { input: z.strictObject({}) },
  'ceremony.view': { input: ceremony },
  'ceremony.answer': { input: step.extend({ ask, answer: answerSchema }) },
  /** The bytes went ahead through the secret channel under this ticket. */
  'ceremony.provide': { input: step.extend({ ask, ticket }) },
  /** `shown`: of the view that the person looked at. */
  'ceremony.confirm': { input: step.extend({ role: z.enum(ROLES), shown: z.string().regex(/^[0-9a-f]{64}$/) }) },
  'ceremony.perform': { input: step },
  'ceremony.resume': { input: ceremony },
  /** Prints a sheet again while the step that reads it back is open. `seenBy`: who saw the copy before destroyed. */
  'ceremony.reprint': {
    input: step.extend({
      sheet: z.int().min(1).max(15),
      person,
      reason: z.string().trim().min(1).max(400),
      seenBy: person,
    }),
  },
  'ceremony.deviation': { input: ceremony.extend({ person, text: z.string().trim().min(1).max(2000) }) },
  'ceremony.pause': { input: ceremony.extend({ person, reason: z.string().trim().min(1).max(2000) }) },
  'ceremony.continue': { input: ceremony.extend({ person }) },
  'ceremony.abort': { input: ceremony.extend({ person, reason: z.string().trim().min(1).max(2000) }) },
  /** What a PKCS#11 module offers without a login. */
  'token.probe': { input: pkcs11Module },
  /**
   * `token`: a token file, or `{training}`, the ceremony that began a training token. `pin` is the ticket of a PIN that went ahead,
   * where the token file names no file for it. `lastTryWith`: the second person who agrees to the last try before the PIN locks.
   */
  'token.show': {
    input: z.strictObject({
      token: z.union([path, z.strictObject({ training: z.string().regex(/^[0-9a-f-]{1,80}$/) })]),
      pin: ticket.optional(),
      lastTryWith: z.string().trim().min(1).max(80).optional(),
    }),
  },
  /**
   * Both PINs went ahead. Everything on the token is destroyed. `lastTryWith`: the second person who agrees to the last
   * try before the security officer's PIN locks.
   */
  'token.init': {
    input: pkcs11Module.extend({
      at: z.union([
        z.strictObject({ slot: z.string().regex(/^\d{1,20}$/, 'a slot is a number') }),
        z.strictObject({ serial: z.string().min(1).max(16) }),
      ]),
      label: z.string().trim().min(1).max(32),
      securityOfficerPin: ticket,
      pin: ticket,
      wipe: z.boolean(),
      lastTryWith: z.string().trim().min(1).max(80).optional(),
    }),
  },
  'printer.list': { input: z.strictObject({}) },
  /** Prints a page like a share sheet that is none, purges the printer's jobs and looks whether the spool still holds it. */
  'printer.test': {
    input: z.strictObject({
      printer: z.string().min(1).max(127),
      paper: z.enum(['A4', 'Letter']).default('A4'),
      language: z.enum(LOCALES).default('en'),
      spool: path.optional(),
    }),
  },
  /** Training tokens of this store, and the token files that ceremonies used or that lie in the data folder. */
  'token.list': { input: z.strictObject({}) },
  /** What a token file says, without a look at the token. */
  'token.file': { input: z.strictObject({ token: path }) },
  /** `record`: the import is recorded in the ledger of this store. A system that only imports has none. */
  'bundle.import': {
    input: z.strictObject({
      bundle: path,
      key: path,
      directory: path,
      root: path.optional(),
      record: z.boolean().default(false),
    }),
  },
  /** Bundles that ceremonies made, and imports that were recorded. */
  'bundle.list': { input: z.strictObject({}) },
  'camera.list': { input: z.strictObject({}) },
  'settings.read': { input: z.strictObject({}) },
  /** What is left out stays as it is. */
  'settings.write': { input: settingsSchema.partial() },
  /** What this version asks of every ceremony, and what each shipped script asks. */
  'policy.read': { input: z.strictObject({}) },
  /** `path`: a store's folder, or an export. `checkpoint`: the text of one on paper, or its size and words. */
  'ledger.verify': { input: z.strictObject({ path, checkpoint: z.string().max(4096).optional() }) },
  /** Begins to verify the store that is open, in the background; one that is under way goes on instead. */
  'ledger.verifyOwn': { input: z.strictObject({ checkpoint: z.string().max(4096).optional() }) },
  /** Answers when it has come further than `after`, or after a while with the same number. */
  'ledger.verifying': { input: z.strictObject({ after: z.int().min(-1) }) },
  'ledger.verifyTurn': { input: z.strictObject({ turn: z.enum(['pause', 'continue', 'cancel']) }) },
  /**
   * The newest `limit` rows that fit. Times in UTC: not before `since`, earlier than `before`. `find` stands somewhere in the row;
   * `to`: no later row than that. `secret`, `principal`: rows of a vault about them.
   */
  'ledger.list': {
    input: z.strictObject({
      kind: z.string().max(80).optional(),
      ceremony: z.string().max(80).optional(),
      secret: identitySchema.optional(),
      principal: principalName.optional(),
      since: time.optional(),
      before: time.optional(),
      find: z.string().min(1).max(200).optional(),
      to: z.int().min(1).optional(),
      limit: z.int().min(1).max(100_000),
    }),
  },
  /** Without `from` and `to`: every row that the newest signed checkpoint covers. `recipient`: a certificate that it is encrypted to. */
  'ledger.export': {
    input: z.strictObject({
      from: z.int().min(1).optional(),
      to: z.int().min(1).optional(),
      recipient: path.optional(),
      out: path,
    }),
  },
  'ledger.prove': { input: z.strictObject({ seq: z.int().min(1) }) },
  'ledger.witness': { input: z.strictObject({}) },
  /** Where no ceremony signs: a checkpoint of all rows as a text to be signed elsewhere, and what came back. `signature`, `handOver`: detached CMS in DER. */
  'ledger.checkpoint': { input: z.strictObject({ out: path }) },
  'ledger.addSignature': {
    input: z.strictObject({ checkpoint: path, signature: path, handOver: path.optional() }),
  },
  /** Signed rows from before that time go to a file of their own. */
  'ledger.seal': { input: z.strictObject({ before: time }) },
  /** Who holds which share, which count, which losses each set survives, and what is due. */
  'custody.overview': { input: z.strictObject({}) },
  /** Every key and certificate that ceremonies made, and every key of the vault. */
  'report.inventory': { input: reportFiles },
  /** Each secret that stands: when its rotation is due, and how often it came late. */
  'report.rotation': { input: reportFiles },
  /** How often whom was given which secret, or refused it. */
  'report.access': { input: z.strictObject({ ...period, ...reportFiles.shape }) },
  /** What was refused, did not open or was unusual, and what is overdue. */
  'report.violations': { input: z.strictObject({ ...period, ...reportFiles.shape }) },
  /** Every time the glass was broken: why, for how long, what was done, and what another person found. */
  'report.emergencies': { input: reportFiles },
  /** Every rehearsal that was recorded and what it showed, and the next ones. */
  'report.rehearsals': { input: reportFiles },
  /** What would be gone without the keys, and what would be done about each. */
  'report.losses': { input: reportFiles },
  /** What was learned when something went wrong. */
  'incident.record': { input: incidentSchema },
  'incident.list': { input: z.strictObject({}) },
  /** With `calendar`, the dates as an RFC 5545 file too. */
  'report.due': {
    input: z.strictObject({
      calendar: path.optional(),
      language: z.enum(LOCALES).default('en'),
      overwrite: z.boolean().default(false),
    }),
  },
  ...VAULT_COMMANDS,
  /** Answers when anything has changed since `after`, or after a while with the same number. */
  'app.changes': { input: z.strictObject({ after: z.int().min(0) }) },
} as const;

export type CommandName = keyof typeof COMMANDS;
export type CommandInput<C extends CommandName> = z.input<(typeof COMMANDS)[C]['input']>;

export type CommandOutputs = VaultOutputs & {
  'app.info': AppInfo;
  'ceremony.check': CheckedScript;
  'ceremony.script': PrintedScript;
  'ceremony.begin': CeremonyView;
  'ceremony.list': { ceremonies: CeremonySummary[] };
  'ceremony.view': CeremonyView;
  'ceremony.answer': CeremonyView;
  'ceremony.provide': CeremonyView;
  'ceremony.confirm': CeremonyView;
  'ceremony.perform': CeremonyView;
  'ceremony.resume': CeremonyView;
  'ceremony.reprint': CeremonyView;
  'ceremony.deviation': CeremonyView;
  'ceremony.pause': CeremonyView;
  'ceremony.continue': CeremonyView;
  'ceremony.abort': CeremonyView;
  'token.probe': Probe;
  'token.show': TokenContents;
  'token.init': { token: ProbedToken; visibleBefore: string[]; objectsAfter: string[] };
  'printer.list': { printers: PrinterView[] };
  'printer.test': PrintedTest;
  'token.list': KnownTokens;
  'token.file': TokenFileView;
  'bundle.import': ImportedBundle;
  'bundle.list': Bundles;
  'camera.list': { cameras: string[] };
  'settings.read': Settings;
  'settings.write': Settings;
  'policy.read': Policy;
  'ledger.verify': LedgerVerification;
  'ledger.verifyOwn': VerificationProgress;
  'ledger.verifying': VerificationProgress;
  'ledger.verifyTurn': VerificationProgress;
  'ledger.list': LedgerListing;
  /** `recipient`: the subject of the certificate; null where the file is not encrypted. */
  'ledger.export': { path: string; from: number; to: number; sha256: string; recipient: string | null };
  'ledger.prove': LedgerProof;
  'ledger.witness': LedgerWitness;
  'ledger.checkpoint': { path: string; size: number; text: string };
  /** `seq`: of the checkpoint's row. `size`: how many rows it covers. */
  'ledger.addSignature': { seq: number; size: number };
  'ledger.seal': { segments: SealedSegment[] };
  'custody.overview': CustodyOverview;
  'report.inventory': InventoryReport & Written;
  'report.rotation': RotationReport & Written;
  'report.access': AccessReport & Written;
  'report.violations': ViolationReport & Written;
  'report.emergencies': EmergencyReport & Written;
  'report.rehearsals': RehearsalReport & Written;
  'report.losses': LossReport & Written;
  'incident.record': { seq: number };
  'incident.list': { incidents: IncidentView[] };
  'report.due': { due: Due[]; calendar: string | null };
  'app.changes': { version: number };
};
export type CommandOutput<C extends CommandName> = CommandOutputs[C];

/** One call of one command: what the shell relays and core answers. */
export type Call = <C extends CommandName>(command: C, input: CommandInput<C>) => Promise<Outcome<CommandOutput<C>>>;

export type { Mode };
