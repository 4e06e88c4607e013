import { conformance } from './conformance.ts';
import { prepareTpm } from './grounds/tpm.ts';

conformance('tpm2-pkcs11 with swtpm', prepareTpm);
