import { X509Certificate, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type CertificateRequest, SERIAL_BYTES, issueCertificate } from '../../core/pki/certificate.ts';
import { lintCertificate } from '../../core/pki/lint.ts';
import { readCertificate } from '../../core/pki/read-certificate.ts';
import { memorySigner } from './memory-signer.ts';
import { NOW, daysFrom, issueRoot, issueUnder, run, sampleAuthority, temporaryFolder } from './sample-authority.ts';

describe.each(['EC-P384', 'EC-P256', 'RSA-3072'] as const)('a hierarchy under %s', (kind) => {
  test('openssl (strict) and certtool accept root, issuing CA and service certificate', async () => {
    const { root, rootSigner, exporter } = await sampleAuthority(kind);
    const issuing = await issueUnder(root, rootSigner, 'issuing-ca', memorySigner(kind).publicKey, 'Ausgabe 1');
    const folder = temporaryFolder({
      'root.crt': root.pem,
      'issuing.crt': issuing.pem,
      'export.crt': exporter.pem,
      'issuing-chain.crt': issuing.pem + root.pem,
      'export-chain.crt': exporter.pem + root.pem,
    });
    run(folder, 'openssl', 'verify', '-x509_strict', '-CAfile', 'root.crt', 'root.crt', 'issuing.crt', 'export.crt');
    for (const chain of ['issuing-chain.crt', 'export-chain.crt']) {
      const printed = run(folder, 'certtool', '--verify', '--load-ca-certificate', 'root.crt', '--infile', chain);
      expect(printed).toContain('Chain verification output: Verified');
    }
    const text = run(
      folder,
      'openssl',
      'x509',
      '-in',
      'issuing.crt',
      '-noout',
      '-text',
      '-nameopt',
      'utf8,sep_comma_plus',
    );
    expect(text).toMatch(/X509v3 Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    expect(text).toMatch(/X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign/);
    expect(text).toContain('URI:http://pki.example/root.crl');
    expect(text).toContain('CA Issuers - URI:http://pki.example/root.crt');
    expect(text).toContain('O=Ünïcode & Söhne,CN=Beispiel-Wurzel Zürich');
    const rootText = run(folder, 'openssl', 'x509', '-in', 'root.crt', '-noout', '-text');
    expect(rootText).toMatch(/X509v3 Basic Constraints: critical\s+CA:TRUE\n/);
    expect(rootText).not.toContain('Authority Key Identifier');
    expect(text).toMatch(kind === 'RSA-3072' ? /sha256WithRSAEncryption/ : /ecdsa-with-SHA(256|384)/);
  });
});

function rootRequest(changes: Partial<CertificateRequest> = {}): CertificateRequest {
  const signer = memorySigner('EC-P384');
  return {
    profile: 'root-ca',
    issuer: { signer, certificate: null },
    subject: { commonName: 'Root' },
    subjectPublicKey: signer.publicKey,
    serial: randomBytes(SERIAL_BYTES),
    notBefore: NOW,
    notAfter: daysFrom(NOW, 9000),
    ...changes,
  };
}

test('times are UTCTime to 2049 and GeneralizedTime from 2050, to the second', async () => {
  const issued = await issueCertificate(
    rootRequest({ notBefore: new Date('2030-01-02T03:04:05.678Z'), notAfter: new Date('2050-01-01T00:00:00Z') }),
  );
  const folder = temporaryFolder({ 'root.der': issued.der });
  const structure = run(folder, 'openssl', 'asn1parse', '-inform', 'DER', '-in', 'root.der');
  expect(structure).toMatch(/UTCTIME\s+:300102030405Z/);
  expect(structure).toMatch(/GENERALIZEDTIME\s+:20500101000000Z/);
});

test('serial numbers keep all their bits and are positive in DER', async () => {
  for (const hex of ['00000000000000010000000000000001', 'ff112233445566778899aabbccddeeff', '7f'.repeat(16)]) {
    const { der } = await issueCertificate(rootRequest({ serial: Buffer.from(hex, 'hex') }));
    expect(new X509Certificate(der).serialNumber.toLowerCase()).toBe(hex.replace(/^(00)+/, ''));
  }
});

const LONG = 'x'.repeat(65);
test.each<[string, Partial<CertificateRequest>, RegExp]>([
  ['a zero serial number', { serial: new Uint8Array(16) }, /serial number/],
  ['a short serial number', { serial: randomBytes(8) }, /serial number/],
  ['a root of 9132 days', { notAfter: daysFrom(NOW, 9132) }, /validity_length/],
  ['an end before the beginning', { notAfter: daysFrom(NOW, -1) }, /validity_order/],
  ['a country in words', { subject: { commonName: 'Root', country: 'Switzerland' } }, /country/],
  ['a name that is too long', { subject: { commonName: LONG } }, /common name/],
  ['an organisation with a line break', { subject: { commonName: 'Root', organisation: 'A\nB' } }, /organisation/],
  ['a CRL address in a root', { crlUrls: ['http://pki.example/root.crl'] }, /no CRL address/],
  ['a root with an issuer', { profile: 'issuing-ca' }, /needs an issuer/],
  ["another key than the signer's", { subjectPublicKey: memorySigner('EC-P384').publicKey }, /key that signs/],
])('refuses %s', async (_, changes, detail) => {
  await expect(issueCertificate(rootRequest(changes))).rejects.toMatchObject({
    code: 'CERTIFICATE_PROFILE',
    params: { detail: expect.stringMatching(detail) as string },
  });
});

test('a root of 9132 days to the second is issued', async () => {
  const notAfter = new Date(daysFrom(NOW, 9132).getTime() - 1000);
  await expect(issueCertificate(rootRequest({ notAfter }))).resolves.toHaveProperty(
    'sha256',
    expect.stringMatching(/^[0-9a-f]{64}$/),
  );
});

test.each<[string, Partial<CertificateRequest>, RegExp]>([
  ['2920 days', { notAfter: daysFrom(NOW, 2920) }, /validity_length/],
  ['a validity beyond its root', { notBefore: daysFrom(NOW, -9) }, /validity_nested/],
  ['an https address', { crlUrls: ['https://pki.example/x.crl'] }, /http address/],
  ['a policy in words', { policies: ['any'] }, /policy identifier/],
])('refuses an issuing CA of %s', async (_, changes, detail) => {
  const { root, rootSigner } = await sampleAuthority('EC-P384');
  const request: CertificateRequest = {
    profile: 'issuing-ca',
    issuer: { signer: rootSigner, certificate: root.der },
    subject: { commonName: 'Issuing' },
    subjectPublicKey: memorySigner('EC-P384').publicKey,
    serial: randomBytes(SERIAL_BYTES),
    notBefore: NOW,
    notAfter: daysFrom(NOW, 2900),
    policies: ['2.23.140.1.2.1'],
  };
  const { der } = await issueCertificate(request);
  expect(new X509Certificate(der).ca).toBe(true);
  await expect(issueCertificate({ ...request, ...changes })).rejects.toMatchObject({
    code: 'CERTIFICATE_PROFILE',
    params: { detail: expect.stringMatching(detail) as string },
  });
});

test('refuses an issuer that may not issue, and a signer that is not the issuer', async () => {
  const { root, rootSigner, exporter, exportSigner } = await sampleAuthority('EC-P384');
  const key = memorySigner('EC-P384').publicKey;
  await expect(issueUnder(exporter, exportSigner, 'service', key, 'Leaf')).rejects.toMatchObject({
    code: 'CERTIFICATE_PROFILE',
    params: { detail: expect.stringContaining('issuer_is_ca') as string },
  });
  await expect(issueUnder(root, exportSigner, 'service', key, 'Leaf')).rejects.toMatchObject({
    code: 'CERTIFICATE_PROFILE',
    params: { detail: expect.stringContaining('signature_verifies') as string },
  });
  const issuingSigner = memorySigner('EC-P384');
  const issuing = await issueUnder(root, rootSigner, 'issuing-ca', issuingSigner.publicKey, 'Issuing');
  await expect(issueUnder(issuing, issuingSigner, 'issuing-ca', key, 'Below')).rejects.toMatchObject({
    code: 'CERTIFICATE_PROFILE',
    params: { detail: expect.stringContaining('issuer_path_length') as string },
  });
});

test('a signer that signs wrongly issues nothing', async () => {
  const request = rootRequest();
  const lying = { ...request.issuer.signer, sign: () => memorySigner('EC-P384').sign(Buffer.from('something else')) };
  await expect(issueCertificate({ ...request, issuer: { signer: lying, certificate: null } })).rejects.toMatchObject({
    code: 'CERTIFICATE_PROFILE',
    params: { detail: expect.stringContaining('signature') as string },
  });
});

test('lint names what differs from a profile in a certificate that openssl made', () => {
  const folder = temporaryFolder();
  run(
    folder,
    'openssl',
    ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout k.pem -out c.pem -days 10000'.split(' '),
    ...['-subj', '/CN=Root', '-set_serial', '5', '-addext', 'keyUsage=digitalSignature'],
  );
  const { der } = readCertificate(Buffer.from(run(folder, 'cat', 'c.pem')), 'c.pem');
  const names = lintCertificate({ profile: 'root-ca', certificate: der, issuer: null }).map(({ name }) => name);
  expect(names.toSorted()).toEqual([
    'authority_key_identifier',
    'critical_extensions',
    'key_usage',
    'serial_entropy',
    'subject_key_identifier',
    'validity_length',
  ]);
});

test('lint finds every certificate of another profile, a foreign issuer and bytes that are no certificate', async () => {
  const { root, exporter } = await sampleAuthority('EC-P256');
  const other = await issueRoot(memorySigner('EC-P256'), 'Other');
  const namesOf = (input: Parameters<typeof lintCertificate>[0]) => lintCertificate(input).map(({ name }) => name);
  expect(namesOf({ profile: 'service', certificate: exporter.der, issuer: root.der })).toEqual([]);
  expect(namesOf({ profile: 'issuing-ca', certificate: exporter.der, issuer: root.der })).toEqual([
    'critical_extensions',
    'ca_flag',
    'path_length',
    'key_usage',
  ]);
  expect(namesOf({ profile: 'service', certificate: exporter.der, issuer: other.der })).toEqual([
    'issuer_name',
    'signature_verifies',
    'authority_key_identifier',
  ]);
  expect(namesOf({ profile: 'service', certificate: exporter.der.subarray(1), issuer: root.der })).toEqual(['not_der']);
});
