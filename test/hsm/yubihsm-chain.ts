import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const ARC = '1.3.6.1.4.1.41482.4';

/** Extensions in the words of openssl's ASN1_generate_nconf: of the device, and of a key in it. */
export const DEVICE = [`${ARC}.1=ASN1:FORMAT:HEX,OCTETSTRING:020400`, `${ARC}.2=ASN1:INTEGER:7550054`];
export const KEY = [
  `${ARC}.3=ASN1:FORMAT:HEX,BITSTRING:01`,
  `${ARC}.4=ASN1:FORMAT:HEX,BITSTRING:8001`,
  // sign-ecdsa (bit 7) and exportable-under-wrap (bit 16).
  `${ARC}.5=ASN1:FORMAT:HEX,BITSTRING:0000000000010080`,
  `${ARC}.6=ASN1:INTEGER:100`,
  `${ARC}.9=ASN1:UTF8String:root-2026`,
];
export const CA = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign'];

type Certify = (
  name: string,
  issuer: string,
  extensions: string[],
  options?: { publicKey?: string; subject?: string },
) => void;

/**
 * Makes certificates in a folder, NAME.crt each, with a key NAME.key of its own, or for the public key in a PEM file, signed
 * by `issuer` (itself, if it is the root).
 */
export function certifier(folder: string): Certify {
  const openssl = (...words: string[]) =>
    execFileSync('openssl', words, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  return (name, issuer, extensions, { publicKey, subject } = {}) => {
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', `${name}.key`);
    openssl('req', '-new', '-key', `${name}.key`, '-subj', `/CN=${subject ?? name}`, '-out', `${name}.csr`);
    writeFileSync(join(folder, `${name}.cnf`), `${extensions.join('\n')}\n`);
    const signer = name === issuer ? ['-signkey', `${name}.key`] : ['-CA', `${issuer}.crt`, '-CAkey', `${issuer}.key`];
    const forced = publicKey === undefined ? [] : ['-force_pubkey', publicKey];
    const extend = ['-extfile', `${name}.cnf`, ...forced];
    openssl('x509', '-req', '-in', `${name}.csr`, ...signer, '-days', '30', ...extend, '-out', `${name}.crt`);
  };
}
