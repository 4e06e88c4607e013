import { Refusal } from '../contract/errors.ts';
import type { Action } from './action.ts';
import { attestKey } from './actions/attest-key.ts';
import { attestShare } from './actions/attest-share.ts';
import { backupKeys } from './actions/backup-keys.ts';
import { bringNumbers } from './actions/bring-numbers.ts';
import { bringShareSet } from './actions/bring-share-set.ts';
import { changeCustody } from './actions/change-custody.ts';
import { checkBackups } from './actions/check-backups.ts';
import { closeCeremony } from './actions/close-ceremony.ts';
import { concludeAttestation } from './actions/conclude-attestation.ts';
import { destroyExerciseSet } from './actions/destroy-exercise-set.ts';
import { exerciseRecovery } from './actions/exercise-recovery.ts';
import { exportBundle } from './actions/export-bundle.ts';
import { findKeys } from './actions/find-keys.ts';
import { findShares } from './actions/find-shares.ts';
import { generateKey } from './actions/generate-key.ts';
import { destroyKeys } from './actions/destroy-keys.ts';
import { destroySheets } from './actions/destroy-sheets.ts';
import { initialiseToken } from './actions/initialise-token.ts';
import { inspectSlots } from './actions/inspect-slots.ts';
import { inventoryToken } from './actions/inventory-token.ts';
import { issueCrl } from './actions/issue-crl.ts';
import { signRequest } from './actions/sign-request.ts';
import { issueCertificate } from './actions/issue-certificate.ts';
import { makeExerciseSet } from './actions/make-exercise-set.ts';
import { makeMasterKey } from './actions/make-master-key.ts';
import { openToken } from './actions/open-token.ts';
import { preflight } from './actions/preflight.ts';
import { printSheets } from './actions/print-sheets.ts';
import { reShare } from './actions/re-share.ts';
import { readBack } from './actions/read-back.ts';
import { recoverKeys } from './actions/recover-keys.ts';
import { rehearseRecovery } from './actions/rehearse-recovery.ts';
import { replaceShare } from './actions/replace-share.ts';
import { retireMasterKey } from './actions/retire-master-key.ts';
import { scanSheets } from './actions/scan-sheets.ts';
import { sealBags } from './actions/seal-bags.ts';
import { takeRoles } from './actions/take-roles.ts';

/** Each action has types of its own; the registry and the runner pass what one made back to the same one. */
type AnyAction = Action<unknown, unknown, unknown>;

const ACTIONS = new Map<string, AnyAction>(
  (
    [
      preflight,
      takeRoles,
      openToken,
      makeMasterKey,
      generateKey,
      issueCertificate,
      readBack,
      backupKeys,
      printSheets,
      scanSheets,
      sealBags,
      rehearseRecovery,
      exportBundle,
      closeCeremony,
      inspectSlots,
      initialiseToken,
      inventoryToken,
      destroyKeys,
      attestKey,
      findKeys,
      signRequest,
      issueCrl,
      findShares,
      changeCustody,
      replaceShare,
      reShare,
      destroySheets,
      retireMasterKey,
      attestShare,
      checkBackups,
      concludeAttestation,
      makeExerciseSet,
      exerciseRecovery,
      destroyExerciseSet,
      bringShareSet,
      bringNumbers,
      recoverKeys,
    ] as unknown as AnyAction[]
  ).map((action) => [action.name, action]),
);

export const ACTION_NAMES = [...ACTIONS.keys()];

export function knowsAction(name: string): boolean {
  return ACTIONS.has(name);
}

/** The action of that name. `checkScript` has refused scripts that name an unknown one. */
export function actionNamed(name: string): AnyAction {
  const action = ACTIONS.get(name);
  if (!action) throw new Refusal('SCRIPT_INVALID', { path: name, detail: 'unknown action' });
  return action;
}
