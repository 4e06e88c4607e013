import { join } from 'node:path';

export const REPOSITORY = join(import.meta.dirname, '..');
export const SCRIPT = join(REPOSITORY, 'resources/ceremonies/root-and-issuing.yaml');
export const ANSWERS = join(REPOSITORY, 'resources/ceremonies/answers/root-and-issuing.yaml');
/** The same ceremony in German words. */
export const GERMAN_SCRIPT = join(REPOSITORY, 'resources/ceremonies/de/root-and-issuing.yaml');
