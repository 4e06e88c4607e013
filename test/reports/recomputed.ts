import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type {
  AccessReport,
  EmergencyReport,
  LossReport,
  RotationReport,
  VaultKeyLine,
  ViolationReport,
} from '../../core/contract/compliance.ts';
import type { Inventory, InventoryCertificate } from '../../core/contract/reports.ts';

const PROGRAM = fileURLToPath(new URL('recompute.py', import.meta.url));

export type Recomputed = Pick<AccessReport, 'months'> & {
  rotation: RotationReport['secrets'];
  access: AccessReport['lines'];
  violations: ViolationReport['violations'];
  keys: VaultKeyLine[];
  emergencies: EmergencyReport['emergencies'];
  losses: Pick<LossReport, 'keys' | 'reissue' | 'secrets'>;
  /** Without the words, which need the list of them. */
  inventory: Pick<Inventory, 'keys'> & { certificates: Omit<InventoryCertificate, 'words'>[] };
};

/** What another program finds in an export of a signed ledger. */
export function recomputed(ledger: string): Recomputed {
  return JSON.parse(execFileSync('/usr/bin/python3', [PROGRAM, ledger], { encoding: 'utf8' })) as Recomputed;
}
