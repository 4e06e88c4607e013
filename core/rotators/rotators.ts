import type { TakenPlan } from '../contract/rotation-plan.ts';
import { commandRotator } from './command.ts';
import { postgresRotator } from './postgres.ts';
import { handRotator, randomRotator } from './random.ts';
import type { Rotator, RotatorTools } from './rotator.ts';

/** The rotator that a plan names. */
export function rotatorOf(settings: TakenPlan['rotator'], tools: RotatorTools): Rotator {
  switch (settings.name) {
    case 'hand':
      return handRotator();
    case 'random':
      return randomRotator(settings.value);
    case 'command':
      return commandRotator(settings, tools);
    case 'postgres':
      return postgresRotator(settings, tools);
  }
}
