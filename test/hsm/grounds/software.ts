import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SoftwareToken } from '../../../core/hsm/software/software-token.ts';
import { type Ground, PIN } from './ground.ts';

/** The least that the software token reads: the PIN's key in a moment. */
const LOW_COST = { memoryKiB: 7168, passes: 5, parallelism: 1 };

export function prepareSoftware(): Ground {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-software-'));
  return {
    open: (label) => new SoftwareToken(join(folder, label), label, LOW_COST),
    location: { kind: 'software', folder: join(folder, 'first'), token: 'first' },
    pin: Buffer.from(PIN),
    securityOfficerPin: null,
    hasSecond: true,
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}
