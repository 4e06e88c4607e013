import { randomUUID } from 'node:crypto';
import { Refusal } from '../../contract/errors.ts';
import type { RotationView } from '../../contract/vault-rotation.ts';
import { EVERYTHING, requireAdmin } from '../grants.ts';
import { type Caller, byOf, record } from '../parts.ts';
import { OWN } from '../rows.ts';
import type { Vault } from '../vault.ts';
import { Batches } from './batches.ts';
import { beginRotation } from './begin.ts';
import { rotationDue } from './due.ts';
import { prepare } from './prepare.ts';
import type { NextKeys } from './next-key.ts';
import { followKeys, openOther } from './open-keys.ts';
import { type By, type Rotation, changeRotation, eventRow, openRotation, shownRotation, viewOf } from './rotation.ts';
import { beginCleanUp, beginRollBack } from './turns.ts';

/** Whoever policy rotates for. */
const BY_POLICY: By = { principal: OWN, address: 'policy', agent: 'claviger' };

/**
 * The rotation of an open vault's own keys. One at a time, in batches between other calls; where it stands is in the store, so that it goes on after a crash, a pause, or what stopped it.
 */
export class Rotations {
  readonly #vault: Vault;
  readonly #keys: NextKeys;
  readonly #batches: Batches;

  /** `bug`: told of what is no refusal. */
  constructor(vault: Vault, keys: NextKeys, bug: (error: unknown) => void) {
    this.#vault = vault;
    this.#keys = keys;
    this.#batches = new Batches(vault.parts, keys, bug);
  }

