import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import type { RotationView } from '../contract/vault-rotation.ts';
import { wipe } from '../process/guarded.ts';
import { answer, say } from './report.ts';
import { readSecret } from './terminal-secret.ts';
import { type VaultCall, type VaultFace, givenSecret, withPlace, withVault } from './vault-connection.ts';

/** How often progress is asked for (milliseconds). */
const LOOK_MS = 250;

export type Begun = VaultFace & { wait: boolean };

/** `claviger vault rotate-key start | status | pause | continue | roll-back | finish` */
export function addVaultRotationCommands(vault: Command): void {
  const rotateKey = vault
    .command('rotate-key')
    .description("A new key for the vault's data keys (KEK), in five phases.");

  withBegun(rotateKey.command('start').description('Make it beside the old one, wrap and try everything, and use it.'))
    .option('--grace-hours <hours>', 'how long the old one is kept, if not as long as policy says')
    .action(async (face: Begun & { graceHours?: string }) => {
      const grace = face.graceHours === undefined ? {} : { graceHours: Number(face.graceHours) };
      await began(face, (call) =>
        withPassphrase(face, call, (secret) => call('vault.rotateKey', grace, secret ? { secret } : {})),
      );
    });

  withPlace(rotateKey.command('status').description('How far it is, and what stopped it.')).action(
    async (face: VaultFace) => {
      await withVault(face, async (call) => {
        const { output } = await call('vault.rotation', {});
        answer(face, output, output.rotation ? linesOf(output.rotation) : ['No key was rotated.']);
      });
    },
  );

  withPlace(rotateKey.command('pause').description('Stop after the batch that is under way.')).action(
    async (face: VaultFace) => {
      await withVault(face, async (call) => {
        const { output } = await call('vault.pauseRotation', {});
        answer(face, output, linesOf(output.rotation));
      });
    },
  );

  withBegun(
    rotateKey.command('continue').description('Go on after a pause, or after what stopped it was mended.'),
  ).action(async (face: Begun) => {
    await began(face, (call) =>
      withPassphrase(face, call, (secret) => call('vault.continueRotation', {}, secret ? { secret } : {})),
    );
  });

  withBegun(
    rotateKey.command('roll-back').description('The old key counts again, and the new one is destroyed.'),
  ).action(async (face: Begun) => {
    await began(face, (call) => call('vault.rollBackRotation', {}));
  });

  withBegun(rotateKey.command('finish').description('Destroy the old key once its grace period is over.'))
    .option('--now', 'before it is over: there is no way back', false)
    .action(async (face: Begun & { now: boolean }) => {
      await began(face, (call) => call('vault.finishRotation', { now: face.now }));
    });
}

/** `claviger vault rotate --dek`: a fresh data key for every version of every secret. */
export async function rotateDataKeys(face: Begun): Promise<void> {
  await began(face, (call) => call('vault.rotateDataKeys', {}));
}

export function withBegun(command: Command): Command {
  return withPlace(command).option('--no-wait', 'leave it to the holder, and ask with rotate-key status');
}

/** Begins something, and tells of it until it rests: it goes on in the holder, whoever looks. */
async function began(
  face: Begun,
  begin: (call: VaultCall) => Promise<{ output: { rotation: RotationView } }>,
): Promise<void> {
  await withVault(face, async (call) => {
    let { rotation } = (await begin(call)).output;
    let told = '';
    while (face.wait && rotation.running) {
      await wait(LOOK_MS);
      const line = progressOf(rotation);
      if (line !== told) say(line);
      told = line;
      rotation = (await call('vault.rotation', {})).output.rotation ?? rotation;
    }
    answer(face, { rotation }, linesOf(rotation));
    if (rotation.stopped !== null) process.exitCode = 1;
  });
}

/** The passphrase of the vault's keystore, again; a token takes none. The caller's work is given it, and it is wiped. */
async function withPassphrase<T>(
  face: VaultFace,
  call: VaultCall,
  work: (secret: Uint8Array | null) => Promise<T>,
): Promise<T> {
  const { output } = await call('vault.status', {});
  if (output.provider !== 'local') return work(null);
  const secret = (await givenSecret(face)) ?? (await readSecret('Passphrase of the vault: '));
  try {
    return await work(secret);
  } finally {
    wipe(secret);
  }
}

function progressOf({ phase, done, total, perSecond, secondsLeft }: RotationView): string {
  const pace = perSecond === null ? '' : `, ${perSecond} a second, ${secondsLeft ?? 0} seconds left`;
  return `${phase}: ${done} of ${total}${pace}`;
}

function linesOf(rotation: RotationView): string[] {
  const { what, phase, from, to, running, paused, stopped, graceUntil, backup, startedAt, startedBy } = rotation;
  const state = running ? 'under way' : paused ? 'paused' : stopped === null ? 'at rest' : 'stopped';
  const keys = what === 'kek' ? `key ${from} -> ${to ?? 'not made yet'}` : `data keys under ${from}`;
  const lines = [`${keys}: ${progressOf(rotation)}, ${state}`, `begun ${startedAt} by ${startedBy}`];
  if (phase === 'grace') lines.push(`the new key is the active one; the old one is kept until ${graceUntil ?? '-'}`);
  if (backup) lines.push(`backup under ${backup.masterKey}: ${backup.file}, SHA-256 ${backup.sha256}`);
  if (stopped !== null) lines.push(`stopped: ${stopped}`);
  return lines;
}
