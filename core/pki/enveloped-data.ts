import {
  CMSVersion,
  ContentEncryptionAlgorithmIdentifier,
  ContentInfo,
  EncryptedContent,
  EncryptedContentInfo,
  IssuerAndSerialNumber,
  KeyAgreeRecipientIdentifier,
  KeyAgreeRecipientInfo,
  KeyEncryptionAlgorithmIdentifier,
  KeyTransRecipientInfo,
  OriginatorIdentifierOrKey,
  OriginatorInfo,
  OriginatorPublicKey,
  RecipientEncryptedKey,
  RecipientEncryptedKeys,
  RecipientIdentifier,
  RecipientInfo,
  RecipientInfos,
  UnprotectedAttributes,
  id_data,
} from '@peculiar/asn1-cms';
import { id_ecPublicKey } from '@peculiar/asn1-ecc';
import { RsaEsOaepParams, id_RSAES_OAEP, id_mgf1, id_sha256, sha256 } from '@peculiar/asn1-rsa';
import { AsnProp, AsnPropTypes, OctetString } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import {
  type KeyObject,
  constants,
  createCipheriv,
  createDecipheriv,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { Refusal } from '../contract/errors.ts';
import { wipe } from '../process/guarded.ts';
import { bufferOf, derOf, parseBer } from './der.ts';
import { sameBytes } from './same-bytes.ts';
import { agreeAndUnwrap, agreeAndWrap, agreementAlgorithm } from './key-agreement.ts';
import type { ReadCertificate } from './read-certificate.ts';
import { contentInfo } from './signed-data.ts';

const id_authEnvelopedData = '1.2.840.113549.1.9.16.1.23';
const id_aes256_GCM = '2.16.840.1.101.3.4.1.46';
const CONTENT_KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const OAEP_SHA256 = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };

/** RFC 5083 2.1. The attributes are declared so that a message that has some can be refused. */
class AuthEnvelopedData {
  version = CMSVersion.v0;
  originatorInfo?: OriginatorInfo;
  recipientInfos = new RecipientInfos();
  authEncryptedContentInfo = new EncryptedContentInfo();
  authAttrs?: UnprotectedAttributes;
  mac = new OctetString();
  unauthAttrs?: UnprotectedAttributes;
}
const field = (name: keyof AuthEnvelopedData, options: Parameters<typeof AsnProp>[0]) => {
  AsnProp(options)(AuthEnvelopedData.prototype, name);
};
field('version', { type: AsnPropTypes.Integer });
field('originatorInfo', { type: OriginatorInfo, context: 0, implicit: true, optional: true });
field('recipientInfos', { type: RecipientInfos });
field('authEncryptedContentInfo', { type: EncryptedContentInfo });
field('authAttrs', { type: UnprotectedAttributes, context: 1, implicit: true, optional: true });
field('mac', { type: OctetString });
field('unauthAttrs', { type: UnprotectedAttributes, context: 2, implicit: true, optional: true });

/** GCMParameters (RFC 5084 3.2). `tagBytes` has DEFAULT 12. */
class GcmParameters {
  nonce = new OctetString();
  tagBytes = 12;
}
AsnProp({ type: OctetString })(GcmParameters.prototype, 'nonce');
AsnProp({ type: AsnPropTypes.Integer, defaultValue: 12 })(GcmParameters.prototype, 'tagBytes');

/**
 * A CMS AuthEnvelopedData message (RFC 5083), DER: the content under AES-256-GCM with a fresh key, and that key for one
 * recipient certificate, by ECDH (EC P-256, P-384; RFC 5753) or RSAES-OAEP with SHA-256 (RFC 3560).
 */
export function envelopData(content: Uint8Array, recipient: ReadCertificate): Uint8Array {
  const contentKey = randomBytes(CONTENT_KEY_BYTES);
  try {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', contentKey, nonce);
    const encrypted = Buffer.concat([cipher.update(content), cipher.final()]);
    const wrapped = wrapFor(recipient.x509.publicKey, contentKey);
    return assemble(recipient, { ...wrapped, nonce, encrypted, mac: cipher.getAuthTag() });
  } finally {
    wipe(contentKey);
  }
}

function wrapFor(publicKey: KeyObject, contentKey: Uint8Array): WrappedKey {
  if (publicKey.asymmetricKeyType !== 'rsa') return agreeAndWrap(publicKey, contentKey);
  return { ephemeral: null, encryptedKey: publicEncrypt({ key: publicKey, ...OAEP_SHA256 }, contentKey) };
}

/** The parts of a message that are not fixed by the recipient's certificate. `ephemeral` is the ECDH point. */
type WrappedKey = { ephemeral: Uint8Array | null; encryptedKey: Uint8Array };
type Parts = WrappedKey & { nonce: Uint8Array; encrypted: Uint8Array; mac: Uint8Array };

