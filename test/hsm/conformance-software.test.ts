import { conformance } from './conformance.ts';
import { prepareSoftware } from './grounds/software.ts';

conformance('software token', prepareSoftware);
