import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type IssuedCertificate, SERIAL_BYTES, issueCertificate } from '../../core/pki/certificate.ts';
import type { ProfileName } from '../../core/pki/profiles.ts';
import type { Signer } from '../../core/pki/signer.ts';
import { type MemoryKind, memorySigner } from './memory-signer.ts';

export const DAY_MS = 86_400_000;

export function daysFrom(date: Date, days: number): Date {
  return new Date(date.getTime() + days * DAY_MS);
}

/** Now, to the second: stock openssl checks validity against the machine's clock. */
export const NOW = new Date(Math.floor(Date.now() / 1000) * 1000);
const SINCE = daysFrom(NOW, -1);

export type Authority = {
  root: IssuedCertificate;
  rootSigner: Signer;
  exporter: IssuedCertificate;
  exportSigner: Signer;
};

/** A root and an export key under it, in memory. */
export async function sampleAuthority(kind: MemoryKind, name = 'Beispiel-Wurzel Zürich'): Promise<Authority> {
  const rootSigner = memorySigner(kind);
  const root = await issueRoot(rootSigner, name);
  const exportSigner = memorySigner(kind);
  const exporter = await issueUnder(root, rootSigner, 'service', exportSigner.publicKey, 'Export key 鍵');
  return { root, rootSigner, exporter, exportSigner };
}

export function issueRoot(signer: Signer, commonName: string): Promise<IssuedCertificate> {
  return issueCertificate({
    profile: 'root-ca',
    issuer: { signer, certificate: null },
    subject: { commonName, organisation: 'Ünïcode & Söhne', country: 'CH' },
    subjectPublicKey: signer.publicKey,
    serial: randomBytes(SERIAL_BYTES),
    notBefore: SINCE,
    notAfter: daysFrom(SINCE, 9000),
  });
}

export function issueUnder(
  issuer: IssuedCertificate,
  signer: Signer,
  profile: ProfileName,
  subjectPublicKey: Uint8Array,
  commonName: string,
): Promise<IssuedCertificate> {
  return issueCertificate({
    profile,
    issuer: { signer, certificate: issuer.der },
    subject: { commonName },
    subjectPublicKey,
    serial: randomBytes(SERIAL_BYTES),
    notBefore: SINCE,
    notAfter: daysFrom(SINCE, 2900),
    crlUrls: ['http://pki.example/root.crl'],
    issuerUrls: ['http://pki.example/root.crt'],
  });
}

/** A recipient of ours: certificate and PKCS#8 key in PEM. */
export async function sampleRecipient(kind: MemoryKind): Promise<{ certificate: string; key: string }> {
  const signer = memorySigner(kind);
  const { pem } = await issueCertificate({
    profile: 'recipient',
    issuer: { signer, certificate: null },
    subject: { commonName: 'Empfänger' },
    subjectPublicKey: signer.publicKey,
    serial: randomBytes(SERIAL_BYTES),
    notBefore: SINCE,
    notAfter: daysFrom(SINCE, 300),
  });
  return { certificate: pem, key: signer.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string };
}

/** A folder that goes when the test is over. */
export function temporaryFolder(files: Record<string, string | Uint8Array> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-test-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** Runs a program in a folder and answers what it printed; fails with its messages. */
export function run(folder: string, program: string, ...args: string[]): string {
  return execFileSync(program, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