function assemble(recipient: ReadCertificate, { nonce, encrypted, mac, ...wrapped }: Parts): Uint8Array {
  const parameters = new GcmParameters();
  parameters.nonce = new OctetString(nonce);
  parameters.tagBytes = TAG_BYTES;
  const enveloped = new AuthEnvelopedData();
  enveloped.recipientInfos = new RecipientInfos([recipientInfo(recipient, wrapped)]);
  enveloped.authEncryptedContentInfo = new EncryptedContentInfo({
    contentType: id_data,
    contentEncryptionAlgorithm: new ContentEncryptionAlgorithmIdentifier({
      algorithm: id_aes256_GCM,
      parameters: bufferOf(derOf(parameters)),
    }),
    encryptedContent: new EncryptedContent({ value: new OctetString(encrypted) }),
  });
  enveloped.mac = new OctetString(mac);
  return derOf(contentInfo(id_authEnvelopedData, enveloped));
}

function recipientInfo(recipient: ReadCertificate, { ephemeral, encryptedKey }: WrappedKey): RecipientInfo {
  const { issuer, serialNumber } = recipient.structure.tbsCertificate;
  const issuerAndSerialNumber = new IssuerAndSerialNumber({ issuer, serialNumber });
  if (!ephemeral) {
    return new RecipientInfo({
      ktri: new KeyTransRecipientInfo({
        version: CMSVersion.v0,
        rid: new RecipientIdentifier({ issuerAndSerialNumber }),
        keyEncryptionAlgorithm: oaepSha256(),
        encryptedKey: new OctetString(encryptedKey),
      }),
    });
  }
  // RFC 5753 3.1.1: the curve is the recipient's, so the parameters stay out.
  const originatorKey = new OriginatorPublicKey({
    algorithm: new AlgorithmIdentifier({ algorithm: id_ecPublicKey }),
    publicKey: bufferOf(ephemeral),
  });
  return new RecipientInfo({
    kari: new KeyAgreeRecipientInfo({
      version: CMSVersion.v3,
      originator: new OriginatorIdentifierOrKey({ originatorKey }),
      keyEncryptionAlgorithm: agreementAlgorithm(recipient.x509.publicKey),
      recipientEncryptedKeys: new RecipientEncryptedKeys([
        new RecipientEncryptedKey({
          rid: new KeyAgreeRecipientIdentifier({ issuerAndSerialNumber }),
          encryptedKey: new OctetString(encryptedKey),
        }),
      ]),
    }),
  });
}

/**
 * Whether a message that opened is byte for byte what `envelopData` makes for this recipient. What the recipient entry
 * says around the keys is not authenticated by anything else.
 */
export function isEnvelopeFor(message: Uint8Array, recipient: ReadCertificate): boolean {
  const { recipientInfos, authEncryptedContentInfo, mac } = parseEnvelope(message);
  const [info] = recipientInfos;
  const ephemeral = info?.kari?.originator.originatorKey?.publicKey;
  const encryptedKey = info?.ktri?.encryptedKey ?? info?.kari?.recipientEncryptedKeys[0]?.encryptedKey;
  const parameters = gcmParameters(authEncryptedContentInfo);
  const encrypted = authEncryptedContentInfo.encryptedContent?.value;
  if (!encryptedKey || !parameters || !encrypted) return false;
  const rebuilt = assemble(recipient, {
    ephemeral: ephemeral ? new Uint8Array(ephemeral) : null,
    encryptedKey: new Uint8Array(encryptedKey.buffer),
    nonce: new Uint8Array(parameters.nonce.buffer),
    encrypted: new Uint8Array(encrypted.buffer),
    mac: new Uint8Array(mac.buffer),
  });
  return sameBytes(rebuilt, message);
}

/** RFC 4055 4.1: SHA-256 for the hash and for MGF1, an empty label. */
function oaepSha256(): KeyEncryptionAlgorithmIdentifier {
  const maskGenAlgorithm = new AlgorithmIdentifier({ algorithm: id_mgf1, parameters: bufferOf(derOf(sha256)) });
  const parameters = new RsaEsOaepParams({ hashAlgorithm: sha256, maskGenAlgorithm });
  return new KeyEncryptionAlgorithmIdentifier({ algorithm: id_RSAES_OAEP, parameters: bufferOf(derOf(parameters)) });
}

/**
 * Opens an AuthEnvelopedData message with the recipient's private key; tries every recipient of the message. Takes BER
 * as well, as OpenSSL streams it. BUNDLE_NOT_FOR_KEY, BUNDLE_DAMAGED. That a damaged recipient entry looks like one for
 * another key cannot be helped: key wrap and OAEP say only that they fail.
 */
