import { X509Certificate, createPublicKey } from 'node:crypto';
import {
  AsnConvert,
  AsnIntegerBigIntConverter,
  AsnProp,
  AsnPropTypes,
  AsnType,
  AsnTypeTypes,
} from '@peculiar/asn1-schema';
import { Certificate } from '@peculiar/asn1-x509';
import { Refusal } from '../../contract/errors.ts';

/**
 * The attestation certificate of a YubiHSM 2: a certificate for a key in the device, signed by another key there, with
 * what the device says of the key in extensions (docs.yubico.com/hardware/oid/oid-product-arc.html, "YubiHSM OIDs").
 */
export type YubiHsmAttestation = {
  firmware: string;
  /** Of the device. */
  serial: string;
  /** `generated`: made in this device, and never outside it. */
  origins: ('generated' | 'imported' | 'imported wrapped')[];
  domains: number[];
  /** What the key may do; a bit that is not named here is told as `bit 47`. */
  capabilities: string[];
  objectId: number;
  label: string;
  /** SubjectPublicKeyInfo, DER. */
  publicKey: Uint8Array;
};

const ARC = '1.3.6.1.4.1.41482.4';

/** Bits of the origin, the lowest first. */
const ORIGINS = new Map<number, YubiHsmAttestation['origins'][number]>([
  [0, 'generated'],
  [1, 'imported'],
  [4, 'imported wrapped'],
]);

/** The capabilities of an asymmetric key (YubiHSM 2 user guide, Capability), by bit. */
const CAPABILITIES = new Map([
  [5, 'sign-pkcs'],
  [6, 'sign-pss'],
  [7, 'sign-ecdsa'],
  [8, 'sign-eddsa'],
  [9, 'decrypt-pkcs'],
  [10, 'decrypt-oaep'],
  [11, 'derive-ecdh'],
  [16, 'exportable-under-wrap'],
  [25, 'sign-ssh-certificate'],
  [34, 'sign-attestation-certificate'],
]);

/** The four types that the extensions have. */
class ExtensionValue {
  integer?: bigint;
  text?: string;
  bits?: ArrayBuffer;
  octets?: ArrayBuffer;
}
AsnType({ type: AsnTypeTypes.Choice })(ExtensionValue);
AsnProp({ type: AsnPropTypes.Integer, converter: AsnIntegerBigIntConverter })(ExtensionValue.prototype, 'integer');
AsnProp({ type: AsnPropTypes.Utf8String })(ExtensionValue.prototype, 'text');
AsnProp({ type: AsnPropTypes.BitString })(ExtensionValue.prototype, 'bits');
AsnProp({ type: AsnPropTypes.OctetString })(ExtensionValue.prototype, 'octets');

/** Reads an attestation certificate (DER) without believing it. ATTESTATION_INVALID. */
export function readYubiHsmAttestation(der: Uint8Array): YubiHsmAttestation {
  const { x509, extensions } = parsed(der);
  const at = (arc: number): ExtensionValue => {
    const value = extensions.get(arc);
    if (!value) throw invalid(`extension ${ARC}.${arc} is missing or of another type`);
    return value;
  };
  const firmware = octetsOf(at(1));
  if (firmware?.length !== 3) throw invalid('the firmware version is not three bytes');
  return {
    firmware: firmware.join('.'),
    serial: integerOf(at(2)).toString(),
    origins: setBits(at(3)).map((bit) => {
      const origin = ORIGINS.get(bit);
      if (!origin) throw invalid(`origin bit ${bit} is not known`);
      return origin;
    }),
    domains: setBits(at(4)).map((bit) => bit + 1),
    capabilities: setBits(at(5)).map((bit) => CAPABILITIES.get(bit) ?? `bit ${bit}`),
    objectId: Number(integerOf(at(6))),
    label: at(9).text ?? '',
    publicKey: x509.publicKey.export({ format: 'der', type: 'spki' }),
  };
}

/**
 * Believes an attestation: `chain` holds the device's own attestation certificate first and then the CAs above it, `root`
 * is the vendor's root as it came by another way (all DER), `publicKey` is what the token shows for the key
 * (SubjectPublicKeyInfo, DER). ATTESTATION_INVALID says what does not hold.
 */
export function verifyYubiHsmAttestation(
  leaf: Uint8Array,
  { chain, root, publicKey, now }: { chain: Uint8Array[]; root: Uint8Array; publicKey: Uint8Array; now: Date },
): YubiHsmAttestation {
  const attestation = readYubiHsmAttestation(leaf);
  const [device, ...authorities] = chain.map(parsed);
  if (!device) throw invalid('the device certificate is missing');
  const top = parsed(root);
  const path = [parsed(leaf), device, ...authorities];
  if (path.at(-1)?.x509.fingerprint256 !== top.x509.fingerprint256) path.push(top);
  path.forEach(({ x509 }, index) => {
    const issuer = path[index + 1]?.x509 ?? x509;
    if (x509.issuer !== issuer.subject || !x509.verify(issuer.publicKey)) {
      throw invalid(`certificate ${index + 1} of the chain is not signed by the next`);
    }
    // From the device certificate's issuer on.
    if (index >= 2 && !x509.ca) throw invalid(`certificate ${index + 1} of the chain is no CA`);
    if (now < x509.validFromDate || now > x509.validToDate)
      throw invalid(`certificate ${index + 1} is out of its time`);
  });
  // The attesting key is object 0. Any other key of a device that signs could else attest to what it likes.
  const attester = device.extensions.get(6);
  if (attester && integerOf(attester) !== 0n)
    throw invalid('the attesting key is not the one of the device (object 0)');
  const serial = device.extensions.get(2);
  if (serial && integerOf(serial).toString() !== attestation.serial)
    throw invalid('it names another device than its issuer');
  const shown = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
  if (!shown.equals(parsed(leaf).x509.publicKey)) throw invalid('it is for another key than the token shows');
  return attestation;
}

function parsed(der: Uint8Array): { x509: X509Certificate; extensions: Map<number, ExtensionValue> } {
  try {
    const x509 = new X509Certificate(der);
    const { tbsCertificate } = AsnConvert.parse(Uint8Array.from(der).buffer, Certificate);
    const extensions = new Map<number, ExtensionValue>();
    for (const { extnID, extnValue } of Array.from(tbsCertificate.extensions ?? [])) {
      if (!extnID.startsWith(`${ARC}.`)) continue;
      const arc = Number(extnID.slice(ARC.length + 1));
      if (extensions.has(arc)) throw invalid(`extension ${extnID} stands twice`);
      extensions.set(arc, AsnConvert.parse(extnValue.buffer, ExtensionValue));
    }
    return { x509, extensions };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw invalid('it is not an X.509 certificate that can be read');
  }
}

function integerOf({ integer }: ExtensionValue): bigint {
  if (integer === undefined) throw invalid('an extension is not an INTEGER');
  return integer;
}

function octetsOf({ octets }: ExtensionValue): Uint8Array | null {
  return octets ? new Uint8Array(octets) : null;
}

/** The device writes its numbers as bit strings, big-endian: bit 0 is the lowest of the last byte. */
function setBits({ bits }: ExtensionValue): number[] {
  if (!bits) throw invalid('an extension is not a BIT STRING');
  const bytes = [...new Uint8Array(bits)].reverse();
  return bytes.flatMap((byte, index) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => byte & (1 << bit)).map((bit) => index * 8 + bit),
  );
}

function invalid(detail: string): Refusal {
  return new Refusal('ATTESTATION_INVALID', { detail });
}
