import type { InventoryCertificate } from '../../core/contract/reports.ts';
import { say } from '../messages/say.ts';
import styles from './lives.module.css';

const YEAR = 365.2425 * 86_400_000;

/** The lives of certificates, one bar each, on one scale of years; the line is today. The dates stand beside it in words. */
export function Lives({ certificates, now }: { certificates: InventoryCertificate[]; now: Date }) {
  const first = Math.min(now.getTime(), ...certificates.map(({ notBefore }) => Date.parse(notBefore)));
  const last = Math.max(now.getTime() + YEAR, ...certificates.map(({ notAfter }) => Date.parse(notAfter)));
  const from = new Date(first).getUTCFullYear();
  const to = new Date(last).getUTCFullYear() + 1;
  const at = (time: number) => ((time - Date.UTC(from, 0)) / (Date.UTC(to, 0) - Date.UTC(from, 0))) * 1000;
  const step = [1, 2, 5, 10].find((years) => (to - from) / years <= 8) ?? 20;
  const years = Array.from({ length: to - from + 1 }, (_, index) => from + index).filter((year) => year % step === 0);
  return (
    <div className={styles['lives']} aria-hidden="true">
      {certificates.map((certificate) => (
        <div key={certificate.sha256} className={styles['life']}>
          <span className={styles['name']}>{certificate.name}</span>
          <svg viewBox="0 0 1000 20" preserveAspectRatio="none">
            <rect
              className={styles[standingOf(certificate, now)]}
              x={at(Date.parse(certificate.notBefore))}
              width={Math.max(at(Date.parse(certificate.notAfter)) - at(Date.parse(certificate.notBefore)), 2)}
              y="3"
              height="14"
            />
            <rect className={styles['today']} x={at(now.getTime()) - 1} width="2" y="0" height="20" />
          </svg>
        </div>
      ))}
      <div className={styles['life']}>
        <span className={styles['name']}>{say('inventory.today', { at: now.toISOString().slice(0, 10) })}</span>
        <span className={styles['years']}>
          {years.map((year) => (
            <span key={year} style={{ insetInlineStart: `${at(Date.UTC(year, 0)) / 10}%` }}>
              {year}
            </span>
          ))}
        </span>
      </div>
    </div>
  );
}

export type CertificateStanding = 'valid' | 'expired' | 'revoked' | 'replaced';

export function standingOf({ revoked, notAfter, replaced }: InventoryCertificate, now: Date): CertificateStanding {
  if (revoked) return 'revoked';
  if (Date.parse(notAfter) < now.getTime()) return 'expired';
  return replaced ? 'replaced' : 'valid';
}
