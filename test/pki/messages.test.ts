import { createPrivateKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../core/contract/errors.ts';
import { chainToRoot } from '../../core/pki/chain.ts';
import { envelopData, isEnvelopeFor, openEnvelope } from '../../core/pki/enveloped-data.ts';
import { parseCertificate, readCertificate, readRecipientCertificate } from '../../core/pki/read-certificate.ts';
import { signData, verifySignedData } from '../../core/pki/signed-data.ts';
import { memorySigner } from './memory-signer.ts';
import {
  NOW,
  daysFrom,
  issueRoot,
  issueUnder,
  run,
  sampleAuthority,
  sampleRecipient,
  temporaryFolder,
} from './sample-authority.ts';

const CONTENT = Buffer.from('Ein Protokoll mit Umlauten: äöü\r\n\0 and a NUL');
const KINDS = ['EC-P384', 'EC-P256', 'RSA-3072'] as const;

function certificate(der: Uint8Array) {
  const read = parseCertificate(der);
  if (!read) throw new Error('not a certificate');
  return read;
}

describe.each(KINDS)('SignedData by %s', (kind) => {
  test('openssl verifies it attached and detached, against the root alone', async () => {
    const { root, exporter, exportSigner } = await sampleAuthority(kind);
    const common = { content: CONTENT, signer: exportSigner, certificate: exporter.der, signingTime: NOW };
    const attached = await signData({ ...common, attached: true, certificates: [root.der] });
    const detached = await signData({ ...common, attached: false, certificates: [] });
    const folder = temporaryFolder({ 'root.crt': root.pem, a: attached, d: detached, content: CONTENT });
    const verify = ['cms', '-verify', '-binary', '-inform', 'DER', '-CAfile', 'root.crt', '-out', 'out'];
    run(folder, 'openssl', ...verify, '-in', 'a');
    expect(readFileSync(join(folder, 'out'))).toEqual(CONTENT);
    run(folder, 'openssl', ...verify, '-in', 'd', '-content', 'content');
    writeFileSync(join(folder, 'content'), 'something else');
    expect(() => run(folder, 'openssl', ...verify, '-in', 'd', '-content', 'content')).toThrow();

    const verified = verifySignedData(attached, null);
    expect(Buffer.from(verified.content)).toEqual(CONTENT);
    expect(verified.signingTime).toEqual(NOW);
    expect(chainToRoot(verified.signer, verified.certificates, NOW)?.at(-1)?.x509.raw).toEqual(Buffer.from(root.der));
    expect(Buffer.from(verifySignedData(detached, CONTENT).content)).toEqual(CONTENT);
  });
});

test('a signed message is refused when its content, its place or any of its bytes is another', async () => {
  const { root, exporter, exportSigner } = await sampleAuthority('EC-P384');
  const common = { content: CONTENT, signer: exportSigner, certificate: exporter.der, signingTime: NOW };
  const detached = await signData({ ...common, attached: false, certificates: [] });
  const attached = await signData({ ...common, attached: true, certificates: [] });
  const refused = { code: 'BUNDLE_DAMAGED' };
  const verify = (message: Uint8Array, content: Uint8Array | null) => () => verifySignedData(message, content);
  expect(verify(detached, Buffer.from('other'))).toThrow(expect.objectContaining(refused));
  expect(verify(detached, null)).toThrow(expect.objectContaining(refused));
  expect(verify(attached, CONTENT)).toThrow(expect.objectContaining(refused));
  expect(verify(Buffer.concat([attached, Buffer.of(0)]), null)).toThrow(expect.objectContaining(refused));
  expect(verify(root.der, null)).toThrow(expect.objectContaining(refused));
  let flipped = 0;
  for (let position = 0; position < attached.length; position += 3) {
    const altered = Uint8Array.from(attached);
    altered[position] = (altered[position] ?? 0) ^ 0x04;
    // The signer's certificate is not under its own signature: an altered one is left without a chain.
    const verifyAll = () => {
      const { signer } = verifySignedData(altered, null);
      if (!chainToRoot(signer, [certificate(root.der)], NOW)) throw new Refusal('BUNDLE_DAMAGED');
    };
    expect(verifyAll, `byte ${position}`).toThrow(expect.objectContaining(refused));
    flipped += 1;
  }
  expect(flipped).toBeGreaterThan(200);
});

test('a chain ends at no root that did not sign, has expired, or may not issue', async () => {
  const { root, rootSigner, exporter } = await sampleAuthority('EC-P384', 'Same name');
  const twin = await issueRoot(memorySigner('EC-P384'), 'Same name');
  const leaf = certificate(exporter.der);
  expect(chainToRoot(leaf, [certificate(twin.der), certificate(root.der)], NOW)).toHaveLength(2);
  expect(chainToRoot(leaf, [certificate(twin.der)], NOW)).toBeNull();
  expect(chainToRoot(leaf, [leaf], NOW)).toBeNull();
  expect(chainToRoot(certificate(root.der), [certificate(root.der)], NOW)).toBeNull();
  expect(chainToRoot(leaf, [certificate(root.der)], daysFrom(NOW, 2950))).toBeNull();
  expect(chainToRoot(leaf, [certificate(root.der)], daysFrom(NOW, -2))).toBeNull();

  const issuingSigner = memorySigner('EC-P384');
  const issuing = await issueUnder(root, rootSigner, 'issuing-ca', issuingSigner.publicKey, 'Issuing');
  const below = await issueUnder(issuing, issuingSigner, 'service', memorySigner('EC-P256').publicKey, 'Below');
  const candidates = [certificate(issuing.der), certificate(root.der)];
  expect(chainToRoot(certificate(below.der), candidates, NOW)).toHaveLength(3);
});

/** A recipient as an administrator would make one with stock openssl. */
function opensslRecipient(folder: string, key: string): void {
  run(
    folder,
    'openssl',
    ...`req -x509 -newkey ${key} -nodes -keyout recipient.key -out recipient.crt -days 30`.split(' '),
    ...['-utf8', '-subj', '/O=Späte Öffner/CN=vault.example'],
  );
}

const OPENSSL_KEYS = {
  'EC P-256': { key: 'ec -pkeyopt ec_paramgen_curve:P-256', options: '-keyopt ecdh_kdf_md:sha256' },
  'EC P-384': { key: 'ec -pkeyopt ec_paramgen_curve:P-384', options: '-keyopt ecdh_kdf_md:sha384' },
  'RSA-2048': { key: 'rsa:2048', options: '-keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256' },
};

describe.each(Object.entries(OPENSSL_KEYS))('AuthEnvelopedData to %s', (_, { key, options }) => {
  test('openssl opens ours, and ours opens what openssl made', () => {
    const folder = temporaryFolder({ content: CONTENT });
    opensslRecipient(folder, key);
    const pem = readFileSync(join(folder, 'recipient.crt'));
    const recipient = readRecipientCertificate(pem, 'recipient.crt', NOW);
    const privateKey = createPrivateKey(readFileSync(join(folder, 'recipient.key')));

    const ours = envelopData(CONTENT, recipient);
    writeFileSync(join(folder, 'ours'), ours);
    const decrypt = 'cms -decrypt -binary -inform DER -in ours -recip recipient.crt -inkey recipient.key -out out';
    run(folder, 'openssl', ...decrypt.split(' '));
    expect(readFileSync(join(folder, 'out'))).toEqual(CONTENT);
    expect(Buffer.from(openEnvelope(ours, privateKey))).toEqual(CONTENT);
    expect(isEnvelopeFor(ours, recipient)).toBe(true);

    const encrypt = 'cms -encrypt -binary -aes-256-gcm -outform DER -in content -recip recipient.crt';
    for (const encoding of ['-stream', '-noindef']) {
      run(folder, 'openssl', ...`${encrypt} ${options} ${encoding} -out theirs`.split(' '));
      const theirs = readFileSync(join(folder, 'theirs'));
      expect(Buffer.from(openEnvelope(theirs, privateKey)), encoding).toEqual(CONTENT);
    }
  });

  test('another key, other algorithms and truncation are refused', () => {
    const folder = temporaryFolder({ content: CONTENT });
    opensslRecipient(folder, key);
    const recipient = readRecipientCertificate(readFileSync(join(folder, 'recipient.crt')), 'recipient.crt', NOW);
    const privateKey = createPrivateKey(readFileSync(join(folder, 'recipient.key')));
    const message = envelopData(CONTENT, recipient);
    for (const kind of KINDS) {
      const { privateKey: foreign } = memorySigner(kind);
      expect(() => openEnvelope(message, foreign)).toThrow(expect.objectContaining({ code: 'BUNDLE_NOT_FOR_KEY' }));
    }
    const damaged = expect.objectContaining({ code: 'BUNDLE_DAMAGED' }) as Error;
    expect(() => openEnvelope(message.subarray(0, -1), privateKey)).toThrow(damaged);
    expect(isEnvelopeFor(Buffer.concat([message, Buffer.of(5, 0)]), recipient)).toBe(false);
    expect(() => openEnvelope(new Uint8Array(), privateKey)).toThrow(damaged);
    for (const weaker of ['-aes-256-cbc', '-aes-128-gcm']) {
      const encrypt = `cms -encrypt -binary ${weaker} -outform DER -in content -recip recipient.crt ${options} -out theirs`;
      run(folder, 'openssl', ...encrypt.split(' '));
      expect(() => openEnvelope(readFileSync(join(folder, 'theirs')), privateKey), weaker).toThrow(damaged);
    }
    // Without the options openssl derives with SHA-1 or pads as PKCS #1 v1.5.
    run(
      folder,
      'openssl',
      ...'cms -encrypt -aes-256-gcm -outform DER -in content -recip recipient.crt -out old'.split(' '),
    );
    expect(() => openEnvelope(readFileSync(join(folder, 'old')), privateKey)).toThrow(damaged);
  });
});

test('a recipient certificate that cannot be encrypted to is refused with the reason', async () => {
  const folder = temporaryFolder();
  const detailOf = (content: Uint8Array, now = NOW) => {
    try {
      readRecipientCertificate(content, 'r.crt', now);
      return 'accepted';
    } catch (error) {
      expect(error).toMatchObject({ code: 'CERTIFICATE_INVALID', params: { path: 'r.crt' } });
      return (error as { params: { detail: string } }).params.detail;
    }
  };
  const make = (key: string, ...more: string[]) => {
    const request = `req -x509 -newkey ${key} -nodes -keyout k -out c -days 30 -subj /CN=r`;
    run(folder, 'openssl', ...request.split(' '), ...more);
    return readFileSync(join(folder, 'c'));
  };
  const good = await sampleRecipient('EC-P384');
  expect(detailOf(Buffer.from(good.certificate))).toBe('accepted');
  expect(detailOf(readCertificate(Buffer.from(good.certificate), 'r.crt').der)).toBe('accepted');
  expect(detailOf(Buffer.from(good.certificate), daysFrom(NOW, 400))).toMatch(/expired/);
  expect(detailOf(Buffer.from(good.certificate), daysFrom(NOW, -9))).toBe('accepted');
  expect(detailOf(Buffer.from(good.certificate + good.certificate))).toMatch(/several/);
  expect(detailOf(Buffer.from(good.key))).toMatch(/not an X.509 certificate/);
  expect(detailOf(make('ed25519'))).toMatch(/neither EC/);
  expect(detailOf(make('ec -pkeyopt ec_paramgen_curve:P-521'))).toMatch(/neither EC/);
  expect(detailOf(make('rsa:1024'))).toMatch(/neither EC/);
  expect(detailOf(make('rsa:2048', '-addext', 'keyUsage=digitalSignature'))).toMatch(/keyEncipherment/);
  const curve = 'ec -pkeyopt ec_paramgen_curve:P-256';
  expect(detailOf(make(curve, '-addext', 'keyUsage=digitalSignature'))).toMatch(/keyAgreement/);
  expect(detailOf(make(curve, '-addext', 'keyUsage=keyAgreement'))).toBe('accepted');
});
