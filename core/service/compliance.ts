import { nameOfSecret } from '../contract/compliance.ts';
import { resolve } from 'node:path';
import { ceremoniesOf } from '../ceremony/past.ts';
import { newestCheckpoint } from '../ceremony/previous-checkpoint.ts';
import type { CommandInput, CommandName, CommandOutput } from '../contract/commands.ts';
import type { ReportSource, Written } from '../contract/compliance.ts';
import type { Ledger } from '../ledger/ledger.ts';
import {
  printAccess,
  printEmergencies,
  printInventory,
  printLosses,
  printRotation,
  printViolations,
} from '../print/compliance-report.ts';
import { printRehearsalReport } from '../print/rehearsal-report.ts';
import type { ReportFrame } from '../print/report-frame.ts';
import { AccessFrequency } from '../reports/access.ts';
import { csvOf } from '../reports/csv.ts';
import { Emergencies } from '../reports/emergencies.ts';
import { inventoryLines, inventoryOf } from '../reports/inventory.ts';
import { lossesOf } from '../reports/losses.ts';
import { rehearsalLines } from '../reports/rehearsals.ts';
import { RotationCompliance } from '../reports/rotation.ts';
import { type Row } from '../reports/vault-rows.ts';
import { overdueOf, violationOf } from '../reports/violations.ts';
import { writeFileDurably } from '../store/files.ts';
import { overviewOf, reportFrame } from './reports.ts';

type ComplianceCommand = Extract<
  CommandName,
  `report.${'inventory' | 'rotation' | 'access' | 'violations' | 'emergencies' | 'rehearsals' | 'losses'}`
>;
type ComplianceHandlers = { [C in ComplianceCommand]: (input: CommandInput<C>) => Promise<CommandOutput<C>> };
type Files = CommandInput<'report.rotation'>;

/** Rows that are read at once. */
const PAGE = 5000;

