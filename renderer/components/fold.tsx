import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { Disclosure, DisclosurePanel } from 'react-aria-components/Disclosure';
import styles from './fold.module.css';
import { ChevronIcon } from './icons.tsx';

/** What most people need not see, folded away behind its name. */
export function Fold({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Disclosure className={styles['fold'] ?? ''}>
      <Button slot="trigger" className={styles['trigger'] ?? ''}>
        <ChevronIcon className={styles['chevron']} />
        {title}
      </Button>
      <DisclosurePanel className={styles['panel'] ?? ''}>{children}</DisclosurePanel>
    </Disclosure>
  );
}
