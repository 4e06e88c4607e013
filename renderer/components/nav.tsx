import { say } from '../messages/say.ts';
import { go } from '../store/acts.ts';
import { PLACES, useWindow } from '../store/store.ts';
import styles from './nav.module.css';

/** Where one can go while no ceremony is open. */
export function Nav() {
  const place = useWindow((state) => state.place);
  return (
    <nav aria-label={say('nav.label')} className={styles['nav']}>
      <ul>
        {PLACES.map((each) => (
          <li key={each}>
            <button
              type="button"
              aria-current={each === place ? 'page' : undefined}
              onClick={() => {
                go(each);
              }}
            >
              {say(`nav.${each}`)}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
