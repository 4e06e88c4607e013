import { join } from 'node:path';

export const REPOSITORY = join(import.meta.dirname, '..');
export const SCRIPT = join(REPOSITORY, 'resources/ceremonies/root-and-issuing.yaml');
export const ANSWERS = join(REPOSITORY, 'resources/ceremonies/answers/root-and-issuing.yaml');
