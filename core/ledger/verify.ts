import { statSync } from 'node:fs';
import { Refusal } from '../contract/errors.ts';
import type { LedgerVerification } from '../contract/ledger.ts';
import type { PaperCheckpoint } from './checkpoint.ts';
import { type Kinds, LEDGER_KINDS } from './kinds.ts';
import { verifyExport } from './verify-export.ts';
import { verifyStore } from './verify-store.ts';

/**
 * Verifies the ledger of a store (its folder) or an export (a file), from the rows up; no token is needed. Everything that is
 * wrong is refused, and the refusal names the first bad row. LEDGER_ALTERED, LEDGER_SEGMENT_MISSING, LEDGER_SEGMENT_DAMAGED,
 * LEDGER_ROLLED_BACK, LEDGER_FORKED, LEDGER_OTHER, LEDGER_FILE_INVALID, CHECKPOINT_OUTSIDE, STORE_DAMAGED, STORE_BUSY, FILE_MISSING.
 */
export function verifyLedger(
  path: string,
  { kinds, paper }: { kinds: Kinds; paper: PaperCheckpoint | null },
): Promise<LedgerVerification> {
  const known = { ...kinds, ...LEDGER_KINDS };
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new Refusal('FILE_MISSING', { path });
  return stat.isDirectory() ? verifyStore(path, known, paper) : verifyExport(path, known, paper);
}
