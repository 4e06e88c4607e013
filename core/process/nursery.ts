import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options: { type: 'minor' }) => void;

/**
 * Empties V8's nursery. When it runs full, V8 copies what lives in it and leaves the old copy where it was, out of anybody's reach: small typed arrays lie
 * there, and so a secret in one could be overwritten only where it is now. What is made and overwritten in one go after this is not copied before.
 */
export function emptyNursery(): void {
  collect({ type: 'minor' });
}
