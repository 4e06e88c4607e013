import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { custodyRegister } from '../contract/custody.ts';
import { because } from '../contract/because.ts';
import { type ErrorParams, Refusal } from '../contract/errors.ts';
import { manifestSchema } from '../hsm/process/protocol.ts';
import { WRAP_MECHANISMS } from '../hsm/token.ts';
import { chainToRoot } from '../pki/chain.ts';
import { type ReadCertificate, readCertificate } from '../pki/read-certificate.ts';
import { verifySignedData } from '../pki/signed-data.ts';
import { checkManifest } from '../shares/commitment.ts';
import { isOfExercise } from '../shares/manifest.ts';
import { readFileOrRefuse } from '../store/files.ts';
import { newLabel } from './labels.ts';
import type { BroughtSet } from './results.ts';
import type { CeremonyState } from './state.ts';

/** No file that is brought is larger (bytes). */
const LIMIT = 1024 * 1024;

export const broughtKeys = z
  .array(
    z.strictObject({
      label: newLabel.describe('Label that the key had, and gets again; its backup is backup/LABEL.kwp.'),
      certificate: z.string().min(1).max(80).optional().describe('File of its certificate; none of a vault’s KEK.'),
      mechanism: z
        .enum(WRAP_MECHANISMS)
        .default('RFC5649')
        .describe('What it was wrapped by, as its backup sheet says.'),
    }),
  )
  .min(1)
  .max(8);

/** What manifest and register are signed under: a root, or the ledger key's own certificate where there is none. */
export type Above = ReadCertificate & { is: 'root' | 'ledger' };

type Wanted = {
  masterKey: string;
  root?: string | undefined;
  ledger?: string | undefined;
  keys: z.infer<typeof broughtKeys>;
};

/**
 * A share set as its ceremony left it on a medium: manifest and custody register, each signed under the root; the certificates,
 * which chain to that root; the wrapped keys. Who says that the root is the right one is paper: its words stand on every share sheet.
 * Where there is no CA, the ledger key's own certificate is in the root's place, and paper says which share set it is. MANIFEST_INVALID, CERTIFICATE_INVALID, POLICY_DIFFERENT, FILE_MISSING and the like.
 */
export async function readBroughtSet(
  state: CeremonyState,
  { masterKey: label, root: rootFile, ledger: ledgerFile, keys: wanted }: Wanted,
  { medium, register }: { medium: string; register: string },
): Promise<BroughtSet & { above: Above }> {
  const read = (path: string) => readFileOrRefuse(join(medium, path), LIMIT);
  const file = rootFile ?? ledgerFile ?? '';
  const above: Above = { is: rootFile === undefined ? 'ledger' : 'root', ...readCertificate(await read(file), file) };

  const manifestBytes = await read('manifest.json');
  refuseUnsigned(manifestBytes, await read('manifest.json.p7s'), above, 'manifest.json');
  const manifest = parsed(manifestSchema, manifestBytes, 'manifest.json');
  checkManifest(manifest);
  if (isOfExercise(manifest)) throw invalid(because('manifest.exercise'));
  const { policy } = state.script;
  const { threshold, shareCount } = manifest;
  if (policy.threshold !== threshold || policy.shareCount !== shareCount) {
    const asked = `${policy.threshold} of ${policy.shareCount}`;
    throw new Refusal('POLICY_DIFFERENT', { asked, made: `${threshold} of ${shareCount}` });
  }

  const registerBytes = await readFileOrRefuse(register, LIMIT);
  refuseUnsigned(registerBytes, await readFileOrRefuse(`${register}.p7s`, LIMIT), above, register);
  const custody = parsed(custodyRegister, registerBytes, register);
  if (custody.setId !== manifest.setId) throw invalid(because('manifest.otherSet', { name: register }));
  if (custody.mode !== state.mode) throw invalid(because('manifest.mode', { mode: custody.mode }));
  const rows = custody.shares.toSorted((one, other) => one.share - other.share);

  const certificates: BroughtSet['certificates'] = [];
  const keys: BroughtSet['keys'] = [];
  const backups: BroughtSet['shares']['backups'] = [];
  for (const { label: key, certificate: path, mechanism } of wanted) {
    const blob = await read(`backup/${key}.kwp`);
    backups.push({
      ...{ label: key, file: `backup/${key}.kwp`, mechanism, folder: medium },
      ...{ blob: Buffer.from(blob).toString('base64'), sha256: sha256(blob) },
    });
    if (path === undefined) {
      keys.push({ label: key, algorithm: 'AES-256' });
      continue;
    }
    const certificate = readCertificate(await read(path), path);
    refuseOfOtherRoot(certificate, above, path);
    const { der, x509 } = certificate;
    const subject = x509.subject.split('\n').join(', ');
    certificates.push({
      label: key,
      file: path,
      subject,
      der: Buffer.from(der).toString('base64'),
      sha256: sha256(der),
    });
    keys.push({ label: key, algorithm: algorithmOf(certificate, path) });
  }
  const shares: BroughtSet['shares'] = {
    ceremony: manifest.ceremony,
    folder: medium,
    masterKey: {
      label,
      manifest,
      xByCustodian: rows.map(({ x }) => x),
      // The log of its subsets is in the store of the ceremony that made it.
      subsetsChecked: 0,
      entropySources: [],
      attributes: {},
    },
    holders: rows.map(({ custodian }) => custodian),
    registers: [{ register: custody, sha256: sha256(registerBytes) }],
    backups,
    replacedSheets: [],
    superseded: [],
    aborted: [],
  };
  return { shares, certificates, keys, above };
}

