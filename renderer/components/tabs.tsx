import type { ReactNode } from 'react';
import { Tab, TabList, TabPanel, Tabs as AriaTabs } from 'react-aria-components/Tabs';
import { keepFocusIn } from './keep-focus.ts';
import styles from './tabs.module.css';

type Props = { label: string; tabs: { id: string; title: string; content: ReactNode }[] };

/** Several things to do in one view, one of them in sight; each with a primary action of its own. */
export function Tabs({ label, tabs }: Props) {
  return (
    <AriaTabs className={styles['tabs'] ?? ''}>
      <TabList aria-label={label} className={styles['list'] ?? ''}>
        {tabs.map(({ id, title }) => (
          <Tab key={id} id={id} className={styles['tab'] ?? ''}>
            {title}
          </Tab>
        ))}
      </TabList>
      {tabs.map(({ id, content }) => (
        <TabPanel key={id} id={id} ref={keepFocusIn} className={styles['panel'] ?? ''}>
          {content}
        </TabPanel>
      ))}
    </AriaTabs>
  );
}
