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
import type { Due, Inventory, InventoryCertificate, Rehearsal } from '../../core/contract/reports.ts';
import { valueOf } from '../../core/process/rpc.ts';
import { CoreProcess } from '../../core/service/client.ts';

const PROGRAM = fileURLToPath(new URL('recompute.py', import.meta.url));

export type Recomputed = Pick<AccessReport, 'months'> & {
  rotation: RotationReport['secrets'];
  access: AccessReport['lines'];
  violations: ViolationReport['violations'];
  keys: VaultKeyLine[];
  emergencies: EmergencyReport['emergencies'];
  losses: Pick<LossReport, 'keys' | 'reissue' | 'secrets'>;
  rehearsals: Rehearsal[];
  due: Due[];
  /** Without the words, which need the list of them. */
  inventory: Pick<Inventory, 'keys'> & { certificates: Omit<InventoryCertificate, 'words'>[] };
};

/** What another program finds in an export of a signed ledger. It leaves nothing beside its own modules (-B). */
export function recomputed(ledger: string): Recomputed {
  return JSON.parse(execFileSync('/usr/bin/python3', ['-B', PROGRAM, ledger], { encoding: 'utf8' })) as Recomputed;
}

/** The reports of keys, certificates, rehearsals and dates of a store say what another program finds in its signed ledger, which is exported to `out`. */
export async function expectRecomputed(data: string, out: string): Promise<Recomputed> {
  const core = CoreProcess.start({ data });
  try {
    valueOf(await core.call('ledger.export', { out }));
    const told = recomputed(out);
    const { keys, certificates } = valueOf(await core.call('report.inventory', {}));
    expect(keys).toEqual(told.inventory.keys);
    expect(certificates.map(({ words: _, ...certificate }) => certificate)).toEqual(told.inventory.certificates);
    expect(told.inventory.certificates).not.toEqual([]);
    expect(valueOf(await core.call('report.losses', {}))).toMatchObject(told.losses);
    const { rehearsals, due } = valueOf(await core.call('report.rehearsals', {}));
    expect(rehearsals).toEqual(told.rehearsals);
    expect(told.rehearsals).not.toEqual([]);
    expect(due).toEqual(told.due.filter(({ kind }) => kind === 'attestation' || kind === 'recovery'));
    expect(valueOf(await core.call('report.due', {})).due).toEqual(told.due);
    return told;
  } finally {
    await core.close();
  }
}
