import { Refusal } from '../../core/contract/errors.ts';
import type { RotationPhase, RotationView } from '../../core/contract/vault-rotation.ts';
import type { Turns } from './turns.ts';

/** Rotates a vault's KEK to the end, another one back, and its data keys. The store is kept wherever a rotation was found paused; `use`: reads meanwhile. */
export async function rotateKeys({ ada, billing, walker }: Turns, use: () => Promise<void>): Promise<void> {
  const { secret, keepMoment, refused } = walker;
  const passphrase = () => ({ secret: secret('passphrase') });
  const late = { owner: 'billing', environment: 'production', name: 'late', category: 'system-configuration' } as const;

  async function standing(): Promise<RotationView> {
    const { rotation } = (await ada('vault.rotation', {})).output;
    if (!rotation || rotation.stopped !== null) throw new Error(`a rotation stopped: ${rotation?.stopped ?? ''}`);
    return rotation;
  }
  /** Batch by batch, each with a pause after it. */
  async function through(last: RotationPhase): Promise<void> {
    while ((await standing()).phase !== last) {
      try {
        await ada('vault.pauseRotation', {});
        keepMoment();
        await use();
        await ada('vault.continueRotation', {}, passphrase());
      } catch (error) {
        // It has come to its end meanwhile.
        if (!(error instanceof Refusal) || error.code !== 'ROTATION_NONE') throw error;
      }
    }
    keepMoment();
  }

  await refused('KEYSTORE_PASSPHRASE_WRONG', () => ada('vault.rotateKey', {}, { secret: secret('wrong passphrase') }));
  await refused('ROTATION_NONE', () => ada('vault.pauseRotation', {}));
  for (const end of ['rolled-back', 'finished'] as const) {
    await ada('vault.rotateKey', { graceHours: 1 }, passphrase());
    await refused('ROTATION_RUNNING', () => ada('vault.rotateKey', {}, passphrase()));
    await through('grace');
    await use();
    await billing('vault.put', late, { value: secret('late value') });
    if (end === 'finished') await refused('ROTATION_GRACE', () => ada('vault.finishRotation', {}));
    if (end === 'finished') await ada('vault.finishRotation', { now: true });
    else await ada('vault.rollBackRotation', {});
    await through(end);
    await use();
  }
  await ada('vault.rotateDataKeys', {});
  await through('finished');
  await use();
}
