import type { ShareSetStanding } from '../../core/contract/reports.ts';
import { say } from '../messages/say.ts';
import { TickIcon, WarningIcon } from './icons.tsx';
import styles from './place-picture.module.css';

/** A row a place, a column a share: what lies where, and what the loss of that place leaves. */
export function PlacePicture({ set }: { set: ShareSetStanding }) {
  return (
    <div className={styles['scroll']} role="region" aria-label={say('custody.picture')} tabIndex={0}>
      <table className={styles['picture']}>
        <thead>
          <tr>
            <th scope="col">{say('custody.place')}</th>
            {set.shares.map(({ share }) => (
              <th key={share} scope="col" className={styles['share']}>
                {say('custody.share', { share })}
              </th>
            ))}
            <th scope="col">{say('custody.ifLost')}</th>
          </tr>
        </thead>
        <tbody>
          {set.placeLosses.map(({ place, sheets, cards, left, quorum }) => (
            <tr key={place}>
              <th scope="row">{place}</th>
              {set.shares.map(({ share }) => (
                <td key={share} className={styles['share']}>
                  {sheets.includes(share) && <span className={styles['sheet']}>{say('custody.sheet')}</span>}
                  {cards.includes(share) && <span className={styles['card']}>{say('custody.card')}</span>}
                </td>
              ))}
              <td className={styles['left']} data-quorum={quorum}>
                {quorum ? <TickIcon /> : <WarningIcon />} {say(quorum ? 'custody.left' : 'custody.tooFew', { left })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
