import { type Command, Option } from 'commander';
import type {
  AccessLine,
  EmergencyLine,
  LossReport,
  RotationLine,
  VaultKeyLine,
  Violation,
  Written,
} from '../contract/compliance.ts';
import type { CommandInput, CommandName, CommandOutput } from '../contract/commands.ts';
import { LOCALES, type Locale } from '../contract/messages/locale.ts';
import type { InventoryCertificate, InventoryKey, Rehearsal } from '../contract/reports.ts';
import { tell, tellReason } from '../contract/tell.ts';
import { valueOf } from '../process/rpc.ts';
import { CoreProcess } from '../service/client.ts';
import { defaultDataFolder } from '../service/paths.ts';
import { type Face, answer, withCore } from './report.ts';

type Options = Face & {
  data: string;
  csv?: string;
  out?: string;
  paper: 'A4' | 'Letter';
  language: Locale;
  force: boolean;
  since?: string;
  before?: string;
};

/** What the terminal says. */
const HERE = { language: 'en' } as const;

/** `claviger report inventory | rotation | access | violations | emergencies | rehearsals | losses` */
export function addComplianceCommands(report: Command): void {
  add(report, 'inventory', 'Every key and certificate that ceremonies made, and every key of the vault.', {
    call: 'report.inventory',
    lines: ({ keys, certificates, vaultKeys }) => [
      ...keys.map(describeKey),
      ...certificates.map(describeCertificate),
      ...vaultKeys.map(describeVaultKey),
    ],
    none: 'No key was made yet.',
  });
  add(report, 'rotation', 'Each secret that stands: when it is due, and how often it came late.', {
    call: 'report.rotation',
    lines: ({ secrets }) => secrets.map(describeRotation),
    none: 'The vault has no secret.',
  });
  add(report, 'access', 'Who was given which secret how often, or refused it.', {
    call: 'report.access',
    lines: ({ lines }) => lines.map(describeAccess),
    none: 'No secret was asked for.',
    period: true,
  });
  add(report, 'violations', 'What was refused, did not open or was unusual, and what is overdue.', {
    call: 'report.violations',
    lines: ({ violations }) => violations.map(describeViolation),
    none: 'Nothing against the policy.',
    period: true,
  });
  add(report, 'emergencies', 'Every break-glass: why, for how long, what was done, and what another person found.', {
    call: 'report.emergencies',
    lines: ({ emergencies }) => emergencies.map(describeEmergency),
    none: 'The glass was never broken.',
  });
  add(report, 'rehearsals', 'Every rehearsal and what it showed.', {
    call: 'report.rehearsals',
    lines: ({ rehearsals }) => rehearsals.flatMap(describeRehearsal),
    none: 'No rehearsal was recorded.',
  });
  add(report, 'losses', 'What would be gone without the keys, and what would be done about each.', {
    call: 'report.losses',
    lines: describeLosses,
    none: 'There is nothing to lose.',
  });
}

type ComplianceCommand = Extract<
  CommandName,
  `report.${'inventory' | 'rotation' | 'access' | 'violations' | 'emergencies' | 'rehearsals' | 'losses'}`
>;

function add<C extends ComplianceCommand>(
  report: Command,
  name: string,
  description: string,
  of: { call: C; lines: (told: CommandOutput<C>) => string[]; none: string; period?: boolean },
): void {
  const command = report
    .command(name)
    .description(description)
    .option('--data <dir>', 'folder of the store', defaultDataFolder())
    .option('--csv <file.csv>', 'write a table (RFC 4180) too')
    .option('-o, --out <file.pdf>', 'write the report as a PDF too')
    .addOption(new Option('--paper <size>', 'what is in the printer').choices(['A4', 'Letter']).default('A4'))
    .addOption(new Option('--language <language>', 'of the PDF').choices(LOCALES).default('en'))
    .option('--force', 'replace files that are there', false)
    .option('--json', 'one JSON value', false);
  if (of.period) {
    command
      .option('--since <time>', 'not before this time (UTC)')
      .option('--before <time>', 'earlier than this time (UTC)');
  }
  command.action(async (options: Options) => {
    await withCore(options, CoreProcess.start(options), async (core) => {
      const told = valueOf(await core.call(of.call, inputOf(options) as CommandInput<C>)) as CommandOutput<C> & Written;
      const lines = of.lines(told);
      const written = [told.csv, told.pdf].filter((file) => file !== null);
      answer(options, told, [...(lines.length === 0 ? [of.none] : lines), ...written]);
    });
  });
}

