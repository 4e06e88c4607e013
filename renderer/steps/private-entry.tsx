import { useEffect, useRef, useState } from 'react';
import type { Ask } from '../../core/contract/ceremony.ts';
import { EyeShutIcon } from '../components/icons.tsx';
import { ENTRY_DONE, ENTRY_HEIGHT, entryOriginOf } from '../../core/contract/origins.ts';
import { say } from '../messages/say.ts';
import { refreshView } from '../store/acts.ts';
import { useWindow } from '../store/store.ts';
import styles from './private-entry.module.css';

type PrivateAsk = Extract<Ask, { kind: 'secret' | 'share' }>;

/** No frame of ours is higher (pixels). */
const HIGHEST = 2000;

function entryAddress(ask: PrivateAsk): string {
  const { view, theme, size } = useWindow.getState();
  const secret =
    ask.kind === 'secret' ? { what: ask.what, manner: ask.manner, minimum: String(ask.minimumLength) } : {};
  const query = new URLSearchParams({
    ceremony: view?.id ?? '',
    step: view?.current?.id ?? '',
    ask: ask.id,
    person: ask.person,
    label: ask.label,
    ...secret,
    theme,
    size,
  });
  const page = ask.kind === 'share' ? 'share' : 'entry';
  return `${entryOriginOf(location.origin) ?? ''}/${page}.html?${query.toString()}`;
}

/** What the room sees meanwhile: who is alone with the screen, and a count. */
type Props = { ask: PrivateAsk; alone: string; counted: string; close: () => void };

/**
 * The frame in which one person types, or shows a share. This process never sees a character of it; removing the frame ends its process. What comes from
 * it is how high it is, and that it is done.
 */
export function PrivateEntry({ ask, alone, counted, close }: Props) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [address] = useState(() => entryAddress(ask));
  const [height, setHeight] = useState<number | null>(null);
  useEffect(() => {
    const listen = (event: MessageEvent<{ type?: unknown; height?: unknown } | null>) => {
      if (event.origin !== entryOriginOf(location.origin) || event.source !== frame.current?.contentWindow) return;
      if (event.data?.type === ENTRY_HEIGHT && typeof event.data.height === 'number') {
        setHeight(Math.min(event.data.height, HIGHEST));
      }
      if (event.data?.type !== ENTRY_DONE) return;
      close();
      void refreshView();
    };
    addEventListener('message', listen);
    return () => {
      removeEventListener('message', listen);
    };
  }, [close]);
  useEffect(() => {
    // Whoever's turn it is sees all of it, above the bar.
    if (height !== null) frame.current?.scrollIntoView({ block: 'nearest' });
  }, [height]);
  return (
    <>
      <p className={styles['away']}>
        <EyeShutIcon />
        <span>
          <b>{alone}</b> {say('secret.away')}
        </span>
        <span className={styles['count']}>{counted}</span>
      </p>
      <iframe
        ref={frame}
        src={address}
        title={say('secret.frame', { person: ask.person })}
        className={styles['frame']}
        style={height === null ? undefined : { height }}
        allow={ask.kind === 'share' ? 'camera' : undefined}
        sandbox="allow-scripts allow-same-origin"
        referrerPolicy="no-referrer"
      />
    </>
  );
}
