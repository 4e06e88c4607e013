import {
  CRLNumber,
  CRLReason,
  CRLReasons,
  CertificateList,
  type Extension,
  id_ce_cRLNumber,
  id_ce_cRLReasons,
} from '@peculiar/asn1-x509';
import { parseDer } from './der.ts';
import { lintRevocationList } from './lint-revocation-list.ts';
import type { RevokedEntry } from './revocation-list.ts';

export type ReadRevocationList = { number: number; thisUpdate: Date; nextUpdate: Date; revoked: RevokedEntry[] };

/**
 * A revocation list as this product makes them, signed by the key of `issuer` (both DER): what does not pass the lint of a list
 * that is issued here is none of ours, and is answered by what is wrong with it. Whether it has expired is not asked.
 */
export function readRevocationList(der: Uint8Array, issuer: Uint8Array): ReadRevocationList | { wrong: string } {
  const [finding] = lintRevocationList({ list: der, issuer });
  if (finding) return { wrong: finding.detail };
  const { tbsCertList: tbs } = parseDer(der, CertificateList) ?? new CertificateList();
  return {
    number: valueOf(tbs.crlExtensions ?? [], id_ce_cRLNumber, CRLNumber).value,
    thisUpdate: tbs.thisUpdate.getTime(),
    nextUpdate: tbs.nextUpdate?.getTime() ?? new Date(NaN),
    revoked: (tbs.revokedCertificates ?? []).map(
      ({ userCertificate, revocationDate, crlEntryExtensions = [] }): RevokedEntry => ({
        serial: Buffer.from(userCertificate).toString('hex'),
        reason: CRLReasons[valueOf(crlEntryExtensions, id_ce_cRLReasons, CRLReason).reason] as RevokedEntry['reason'],
        at: revocationDate.getTime(),
      }),
    ),
  };
}

/** The lint has seen that it is there. */
function valueOf<T>(extensions: Extension[], oid: string, schema: new () => T): T {
  const found = extensions.find(({ extnID }) => extnID === oid);
  const value = found ? parseDer(new Uint8Array(found.extnValue.buffer), schema) : null;
  if (value === null) throw new Error(`the lint let a list pass without ${oid}`);
  return value;
}