  /** VAULT_REFUSED. */
  async status(caller: Caller): Promise<RotationView | null> {
    await this.#administrator(caller, 'rotation');
    const shown = await shownRotation(this.#vault.parts.store.db);
    return shown ? this.#view(shown) : null;
  }

  /**
   * Phase 1, and the others after it. The caller wipes `secret`. VAULT_REFUSED, ROTATION_RUNNING; KEYSTORE_PASSPHRASE_WRONG, ROTATION_NO_MASTER_KEY and what else the place of the key
   * refuses: nothing was begun then.
   */
  async rotateKey(
    caller: Caller,
    wanted: { secret: Uint8Array | null; graceHours?: number | undefined },
  ): Promise<RotationView> {
    await this.#administrator(caller, 'rotate key');
    return this.#startKek(byOf(caller), wanted);
  }

  /** VAULT_REFUSED, ROTATION_RUNNING. */
  async rotateDataKeys(caller: Caller): Promise<RotationView> {
    await this.#administrator(caller, 'rotate data keys');
    return this.#startDek(byOf(caller));
  }

  /** After the batch that is under way. VAULT_REFUSED, ROTATION_NONE. */
  async pause(caller: Caller): Promise<RotationView> {
    await this.#administrator(caller, 'pause rotation');
    const rotation = await this.#open();
    await this.#commanded(rotation, 'paused', byOf(caller), { paused: 1 });
    await this.#batches.settled();
    return this.#shown();
  }

  /** VAULT_REFUSED, ROTATION_NONE, and what opening or making the other key refuses. */
  async continue(caller: Caller, secret: Uint8Array | null): Promise<RotationView> {
    await this.#administrator(caller, 'continue rotation');
    const rotation = await this.#open();
    await this.#batches.settled();
    await this.#commanded(rotation, 'continued', byOf(caller), { paused: 0, stopped: null });
    await this.resume(secret);
    return this.#shown();
  }

  /** VAULT_REFUSED, ROTATION_NONE, ROTATION_NO_WAY_BACK, ROTATION_KEY_AWAY. */
  async rollBack(caller: Caller): Promise<RotationView> {
    await this.#administrator(caller, 'roll back rotation');
    const rotation = await this.#open();
    if (rotation.what === 'dek' || rotation.phase === 'clean-up') throw new Refusal('ROTATION_NO_WAY_BACK');
    await this.#batches.still(() => beginRollBack(this.#vault.parts, rotation.id, byOf(caller)));
    return this.#shown();
  }

  /** Where the clean-up has begun or is over, how it stands. VAULT_REFUSED, ROTATION_NONE, ROTATION_NOT_ACTIVE, ROTATION_GRACE. */
  async finish(caller: Caller, now: boolean): Promise<RotationView> {
    await this.#administrator(caller, 'finish rotation');
    const shown = await shownRotation(this.#vault.parts.store.db);
    // It begins by itself when the grace period is over, and may have done so just now.
    if (shown?.what === 'kek' && ['clean-up', 'finished'].includes(shown.phase)) return this.#view(shown);
    const rotation = await this.#open();
    if (rotation.phase !== 'grace') throw new Refusal('ROTATION_NOT_ACTIVE', { phase: rotation.phase });
    const until = rotation.grace_until ?? '';
    if (!now && until > this.#now().toISOString()) throw new Refusal('ROTATION_GRACE', { until });
    await this.#batches.still(() => beginCleanUp(this.#vault.parts, rotation.id, byOf(caller)));
    return this.#shown();
  }

  /**
   * Opens the other key of a rotation that is under way, and goes on. The caller wipes `secret`. What does not open stops the rotation and not the vault: it is recorded, and `continue` tries
   * again.
   */
  async resume(secret: Uint8Array | null): Promise<void> {
    const { store } = this.#vault.parts;
    if (store.shared) await followKeys(this.#vault.parts, this.#keys, secret);
    // Where another node is at it, that one goes on.
    await store.alone('rotation', () => this.#resume(secret));
    this.#batches.go();
  }

  async #resume(secret: Uint8Array | null): Promise<void> {
    const rotation = await openRotation(this.#vault.parts.store.db);
    if (!rotation || rotation.paused || rotation.stopped) {
      // Paused or stopped, both keys are open all the same: each new version is to be under both.
      if (rotation)
        await openOther(this.#vault.parts, this.#keys, rotation, secret).catch((error: unknown) =>
          this.#batches.stop(error),
        );
      return;
    }
    try {
      await openOther(this.#vault.parts, this.#keys, rotation, secret);
      if (rotation.what === 'kek' && rotation.phase === 'preparation') {
        await prepare(this.#vault.parts, rotation, this.#keys, secret);
      }
    } catch (error) {
      await this.#batches.stop(error);
    }
  }

  /** What is due by now: a grace period that is over, a rotation that policy asks for. */
  async tick(): Promise<void> {
    const { parts } = this.#vault;
    const now = this.#now();
    if (parts.store.shared) await followKeys(this.#vault.parts, this.#keys, null);
    const rotation = await openRotation(parts.store.db);
    if (rotation) {
      // Of a node that died.
      if (parts.store.shared) this.#batches.go();
      const isOver = rotation.phase === 'grace' && (rotation.grace_until ?? '') <= now.toISOString();
      if (isOver && !rotation.paused && !rotation.stopped) {
        await this.#batches.still(() => beginCleanUp(parts, rotation.id, BY_POLICY));
      }
      return;
    }
    const due = await rotationDue(this.#vault, now);
    if (due === 'kek') await this.#startKek(BY_POLICY, { secret: null });
    else if (due === 'dek') await this.#startDek(BY_POLICY);
  }

  /** Ends after the batch that is under way; the store knows where. */
  async close(): Promise<void> {
    await this.#batches.end();
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#batches.settled();
  }

  async #startKek(
    by: By,
    { secret, graceHours }: { secret: Uint8Array | null; graceHours?: number | undefined },
  ): Promise<RotationView> {
    const { policy } = await this.#vault.policies.present();
    await this.#refuseOther();
    await this.#keys.check(secret);
    const id = randomUUID();
    const begun = await this.#vault.parts.store.alone('rotation', async () => {
      const rotation = await beginRotation(this.#vault.parts, by, {
        ...{ id, what: 'kek', phase: 'preparation', place: this.#keys.plan(id) },
        grace_hours: graceHours ?? policy.keyRotation.graceHours,
      });
      try {
        await prepare(this.#vault.parts, rotation, this.#keys, secret);
      } catch (error) {
        await this.#batches.stop(error);
        throw error;
      }
      return rotation;
    });
    if (!begun) throw new Refusal('ROTATION_RUNNING');
    this.#batches.go();
    return this.#shown();
  }

  async #startDek(by: By): Promise<RotationView> {
    await this.#refuseOther();
    await beginRotation(this.#vault.parts, by, {
      id: randomUUID(),
      what: 'dek',
      phase: 're-encryption',
      place: null,
      grace_hours: 0,
    });
    this.#batches.go();
    return this.#shown();
  }

  async #commanded(
    rotation: Rotation,
    event: 'paused' | 'continued',
    by: By,
    changes: Partial<Rotation>,
  ): Promise<void> {
    await record(this.#vault.parts.ledger, [eventRow(rotation, event, { by })], (db) =>
      changeRotation(db, rotation.id, { ...changes, started_by: JSON.stringify(by) }),
    );
  }

  async #open(): Promise<Rotation> {
    const rotation = await openRotation(this.#vault.parts.store.db);
    if (!rotation) throw new Refusal('ROTATION_NONE');
    return rotation;
  }

  async #refuseOther(): Promise<void> {
    if (await openRotation(this.#vault.parts.store.db)) throw new Refusal('ROTATION_RUNNING');
  }

  async #shown(): Promise<RotationView> {
    const shown = await shownRotation(this.#vault.parts.store.db);
    if (!shown) throw new Refusal('ROTATION_NONE');
    return this.#view(shown);
  }

  #view(rotation: Rotation): RotationView {
    return viewOf(rotation, { ...this.#batches.progress, now: this.#now().getTime() });
  }

  #administrator(caller: Caller, action: string): Promise<void> {
    return requireAdmin(this.#vault.parts, caller, EVERYTHING, action);
  }

  #now(): Date {
    return this.#vault.parts.clock();
  }
}
