import type { ShareSetStanding } from '../../core/contract/reports.ts';
import { tell } from '../../core/contract/tell.ts';
import { here, say } from '../messages/say.ts';
import { TickIcon, WarningIcon } from './icons.tsx';
import styles from './share-holders.module.css';

/** One card a custodian: who, where the sheet lies, whether the share counts and until when. `small` leaves out the rest. */
export function ShareHolders({ set, small = false }: { set: ShareSetStanding; small?: boolean }) {
  return (
    <ul className={styles['holders']} data-small={small || undefined}>
      {set.shares.map(({ share, custodian, sheet, proof, due, counts }) => (
        <li key={share} data-counts={counts}>
          {!small && <p className={styles['number']}>{share}</p>}
          <p className={styles['name']}>{custodian}</p>
          {sheet && <p>{sheet.place}</p>}
          <p className={styles['standing']}>
            {counts ? <TickIcon /> : <WarningIcon />} {tell(here(), `proof.${proof.by}`)}
          </p>
          {!small && (
            <p className={styles['until']}>
              {say(counts ? 'custody.until' : 'custody.overdue', { at: due.slice(0, 10) })}
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Which losses the set survives, in sentences. */
export function Survival({ set }: { set: ShareSetStanding }) {
  const { valid, shares, threshold, alert, survivesPeople, survivesPlaces, placesForQuorum } = set;
  const counted = say('custody.counted', { valid, count: shares.length, threshold });
  if (alert === 'broken') return <p className={styles['broken']}>{`${counted} ${say('custody.broken')}`}</p>;
  return (
    <p className={alert === 'thin' ? styles['thin'] : styles['survival']}>
      {[
        counted,
        say('custody.people', { count: survivesPeople }),
        ...(survivesPlaces === null ? [] : [say('custody.places', { count: survivesPlaces })]),
        ...(alert === 'thin' ? [say('custody.thin')] : []),
        ...(placesForQuorum === null ? [] : [say('custody.gather', { count: placesForQuorum.length })]),
      ].join(' ')}
    </p>
  );
}
