import { type ReactNode, useEffect, useRef } from 'react';
import type { Mode } from '../../core/contract/ceremony.ts';
import type { AppInfo } from '../../core/contract/commands.ts';
import type { Outcome } from '../../core/contract/errors.ts';
import { say } from '../messages/say.ts';
import { Frame } from './frame.tsx';
import { Header } from './header.tsx';
import { Nav } from './nav.tsx';
import { Trouble } from './trouble.tsx';
import styles from './view.module.css';

type Props = {
  info: AppInfo;
  title: string;
  lead: string;
  told: Outcome<unknown> | null;
  /** Of what is shown, where no ceremony of this store says it. */
  mode?: Mode | null;
  children: ReactNode;
};

/** A view of what there is: the way to the others, its heading, and what core told for it or why it did not. */
export function View({ info, title, lead, told, mode = null, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
  }, []);
  return (
    <Frame
      header={<Header title={say('app.name')} detail={info.organisation} mode={info.ceremonies[0]?.mode ?? mode} />}
      side={<Nav />}
      shows={title}
    >
      <div className={styles['view']}>
        <header>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          <p className={styles['lead']}>{lead}</p>
        </header>
        <Trouble error={told && !told.ok ? told.error : null} />
        {children}
      </div>
    </Frame>
  );
}
