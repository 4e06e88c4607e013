/** Anything that signs: a key in a token. The certificate and message builders know no more of it. */
export type Signer = {
  /** SubjectPublicKeyInfo, DER. */
  publicKey: Uint8Array;
  hash: 'SHA-256' | 'SHA-384';
  /** Signs the message (not its digest): DER SEQUENCE{r, s} for an EC key, RSASSA-PKCS1-v1_5 for RSA. */
  sign(message: Uint8Array): Promise<Uint8Array>;
};
