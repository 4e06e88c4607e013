import { useEffect, useState } from 'react';
import type { CommandOutput } from '../../core/contract/commands.ts';
import type { Outcome } from '../../core/contract/errors.ts';
import type { RotationView } from '../../core/contract/vault-rotation.ts';
import { useSecond } from '../components/second.ts';
import { useWindow } from '../store/store.ts';
import { look } from './told.ts';

type Told = Outcome<CommandOutput<'vault.rotation'>> | null;

/** Something is being done, and more of it with each look. */
export function isMoving({ phase, paused, stopped, finishedAt }: RotationView): boolean {
  return finishedAt === null && !paused && stopped === null && phase !== 'grace';
}

/**
 * The rotation that is under way, or the last one: asked again whenever core says that something has changed, and each second while it goes on, since a batch is no change that is told. At rest
 * nothing is asked: a session that nobody uses is to end.
 */
export function useRotation(): Told {
  const info = useWindow((state) => state.info);
  const [told, setTold] = useState<Told>(null);
  const moves = told?.ok === true && told.value.rotation !== null && isMoving(told.value.rotation);
  const second = useSecond(moves);
  useEffect(() => {
    void look('vault.rotation', {}).then(setTold);
  }, [info, second]);
  return told;
}
