import { X509Certificate } from 'node:crypto';
import { Refusal } from '../contract/errors.ts';
import type { Role } from '../contract/roles.ts';
import type { ShareSetManifest } from '../shares/manifest.ts';
import {
  type AttestedShare,
  type BroughtNumbers,
  type BroughtSet,
  type Certificate,
  type CheckedBackups,
  type Custody,
  type DestroyedSheets,
  type FoundShares,
  type GeneratedKey,
  type KeyPair,
  type MasterKey,
  type ReplacedShare,
  type RevocationList,
  type WrappedKey,
  attestedShareResult,
  backupResult,
  broughtNumbersResult,
  broughtSetResult,
  certificateResult,
  checkedBackupsResult,
  custodyResult,
  destroyedSheetsResult,
  foundKeysResult,
  foundSharesResult,
  generatedKeyResult,
  masterKeyResult,
  recoveredKeysResult,
  replacedShareResult,
  reshareResult,
  retiredMasterKeyResult,
  revocationListResult,
} from './results.ts';
import type { CeremonyState } from './state.ts';

/** What earlier steps of this ceremony made, or found of earlier ceremonies, by label in their result rows. */

export function keysOf(state: CeremonyState): GeneratedKey[] {
  return [...keysMadeIn(state), ...foundKeysOf(state).flatMap(({ keys }) => keys.map(({ key }) => key))];
}

/** Only what this ceremony made itself, or brought back into its token. */
export function keysMadeIn(state: CeremonyState): GeneratedKey[] {
  const recovered = resultsOf(state, 'recover-keys').flatMap((result) => recoveredKeysResult.parse(result).keys);
  return [...recovered, ...resultsOf(state, 'generate-key').map((result) => generatedKeyResult.parse(result))];
}

/** KEY_MISSING. */
export function keyOf(state: CeremonyState, label: string): GeneratedKey {
  const key = keysOf(state).find((candidate) => candidate.label === label);
  if (!key) throw new Refusal('KEY_MISSING', { label });
  return key;
}

/** A key that signs. KEY_MISSING. */
export function keyPairOf(state: CeremonyState, label: string): KeyPair {
  const key = keyOf(state, label);
  if (key.purpose === 'vault-kek') throw new Refusal('KEY_MISSING', { label: `${label} (to sign with)` });
  return key;
}

export function certificatesOf(state: CeremonyState): Certificate[] {
  return [...certificatesIssuedIn(state), ...foundKeysOf(state).flatMap(({ certificates }) => certificates)];
}

/** What this ceremony issued, or brought into this store. */
export function certificatesIssuedIn(state: CeremonyState): Certificate[] {
  const brought = broughtSetsOf(state).flatMap(({ certificates }) => certificates);
  const issued = [...resultsOf(state, 'issue-certificate'), ...resultsOf(state, 'sign-request')].map((result) =>
    certificateResult.parse(result),
  );
  return [...brought, ...issued];
}

/** The certificate of a key. KEY_MISSING. */
export function certificateOf(state: CeremonyState, label: string): Certificate {
  const certificate = certificatesOf(state).find((candidate) => candidate.label === label);
  if (!certificate) throw new Refusal('KEY_MISSING', { label: `${label} (its certificate)` });
  return certificate;
}

/** The certificates above one, among `candidates`: the next first, the root last. */
export function issuersOf(certificate: Certificate, candidates: Certificate[]): Certificate[] {
  const subject = x509Of(certificate);
  if (subject.verify(subject.publicKey)) return [];
  const issuer = candidates.find((candidate) => {
    const above = x509Of(candidate);
    return subject.checkIssued(above) && subject.verify(above.publicKey);
  });
  return issuer ? [issuer, ...issuersOf(issuer, candidates)] : [];
}

/** SubjectPublicKeyInfo of a certificate, base64. */
export function publicKeyOf(certificate: Certificate): string {
  return x509Of(certificate).publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
}

