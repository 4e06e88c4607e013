import { useEffect, useRef, useState } from 'react';
import type { Ask } from '../../core/contract/ceremony.ts';
import { EyeShutIcon } from '../components/icons.tsx';
import { ENTRY_DONE, entryOriginOf } from '../../core/contract/origins.ts';
import { say } from '../messages/say.ts';
import { refreshView } from '../store/acts.ts';
import { useWindow } from '../store/store.ts';
import { PersonList } from './person-list.tsx';
import styles from './secret.module.css';

type SecretAsk = Extract<Ask, { kind: 'secret' }>;

function entryAddress(ask: SecretAsk): string {
  const { view, theme, size, locale } = useWindow.getState();
  const query = new URLSearchParams({
    ceremony: view?.id ?? '',
    step: view?.current?.id ?? '',
    ask: ask.id,
    manner: ask.manner,
    minimum: String(ask.minimumLength),
    person: ask.person,
    label: ask.label,
    theme,
    size,
    locale,
  });
  return `${entryOriginOf(location.origin) ?? ''}/entry.html?${query.toString()}`;
}

/** The frame in which one person types. This process never sees a character of it; removing the frame ends its process. */
function PrivateEntry({ ask, close }: { ask: SecretAsk; close: () => void }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [address] = useState(() => entryAddress(ask));
  useEffect(() => {
    const listen = (event: MessageEvent<{ type?: unknown } | null>) => {
      if (event.origin !== entryOriginOf(location.origin) || event.source !== frame.current?.contentWindow) return;
      if (event.data?.type !== ENTRY_DONE) return;
      close();
      void refreshView();
    };
    addEventListener('message', listen);
    return () => {
      removeEventListener('message', listen);
    };
  }, [close]);
  return (
    <>
      <p className={styles['away']}>
        <EyeShutIcon />
        <span>
          <b>{say('secret.private', { person: ask.person })}</b> {say('secret.away')}
        </span>
      </p>
      <iframe
        ref={frame}
        src={address}
        title={say('secret.frame', { person: ask.person })}
        className={styles['frame']}
        data-manner={ask.manner}
        sandbox="allow-scripts allow-same-origin"
        referrerPolicy="no-referrer"
      />
    </>
  );
}

/** PINs and passphrases, one person at a time. */
export function Secrets({ asks }: { asks: SecretAsk[] }) {
  return (
    <PersonList
      asks={asks}
      count={(given) => say('secret.count', { count: given, total: asks.length })}
      openLabel={(ask) => say('secret.open', { person: ask.person })}
      turn={(ask, close) => <PrivateEntry ask={ask} close={close} />}
    />
  );
}
