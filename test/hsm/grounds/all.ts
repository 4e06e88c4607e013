import type { Ground } from './ground.ts';
import { prepareNss } from './nss.ts';
import { prepareOpenCryptoki } from './opencryptoki.ts';
import { prepareSoftHsm } from './softhsm.ts';
import { prepareSoftware } from './software.ts';
import { prepareTpm } from './tpm.ts';

/** Every module that the conformance suite runs on, in the order of docs/tokens.md. */
export const GROUNDS: Record<string, () => Ground | Promise<Ground>> = {
  'SoftHSM 2': prepareSoftHsm,
  'NSS softokn': prepareNss,
  'tpm2-pkcs11 with swtpm': prepareTpm,
  'openCryptoki soft token': prepareOpenCryptoki,
  'software token': prepareSoftware,
};
