import { conformance } from './conformance.ts';
import { prepareNss } from './grounds/nss.ts';

conformance('NSS softokn', prepareNss);
