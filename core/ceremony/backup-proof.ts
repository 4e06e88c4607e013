import { verify } from 'node:crypto';
import { join } from 'node:path';
import type { Fact } from '../contract/ceremony.ts';
import { Refusal } from '../contract/errors.ts';
import type { TokenCallInput } from '../hsm/process/protocol.ts';
import type { ActionAsk, EffectContext, LookContext, Unasked } from './action.ts';
import { readKnownBackup } from './backup-file.ts';
import { backupsFoundBy, certificateOf, keyOf, wrappedKeysOf, x509Of } from './records.ts';
import type { Certificate, WrappedKey } from './results.ts';
import { hashOf } from './signing.ts';
import type { CeremonyState } from './state.ts';
import { say } from './say.ts';

/** How a backup proves itself: its key signs a fresh challenge that verifies under the certificate, or (a KEK) opens one. */

export type TriedBackup = TokenCallInput<'proveBackup'>['backup'];
/** What a token process answered, base64. */
export type BackupProof = { signature: string } | { opened: string };

/** 32 fresh bytes for each label, base64. */
export function challengesFor({ random }: EffectContext, labels: string[]): Record<string, string> {
  return Object.fromEntries(labels.map((label) => [label, Buffer.from(random(32)).toString('base64')]));
}

/** The files of backups that an earlier ceremony made are brought; this one's own are at hand. */
export function backupAsks(state: CeremonyState, labels: string[]): Unasked<ActionAsk>[] {
  return broughtBackups(state, labels).map((backup) => ({
    id: askOf(backup),
    kind: 'text',
    label: say(state, 'backup.of', { label: backup.label }),
    hint: say(state, 'backup.hint'),
    suggestion: join(backup.folder, backup.file),
    optional: false,
  }));
}

/** BACKUP_CHANGED, FILE_MISSING and the like. */
export async function lookAtBackups({ state }: LookContext, labels: string[]): Promise<Fact[]> {
  const facts: Fact[] = [];
  for (const backup of broughtBackups(state, labels)) {
    const answer = state.answers[askOf(backup)];
    if (!answer || !('text' in answer)) continue;
    await readKnownBackup(answer.text, backup);
    facts.push({
      kind: 'check',
      label: backup.label,
      verdict: 'go',
      detail: say(state, 'backup.known', { path: answer.text }),
    });
  }
  return facts;
}

/** A backup with what it has to do. KEY_MISSING, BACKUP_CHANGED. */
export async function triedBackup(
  { state, token }: EffectContext,
  label: string,
  challenge: string,
): Promise<TriedBackup> {
  const backup = wrappedKeysOf(state).find((candidate) => candidate.label === label);
  if (!backup) throw new Refusal('KEY_MISSING', { label: `${label} (its backup)` });
  const answer = state.answers[askOf(backup)];
  const brought = answer && 'text' in answer ? await readKnownBackup(answer.text, backup) : null;
  const blob = brought ? Buffer.from(brought).toString('base64') : backup.blob;
  const { mechanism } = backup;
  const key = keyOf(state, label);
  if (key.purpose !== 'vault-kek') {
    return { label, id: key.id, mechanism, algorithm: key.algorithm, blob, challenge, hash: hashOf(key) };
  }
  const sealed = await token('main').call('encryptChallenge', { label, challenge });
  return { label, id: key.id, mechanism, algorithm: key.algorithm, blob, ...sealed };
}

/** That the challenge was met, in words. BACKUP_UNOPENED. */
export function provenFact(state: CeremonyState, label: string, challenge: string, proof: BackupProof | null): Fact {
  const key = keyOf(state, label);
  if (key.purpose === 'vault-kek') {
    if (!proof || !('opened' in proof) || proof.opened !== challenge) throw new Refusal('BACKUP_UNOPENED', { label });
    const detail = say(state, 'backup.opened');
    return { kind: 'check', label, verdict: 'go', detail };
  }
  const certificate = certificateOf(state, label);
  const signature = proof && 'signature' in proof ? proof.signature : '';
  if (!meetsCertificate(certificate, key.algorithm, challenge, signature)) {
    throw new Refusal('BACKUP_UNOPENED', { label });
  }
  const detail = say(state, 'backup.signed');
  return { kind: 'check', label: certificate.subject, verdict: 'go', detail };
}

function broughtBackups(state: CeremonyState, labels: string[]) {
  return backupsFoundBy(state).filter(({ label }) => labels.includes(label));
}

function askOf({ label }: WrappedKey): string {
  return `backup-${label}`;
}

/** Whether a key of that algorithm signed the challenge (both base64), as the certificate tells. */
export function meetsCertificate(
  certificate: Certificate,
  algorithm: string,
  challenge: string,
  signature: string,
): boolean {
  const hash = hashOf({ algorithm }).replace('-', '');
  const signed = Buffer.from(signature, 'base64');
  return verify(hash, Buffer.from(challenge, 'base64'), x509Of(certificate).publicKey, signed);
}