export function openEnvelope(message: Uint8Array, privateKey: KeyObject): Uint8Array {
  const enveloped = parseEnvelope(message);
  const { contentType, encryptedContent } = enveloped.authEncryptedContentInfo;
  const parameters = gcmParameters(enveloped.authEncryptedContentInfo);
  if (contentType !== id_data || !parameters || !encryptedContent) {
    throw damaged('its content is not encrypted with AES-256-GCM');
  }
  const mac = new Uint8Array(enveloped.mac.buffer);
  if (mac.length !== TAG_BYTES || parameters.tagBytes !== TAG_BYTES || parameters.nonce.byteLength !== NONCE_BYTES) {
    throw damaged('its nonce or authentication tag has another length');
  }
  const found = Array.from(enveloped.recipientInfos, (info) => contentKeyFor(info, privateKey));
  const contentKey = found.find((key) => key !== null);
  if (!contentKey) throw new Refusal('BUNDLE_NOT_FOR_KEY');
  try {
    const nonce = new Uint8Array(parameters.nonce.buffer);
    const decipher = createDecipheriv('aes-256-gcm', contentKey, nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(mac);
    return decrypt(decipher, encryptedContent);
  } catch {
    throw damaged('its content does not authenticate');
  } finally {
    wipe(...found);
  }
}

function parseEnvelope(message: Uint8Array): AuthEnvelopedData {
  const info = parseBer(message, ContentInfo);
  const enveloped =
    info?.contentType === id_authEnvelopedData ? parseBer(new Uint8Array(info.content), AuthEnvelopedData) : null;
  if (!enveloped) throw damaged('it is not an AuthEnvelopedData message');
  if (enveloped.version !== CMSVersion.v0 || enveloped.originatorInfo || enveloped.authAttrs || enveloped.unauthAttrs) {
    throw damaged('it carries more than recipients and content');
  }
  return enveloped;
}

function decrypt(decipher: ReturnType<typeof createDecipheriv>, encrypted: EncryptedContent): Uint8Array {
  const chunks = encrypted.value ? [encrypted.value] : (encrypted.constructedValue ?? []);
  const clear = chunks.map(({ buffer }) => decipher.update(new Uint8Array(buffer)));
  return Buffer.concat([...clear, decipher.final()]);
}

/** The content-encryption key of a recipient entry; null if it is not for this key. The caller wipes it. */
function contentKeyFor({ ktri, kari }: RecipientInfo, privateKey: KeyObject): Uint8Array | null {
  if (ktri && privateKey.asymmetricKeyType === 'rsa') return transportedKey(ktri, privateKey);
  const originatorKey = kari?.originator.originatorKey;
  if (!originatorKey || kari.ukm || privateKey.asymmetricKeyType !== 'ec') return null;
  for (const { encryptedKey } of kari.recipientEncryptedKeys) {
    const contentKey = agreeAndUnwrap(privateKey, {
      ephemeral: originatorKey,
      algorithm: kari.keyEncryptionAlgorithm,
      encryptedKey: new Uint8Array(encryptedKey.buffer),
    });
    if (contentKey) return contentKey;
  }
  return null;
}

function gcmParameters({ contentEncryptionAlgorithm }: EncryptedContentInfo): GcmParameters | null {
  const { algorithm, parameters } = contentEncryptionAlgorithm;
  return algorithm === id_aes256_GCM && parameters ? parseBer(new Uint8Array(parameters), GcmParameters) : null;
}

function transportedKey({ keyEncryptionAlgorithm, encryptedKey }: KeyTransRecipientInfo, privateKey: KeyObject) {
  if (!isOaepSha256(keyEncryptionAlgorithm)) throw damaged('its key is not encrypted with RSAES-OAEP and SHA-256');
  try {
    const contentKey = privateDecrypt({ key: privateKey, ...OAEP_SHA256 }, new Uint8Array(encryptedKey.buffer));
    return contentKey.length === CONTENT_KEY_BYTES ? contentKey : null;
  } catch {
    return null;
  }
}

/** By value, not by bytes: OpenSSL leaves out the parameters of SHA-256 or writes NULL. */
function isOaepSha256({ algorithm, parameters }: AlgorithmIdentifier): boolean {
  const oaep = algorithm === id_RSAES_OAEP && parameters ? parseBer(new Uint8Array(parameters), RsaEsOaepParams) : null;
  if (!oaep || oaep.hashAlgorithm.algorithm !== id_sha256 || oaep.maskGenAlgorithm.algorithm !== id_mgf1) return false;
  const { parameters: maskHash } = oaep.maskGenAlgorithm;
  return (
    maskHash instanceof ArrayBuffer &&
    parseBer(new Uint8Array(maskHash), AlgorithmIdentifier)?.algorithm === id_sha256 &&
    sameBytes(derOf(oaep.pSourceAlgorithm), derOf(new RsaEsOaepParams().pSourceAlgorithm))
  );
}

function damaged(detail: string): Refusal {
  return new Refusal('BUNDLE_DAMAGED', { detail });
}
