import { join } from 'node:path';
import { bundleResult } from '../ceremony/results.ts';
import type { CeremonyState } from '../ceremony/state.ts';
import type { MadeBundle } from '../contract/reports.ts';

/** Every bundle that a ceremony made, the newest first; those of an aborted ceremony too, for they may have left the room. */
export function bundlesMadeIn(states: CeremonyState[]): MadeBundle[] {
  return states
    .flatMap((state) =>
      state.records.flatMap(({ step, at, result }): MadeBundle[] => {
        if (step.action !== 'export-bundle') return [];
        const bundle = bundleResult.parse(result);
        if (bundle.sequence === null) return [];
        const { sequence, sha256, recipient = '', recipientSha256, expires = null } = bundle;
        const { id: ceremony, mode, status, out, copy, script } = state;
        const files = [out, ...(copy === null ? [] : [copy])].map((folder) => join(folder, 'bundle.cms'));
        return [
          {
            ...{ sequence, sha256, recipient, recipientSha256, expires, at, files },
            ...{ ceremony, title: script.title, mode, aborted: status === 'aborted' },
          },
        ];
      }),
    )
    .toReversed();
}
