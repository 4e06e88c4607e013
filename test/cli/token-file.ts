import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SECURITY_OFFICER_PIN, SOFTHSM_MODULE, USER_PIN } from '../hsm/softhsm.ts';

/** A token file for the SoftHSM of `makeSoftHsm(['ceremony', 'rehearsal'])`, with its PINs in files beside it. */
export function writeTokenFile(folder: string, change: (text: string) => string = (text) => text): string {
  const pin = join(folder, 'pin');
  const securityOfficerPin = join(folder, 'so-pin');
  mkdirSync(folder, { recursive: true });
  for (const [path, value] of [
    [pin, USER_PIN],
    [securityOfficerPin, SECURITY_OFFICER_PIN],
  ] as const) {
    writeFileSync(path, `${value}\n`);
    chmodSync(path, 0o600);
  }
  const path = join(folder, 'token.yaml');
  const sources = `pin: { file: pin }\nsecurityOfficerPin: { file: so-pin }\n`;
  const rehearsal = `rehearsal:\n  token: rehearsal\n  pin: { file: pin }\n  securityOfficerPin: { file: so-pin }\n`;
  writeFileSync(path, change(`module: ${SOFTHSM_MODULE}\ntoken: ceremony\n${sources}${rehearsal}`));
  return path;
}