function inputOf({ csv, out, paper, language, force, since, before }: Options) {
  const files = { ...(csv === undefined ? {} : { csv }), ...(out === undefined ? {} : { out }) };
  const period = { ...(since === undefined ? {} : { since }), ...(before === undefined ? {} : { before }) };
  return { ...files, ...period, paper, language, overwrite: force };
}

function describeKey({ label, algorithm, purpose, madeAt, token, backups, destroyedAt }: InventoryKey): string {
  const end = destroyedAt === null ? '' : `, destroyed ${destroyedAt.slice(0, 10)}`;
  return `${label}  ${algorithm}  ${purpose}  ${token}, made ${madeAt.slice(0, 10)}, backups: ${backups.length}${end}`;
}

function describeCertificate(certificate: InventoryCertificate): string {
  const { depth, name, algorithm, serial, notBefore, notAfter, sha256, revoked, replaced } = certificate;
  const standing = revoked ? `, REVOKED ${revoked.at.slice(0, 10)} (${revoked.reason})` : replaced ? ', replaced' : '';
  return `${'  '.repeat(depth)}${name}  ${algorithm}, ${notBefore.slice(0, 10)} to ${notAfter.slice(0, 10)}${standing}  serial ${serial}  SHA-256 ${sha256}`;
}

function describeVaultKey({ key, provider, state, at }: VaultKeyLine): string {
  return `${key}  AES-256-GCM  vault  ${provider}, ${state} since ${at.slice(0, 10)}`;
}

function describeRotation(line: RotationLine): string {
  const { owner, environment, name, category, version, due, standing, rotations, late } = line;
  const when = due === null ? 'never due' : `due ${due.slice(0, 10)}`;
  const loud = standing === 'overdue' ? `${tell(HERE, 'standing.overdue').toUpperCase()}: ` : '';
  return `${loud}${owner}/${environment}/${name}  ${category}, version ${version}, ${when}; rotations ${rotations}, late ${late}`;
}

function describeAccess({ owner, environment, name, principal, allowed, refused, first, last }: AccessLine): string {
  const when = `${first.slice(0, 10)} to ${last.slice(0, 10)}`;
  return `${principal}  ${owner}/${environment}/${name}  allowed ${allowed}, refused ${refused}, ${when}`;
}

function describeViolation({ seq, at, what, principal, address, secret, action, reason }: Violation): string {
  const about = [secret, principal, address, action].filter((part) => part !== '').join(', ');
  return `${at}  row ${seq}  ${tell(HERE, `violation.${what}`)}: ${about === '' ? '' : `${about}: `}${tellReason(HERE, reason)}`;
}

function describeEmergency(line: EmergencyLine): string {
  const { openedAt, principal, rights, scope, ended, endedAt, expiresAt, operations, reviewedBy, reason } = line;
  const end = ended === 'open' ? `open until ${expiresAt}` : `${ended} ${endedAt ?? ''}`;
  const review = reviewedBy === null ? 'NOT REVIEWED' : `reviewed by ${reviewedBy}`;
  return `${openedAt}  ${principal}  ${rights} in ${scope}, ${end}, ${operations} operations, ${review}: ${reason}`;
}

function describeRehearsal({ at, kind, ceremony, outcome, shares, absent, keys }: Rehearsal): string[] {
  return [
    `${at}  ${kind}  ${ceremony} (${outcome}), shares ${shares.join(', ')}`,
    ...absent.map(
      ({ share, custodian, reason }) => `  share ${share} was not shown, ${custodian} was absent: ${reason}`,
    ),
    ...keys.map(({ label, shown }) => `  ${label}: ${tell(HERE, `shown.${shown}`)}`),
  ];
}

function describeLosses({ keys, reissue, secrets }: LossReport): string[] {
  return [
    ...keys.map(({ label, purpose, backups }) => `${label}  ${purpose}, backups: ${backups}`),
    ...reissue.map(({ name, serial, notAfter, depth }) => {
      return `${'  '.repeat(depth)}reissue  ${name}, valid to ${notAfter.slice(0, 10)}, serial ${serial}`;
    }),
    ...secrets.map((secret) => {
      const { owner, environment, name, category, version, remedy } = secret;
      return `${remedy}  ${owner}/${environment}/${name}  ${category}, version ${version}`;
    }),
  ];
}
