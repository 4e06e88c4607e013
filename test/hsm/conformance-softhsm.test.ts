import { conformance } from './conformance.ts';
import { prepareSoftHsm } from './grounds/softhsm.ts';

conformance('SoftHSM 2', prepareSoftHsm);
