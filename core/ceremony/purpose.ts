import type { CeremonyPurpose } from '../contract/commands.ts';
import type { Script } from '../contract/script.ts';

/** What a ceremony is for shows in what its steps do. The first line of which a script has an action decides. */
const MARKS: [CeremonyPurpose, string[]][] = [
  ['recover', ['bring-share-set', 'recover-keys']],
  ['end', ['destroy-keys']],
  ['change', ['retire-master-key', 're-share', 'replace-share']],
  ['make', ['make-master-key', 'initialise-token', 'generate-key']],
  ['prove', ['attest-share', 'attest-key', 'rehearse-recovery', 'exercise-recovery', 'check-backups']],
  ['change', ['change-custody']],
  ['use', ['issue-crl', 'sign-request', 'issue-certificate', 'export-bundle']],
];

/** What a script is for. One that does nothing of all that looks at what is there. */
export function purposeOf({ steps }: Script): CeremonyPurpose {
  const mark = MARKS.find(([, actions]) => steps.some(({ action }) => actions.includes(action)));
  return mark?.[0] ?? 'prove';
}
