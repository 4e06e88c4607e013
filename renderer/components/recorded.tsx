import { Disclosure, DisclosurePanel } from 'react-aria-components/Disclosure';
import { Button } from 'react-aria-components/Button';
import { Heading } from 'react-aria-components/Heading';
import type { CeremonyView } from '../../core/contract/ceremony.ts';
import { say } from '../messages/say.ts';
import { Facts } from './facts.tsx';
import { ChevronIcon } from './icons.tsx';
import { useCeremonySpoken } from './spoken.ts';
import styles from './recorded.module.css';

type Props = { record: CeremonyView['records'][number]; open?: boolean };

/** What a finished step recorded, folded. */
export function Recorded({ record, open = false }: Props) {
  const spoken = useCeremonySpoken();
  return (
    <Disclosure className={styles['recorded'] ?? ''} defaultExpanded={open}>
      <Heading level={2} className={styles['heading'] ?? ''}>
        <Button slot="trigger" className={styles['trigger'] ?? ''}>
          <ChevronIcon className={styles['chevron']} />
          {say('step.recorded', { number: record.number, title: record.title })}
          <time dateTime={record.at}>{record.at.slice(11, 19)}</time>
        </Button>
      </Heading>
      <DisclosurePanel>
        <div className={styles['facts']}>
          <Facts facts={record.facts} spoken={spoken} />
        </div>
      </DisclosurePanel>
    </Disclosure>
  );
}
