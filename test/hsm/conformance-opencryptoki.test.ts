import { conformance } from './conformance.ts';
import { prepareOpenCryptoki } from './grounds/opencryptoki.ts';

conformance('openCryptoki soft token', prepareOpenCryptoki);