export function x509Of({ der }: Certificate): X509Certificate {
  return new X509Certificate(Buffer.from(der, 'base64'));
}

export function revocationListsOf(state: CeremonyState): RevocationList[] {
  return [...listsIssuedIn(state), ...foundKeysOf(state).flatMap(({ revocationLists }) => revocationLists)];
}

/** What this ceremony issued, or brought into this store. */
export function listsIssuedIn(state: CeremonyState): RevocationList[] {
  const brought = broughtNumbersIn(state).flatMap(({ lists }) => lists.flatMap(({ list }) => list ?? []));
  return [...brought, ...resultsOf(state, 'issue-crl').map((result) => revocationListResult.parse(result))];
}

/** The last numbers of a store that is gone. */
export function broughtNumbersIn(state: CeremonyState): BroughtNumbers[] {
  return resultsOf(state, 'bring-numbers').map((result) => broughtNumbersResult.parse(result));
}

/** The printer to which the share sheets of this ceremony went, and no file; null where they are files. */
export function printerOfSheets(state: CeremonyState): string | null {
  const result = resultsOf(state, 'print-sheets').at(-1) as { printer?: string } | undefined;
  return result?.printer ?? null;
}

/** The master key with the share set that this ceremony made of it, or brought into this store; null if there is none. */
export function shareSetMadeIn(state: CeremonyState): MasterKey | null {
  const reshared = resultsOf(state, 're-share').at(-1);
  if (reshared !== undefined) return reshareResult.parse(reshared).masterKey;
  const made = resultsOf(state, 'make-master-key').at(-1);
  if (made !== undefined) return masterKeyResult.parse(made);
  // In a store that knew nothing of it, a set begins where its keys came back.
  return beginsShareSet(state) ? broughtSetOf(state).shares.masterKey : null;
}

/** Made here, else found. KEY_MISSING. */
export function masterKeyOf(state: CeremonyState): MasterKey {
  const exercise = resultsOf(state, 'make-exercise-set').at(-1);
  const made = exercise === undefined ? shareSetMadeIn(state) : masterKeyResult.parse(exercise);
  if (made) return made;
  const found = foundSharesOf(state);
  if (!found) throw new Refusal('KEY_MISSING', { label: 'master key' });
  return found.masterKey;
}

export function manifestOf(state: CeremonyState): ShareSetManifest {
  return masterKeyOf(state).manifest;
}

/** The share set of an earlier ceremony, found in the ledger or brought from a medium; null if there is none. */
export function foundSharesOf(state: CeremonyState): FoundShares | null {
  const result = resultsOf(state, 'find-shares').at(-1);
  return result === undefined ? (broughtSetsOf(state)[0]?.shares ?? null) : foundSharesResult.parse(result);
}

/** What came in from a medium. KEY_MISSING. */
export function broughtSetOf(state: CeremonyState): BroughtSet {
  const [set] = broughtSetsOf(state);
  if (!set) throw new Refusal('KEY_MISSING', { label: 'master key' });
  return set;
}

export function broughtSetsOf(state: CeremonyState): BroughtSet[] {
  return resultsOf(state, 'bring-share-set').map((result) => broughtSetResult.parse(result));
}

/** Whether a share set began here: it was made in this ceremony, or this is the first that this store knows of it. */
export function beginsShareSet(state: CeremonyState): boolean {
  return resultsOf(state, 'make-master-key').length > 0 || resultsOf(state, 'recover-keys').length > 0;
}

/** The keys that were wrapped under the master key, in this ceremony or an earlier one; of a label, the newest alone. */
export function wrappedKeysOf(state: CeremonyState): WrappedKey[] {
  return [...keysWrappedIn(state), ...backupsFoundBy(state)];
}

/** Backups of earlier ceremonies, of labels that this one has not wrapped itself. */
export function backupsFoundBy(state: CeremonyState): FoundShares['backups'] {
  const own = keysWrappedIn(state).map(({ label }) => label);
  return (foundSharesOf(state)?.backups ?? []).filter(({ label }) => !own.includes(label));
}

