import { useEffect, useRef, useState } from 'react';
import { ENTRY_DONE, entryOriginOf } from '../../core/contract/origins.ts';
import { say } from '../messages/say.ts';
import { useWindow } from '../store/store.ts';
import styles from './entry-frame.module.css';
import { EyeShutIcon } from './icons.tsx';

type Props = {
  person: string;
  /** What is asked for, and where it goes: what the entry page reads of its address. */
  asked: Record<string, string>;
  /** `value`: what core answered; never what was typed. */
  onDone: (value: unknown) => void;
};

/** The frame in which one person types. This process never sees a character of it; removing the frame ends its process. */
export function EntryFrame({ person, asked, onDone }: Props) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [address] = useState(() => {
    const { theme, size, locale } = useWindow.getState();
    const query = new URLSearchParams({ ...asked, person, theme, size, locale });
    return `${entryOriginOf(location.origin) ?? ''}/entry.html?${query.toString()}`;
  });
  useEffect(() => {
    const listen = (event: MessageEvent<{ type?: unknown; value?: unknown } | null>) => {
      if (event.origin !== entryOriginOf(location.origin) || event.source !== frame.current?.contentWindow) return;
      if (event.data?.type === ENTRY_DONE) onDone(event.data.value);
    };
    addEventListener('message', listen);
    return () => {
      removeEventListener('message', listen);
    };
  }, [onDone]);
  return (
    <>
      <p className={styles['away']}>
        <EyeShutIcon />
        <span>
          <b>{say('secret.private', { person })}</b> {say('secret.away')}
        </span>
      </p>
      <iframe
        ref={frame}
        src={address}
        title={say('secret.frame', { person })}
        className={styles['frame']}
        data-manner={asked['manner']}
        sandbox="allow-scripts allow-same-origin"
        referrerPolicy="no-referrer"
      />
    </>
  );
}
