import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { scramVerifier } from '../../core/rotators/scram.ts';
import { bytes } from '../vault/sample-vault.ts';

/** RFC 7677 section 3: one conversation whose every message is printed there. */
const NONCE = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
const SALT = 'W22ZaJ0SNY7soEsUEjb6gQ==';
const CONVERSATION = `n=user,r=rOprNGfwEbeRWgbNEkqO,r=${NONCE},s=${SALT},i=4096,c=biws,r=${NONCE}`;
const PROOF = Buffer.from('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=', 'base64');
const SERVER_SIGNATURE = '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=';

test('a server that keeps the verifier takes the proof of the RFC, and proves itself as the RFC says', () => {
  const verifier = scramVerifier(bytes('pencil'), Buffer.from(SALT, 'base64'));
  const { salt, stored, server } =
    /^SCRAM-SHA-256\$4096:(?<salt>[^$]+)\$(?<stored>[^:]+):(?<server>.+)$/.exec(verifier)?.groups ?? {};
  expect(salt).toBe(SALT);
  const of = (key: string | undefined) =>
    createHmac('sha256', Buffer.from(key ?? '', 'base64'))
      .update(CONVERSATION)
      .digest();
  const clientKey = of(stored).map((byte, index) => byte ^ (PROOF[index] ?? 0));
  expect(createHash('sha256').update(clientKey).digest('base64')).toBe(stored);
  expect(of(server).toString('base64')).toBe(SERVER_SIGNATURE);
});
