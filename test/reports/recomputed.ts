import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type {
  AccessReport,
  EmergencyReport,
  LossReport,
  RotationReport,
  VaultKeyLine,
  ViolationReport,
} from '../../core/contract/compliance.ts';
import type { Inventory, InventoryCertificate } from '../../core/contract/reports.ts';
import { claviger } from '../cli/claviger.ts';

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

/** The reports of keys and certificates of a store (`--data DIR`) say what another program finds in its signed ledger, which is exported to `file`. */
export async function expectRecomputed(data: string[], file: string): Promise<Recomputed> {
  const said = async (...words: string[]) => {
    const { status, stdout, stderr } = await claviger([...words, ...data, '--json']);
    expect(status, stderr).toBe(0);
    return JSON.parse(stdout) as unknown;
  };
  await said('ledger', 'export', '--out', file);
  const told = recomputed(file);
  const { keys, certificates } = (await said('report', 'inventory')) as Inventory;
  expect(keys).toEqual(told.inventory.keys);
  expect(certificates.map(({ words: _, ...certificate }) => certificate)).toEqual(told.inventory.certificates);
  expect(told.inventory.certificates).not.toEqual([]);
  expect(await said('report', 'losses')).toMatchObject(told.losses);
  return told;
}