/** Where the custody register is, unless a newer one is named. */
export function registerIn(medium: string): string {
  return join(medium, 'custody.json');
}

/** MANIFEST_INVALID. */
function refuseUnsigned(content: Uint8Array, signature: Uint8Array, above: Above, name: string): void {
  const unsigned = () => invalid(because('manifest.unsigned', { name, above: above.is }));
  try {
    const { signer, certificates, signingTime } = verifySignedData(signature, content);
    // At the time it was signed: its certificate may have expired since.
    const chain =
      above.is === 'root'
        ? chainToRoot(signer, [...certificates, above], signingTime)
        : isSelfSigned(signer, signingTime) && [signer];
    const last = chain && chain.at(-1);
    if (!last || !last.x509.publicKey.equals(above.x509.publicKey)) throw unsigned();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw unsigned();
  }
}

function isSelfSigned({ x509 }: ReadCertificate, at: Date): boolean {
  return x509.verify(x509.publicKey) && x509.validFromDate <= at && at <= x509.validToDate;
}

/** The root itself, or what it issued. CERTIFICATE_INVALID. */
function refuseOfOtherRoot(certificate: ReadCertificate, root: ReadCertificate, path: string): void {
  if (Buffer.from(certificate.der).equals(root.der)) return;
  const { x509 } = certificate;
  if (x509.checkIssued(root.x509) && x509.verify(root.x509.publicKey)) return;
  throw new Refusal('CERTIFICATE_INVALID', { path, ...because('certificate.otherRoot') });
}

function algorithmOf({ x509 }: ReadCertificate, path: string): 'EC-P256' | 'EC-P384' | 'RSA-3072' | 'RSA-4096' {
  const { asymmetricKeyDetails: details } = x509.publicKey;
  if (details?.namedCurve === 'prime256v1') return 'EC-P256';
  if (details?.namedCurve === 'secp384r1') return 'EC-P384';
  if (details?.modulusLength === 3072) return 'RSA-3072';
  if (details?.modulusLength === 4096) return 'RSA-4096';
  throw new Refusal('CERTIFICATE_INVALID', { path, ...because('certificate.key') });
}

/** MANIFEST_INVALID. */
function parsed<T>(schema: z.ZodType<T>, bytes: Uint8Array, name: string): T {
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    throw invalid(because('manifest.noSuch', { name }));
  }
}

function invalid(why: ErrorParams): Refusal {
  return new Refusal('MANIFEST_INVALID', why);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