export function keysWrappedIn(state: CeremonyState): WrappedKey[] {
  return resultsOf(state, 'backup-keys').flatMap((result) => backupResult.parse(result).backups);
}

/** The shares that were attested in this ceremony, or recorded as absent. */
export function attestedSharesOf(state: CeremonyState): AttestedShare[] {
  return resultsOf(state, 'attest-share').map((result) => attestedShareResult.parse(result));
}

export function checkedBackupsOf(state: CeremonyState): CheckedBackups['backups'] {
  return resultsOf(state, 'check-backups').flatMap((result) => checkedBackupsResult.parse(result).backups);
}

export function foundKeysOf(state: CeremonyState) {
  return resultsOf(state, 'find-keys').map((result) => foundKeysResult.parse(result));
}

/** Results of the finished steps of one action, in order. */
export function resultsOf(state: CeremonyState, action: string): unknown[] {
  return state.records.filter(({ step }) => step.action === action).map(({ result }) => result);
}

/** Custodians: those who bring shares that an earlier ceremony made; else all, in the order of their share numbers, from 1. */
export function custodiansOf(state: CeremonyState): string[] {
  return namesOf(state, 'custodian');
}

/** Who takes the sheets that this ceremony makes, in the order of their share numbers. */
export function takersOf(state: CeremonyState): string[] {
  const taking = namesOf(state, 'newCustodian');
  return taking.length > 0 ? taking : custodiansOf(state);
}

/** Everybody here who holds a share or takes one. */
export function custodiansHere(state: CeremonyState): string[] {
  return [...new Set([...custodiansOf(state), ...namesOf(state, 'newCustodian')])];
}

function namesOf(state: CeremonyState, wanted: Role): string[] {
  return state.participants.filter(({ role }) => role === wanted).map(({ name }) => name);
}

/** Who holds the shares of this ceremony's share set, in the order of their numbers. */
export function holdersOf(state: CeremonyState): string[] {
  const register = registersOf(state).at(-1)?.register;
  const found = shareSetMadeIn(state) ? undefined : foundSharesOf(state)?.holders;
  const holders = register?.shares.map(({ custodian }) => custodian) ?? found ?? takersOf(state);
  const replaced = replacedShareIn(state);
  return replaced ? holders.with(replaced.share - 1, replaced.to) : holders;
}

/** The share that this ceremony has made again; null if none. */
export function replacedShareIn(state: CeremonyState): ReplacedShare | null {
  const result = resultsOf(state, 'replace-share').at(-1);
  return result === undefined ? null : replacedShareResult.parse(result);
}

/** What became of the sheets of the set before, if this ceremony said so. */
export function destroyedSheetsIn(state: CeremonyState): DestroyedSheets[] {
  return resultsOf(state, 'destroy-sheets').map((result) => destroyedSheetsResult.parse(result));
}

/** Ids of the master keys that this ceremony replaced and destroyed. */
export function retiredMasterKeysIn(state: CeremonyState): string[] {
  return resultsOf(state, 'retire-master-key').map((result) => retiredMasterKeyResult.parse(result).masterKeyId);
}

/** The custody registers of this ceremony's share set, the newest last. */
export function registersOf(state: CeremonyState): Custody[] {
  const found = resultsOf(state, 'find-shares').flatMap((result) => foundSharesResult.parse(result).registers);
  const all = [...found, ...registersMadeIn(state)];
  return all.length === 0 ? [] : all.filter(({ register }) => register.setId === manifestOf(state).setId);
}

/** Those that were brought into this store among them. */
export function registersMadeIn(state: CeremonyState): Custody[] {
  const brought = broughtSetsOf(state).flatMap(({ shares }) => shares.registers);
  const made = [...resultsOf(state, 'seal-bags'), ...resultsOf(state, 'change-custody')];
  return [...brought, ...made.map((result) => custodyResult.parse(result))];
}