/** The handlers of what auditors ask of keys and secrets: from the rows of the ledger and nothing else. */
export function complianceHandlers(opened: () => Promise<Ledger>, clock: () => Date): ComplianceHandlers {
  async function rotation(ledger: Ledger): Promise<RotationCompliance> {
    const compliance = new RotationCompliance();
    for await (const row of rowsOf(ledger, {})) compliance.add(row);
    return compliance;
  }

  /** A report, written as is asked for, the table first. OUTPUT_EXISTS and its like. */
  async function written<Report extends object>(
    ledger: Ledger,
    { csv, json, out, paper = 'A4', language = 'en', overwrite = false }: Files,
    report: Report,
    table: () => Uint8Array,
    print: (frame: ReportFrame) => Promise<Uint8Array>,
  ): Promise<Report & Written> {
    const files: Written = { csv: null, json: null, pdf: null };
    const options = { mode: 0o644, overwrite };
    if (csv !== undefined) await writeFileDurably((files.csv = resolve(csv)), table(), options);
    if (json !== undefined) {
      const text = `${JSON.stringify(report, null, 2)}\n`;
      await writeFileDurably((files.json = resolve(json)), new TextEncoder().encode(text), options);
    }
    if (out !== undefined) {
      const frame = await reportFrame(ledger, { language, paper, madeAt: clock() });
      await writeFileDurably((files.pdf = resolve(out)), await print(frame), options);
    }
    return { ...report, ...files };
  }

  return {
    'report.inventory': async (files) => {
      const ledger = await opened();
      const made = inventoryOf(await ceremoniesOf(ledger));
      const report = { source: await sourceOf(ledger), ...made, vaultKeys: (await rotation(ledger)).keys() };
      const columns = [
        ...(['what', 'name', 'id', 'algorithm', 'from', 'to', 'state', 'origin'] as const),
        ...(['mode', 'token', 'backups', 'serial'] as const),
      ];
      const table = () => csvOf(columns, inventoryLines(report));
      return written(ledger, files, report, table, (frame) => printInventory(frame, report));
    },
    'report.rotation': async (files) => {
      const ledger = await opened();
      const secrets = (await rotation(ledger)).lines(clock()).map(({ seq: _, ...line }) => line);
      const report = { source: await sourceOf(ledger), secrets };
      const columns = [
        ...(['owner', 'environment', 'name', 'category', 'version', 'algorithm', 'key'] as const),
        ...(['storedAt', 'due', 'standing', 'rotations', 'late'] as const),
      ];
      const table = () => csvOf(columns, secrets);
      return written(ledger, files, report, table, (frame) => printRotation(frame, report));
    },
    'report.access': async ({ since, before, ...files }) => {
      const ledger = await opened();
      const period = periodOf(since, before);
      const frequency = new AccessFrequency();
      for await (const row of rowsOf(ledger, period)) frequency.add(row);
      const report = { source: await sourceOf(ledger), lines: frequency.lines(), months: frequency.months() };
      const table = () =>
        csvOf(['owner', 'environment', 'name', 'principal', 'allowed', 'refused', 'first', 'last'], report.lines);
      return written(ledger, files, report, table, (frame) => printAccess(frame, report, asked(period)));
    },
    'report.emergencies': async (files) => {
      const ledger = await opened();
      const found = new Emergencies();
      for await (const row of rowsOf(ledger, {})) found.add(row);
      const report = { source: await sourceOf(ledger), emergencies: found.lines() };
      const columns = [
        ...(['emergency', 'principal', 'reason', 'rights', 'scope', 'openedAt', 'expiresAt', 'ended'] as const),
        ...(['endedAt', 'operations', 'reviewedBy', 'reviewedAt', 'finding'] as const),
      ];
      const table = () => csvOf(columns, report.emergencies);
      return written(ledger, files, report, table, (frame) => printEmergencies(frame, report));
    },
    'report.rehearsals': async (files) => {
      const ledger = await opened();
      const { rehearsals, sets, due } = overviewOf(await ceremoniesOf(ledger), clock());
      const next = due.filter(({ kind }) => kind === 'attestation' || kind === 'recovery');
      const report = { source: await sourceOf(ledger), rehearsals, due: next };
      const columns = [
        ...(['at', 'kind', 'outcome', 'mode', 'ceremony', 'title', 'scriptSha256', 'setId'] as const),
        ...(['shares', 'absent', 'keys', 'people'] as const),
      ];
      const table = () => csvOf(columns, rehearsalLines(rehearsals));
      const told = { ...report, sets, due };
      return written(ledger, files, report, table, (frame) => printRehearsalReport({ ...frame, ...told }));
    },
    'report.losses': async (files) => {
      const ledger = await opened();
      const inventory = inventoryOf(await ceremoniesOf(ledger));
      const secrets = (await rotation(ledger)).lines(clock());
      const report = { source: await sourceOf(ledger), ...lossesOf(inventory, secrets, clock()) };
      const lines = [
        ...report.keys.map(({ label, purpose, backups }) => ({
          what: purpose,
          name: label,
          id: '',
          remedy: `backups: ${backups}`,
        })),
        ...report.reissue.map(({ name, sha256 }) => ({ what: 'certificate', name, id: sha256, remedy: 'reissue' })),
        ...report.secrets.map((secret) => ({
          what: secret.category,
          name: nameOfSecret(secret),
          id: '',
          remedy: secret.remedy,
        })),
      ];
      const table = () => csvOf(['what', 'name', 'id', 'remedy'], lines);
      return written(ledger, files, report, table, (frame) => printLosses(frame, report));
    },
    'report.violations': async ({ since, before, ...files }) => {
      const ledger = await opened();
      const period = periodOf(since, before);
      const violations = (await rotation(ledger)).lines(clock()).flatMap((line) => overdueOf(line) ?? []);
      for await (const row of rowsOf(ledger, period)) {
        const violation = violationOf(row);
        if (violation) violations.push(violation);
      }
      const report = { source: await sourceOf(ledger), violations };
      const table = () =>
        csvOf(['seq', 'at', 'what', 'principal', 'address', 'secret', 'action', 'reason'], violations);
      return written(ledger, files, report, table, (frame) => printViolations(frame, report, asked(period)));
    },
  };
}

type Filter = { since?: string; before?: string };

function periodOf(since: string | undefined, before: string | undefined): Filter {
  return {
    ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
    ...(before === undefined ? {} : { before: new Date(before).toISOString() }),
  };
}

function asked({ since = null, before = null }: { since?: string | null; before?: string | null }) {
  return { since, before };
}

/** Every row of a period in its order, page by page: a ledger may have more than fits into memory. */
async function* rowsOf(ledger: Ledger, period: Filter): AsyncGenerator<Row> {
  const { size } = await ledger.head();
  for (let from = 1; from <= size; from += PAGE) {
    yield* await ledger.read({ ...period, from, to: Math.min(from + PAGE - 1, size) });
  }
}

async function sourceOf(ledger: Ledger): Promise<ReportSource> {
  const { size, root } = await ledger.head();
  const signed = (await newestCheckpoint(ledger))?.size ?? 0;
  return { origin: await ledger.origin(), rows: size, root: Buffer.from(root).toString('hex'), signed };
}
