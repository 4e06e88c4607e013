import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { ENTRY_DONE, ENTRY_HEIGHT, entryOriginOf } from '../../core/contract/origins.ts';
import { say } from '../messages/say.ts';
import { useWindow } from '../store/store.ts';
import styles from './entry-frame.module.css';
import { EyeShutIcon } from './icons.tsx';

type Props = {
  person: string;
  /** What is asked for, and where it goes: what the entry page reads of its address. */
  asked: Record<string, string>;
  /** A share is shown on a page of its own, which may see by the camera while a scan is open. */
  share?: boolean;
  /** How many have given, where several do: all that the room sees meanwhile. */
  counted?: string;
  /** `value`: what core answered; never what was typed. */
  onDone: (value: unknown) => void;
};

/** No page of the frame is higher (pixels). */
const HIGHEST = 2000;

/** Which of the pages it is: each has a height of its own, which is kept free before the page is there. */
function kindOf(asked: Record<string, string>, share: boolean): string {
  if (share) return 'share';
  // Two fields, as where something is chosen.
  if (asked['what'] === 'login') return 'choose';
  if (asked['manner'] !== 'choose') return 'enter';
  return ['passphrase', 'vault'].includes(asked['what'] ?? '') ? 'passphrase' : 'choose';
}

/**
 * The frame in which one person types, or shows a share. This process never sees a character of it; removing the frame ends its process. What comes from
 * it is how high it is, and that it is done.
 */
export function EntryFrame({ person, asked, share = false, counted, onDone }: Props) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState<number | null>(null);
  const shownHeight = useRef(0);
  const [address] = useState(() => {
    const { theme, size, locale, settings } = useWindow.getState();
    const camera = share && settings.camera !== null ? { camera: settings.camera } : {};
    const query = new URLSearchParams({ ...asked, person, theme, size, locale, ...camera });
    return `${entryOriginOf(location.origin) ?? ''}/${share ? 'share' : 'entry'}.html?${query.toString()}`;
  });
  useEffect(() => {
    const listen = (event: MessageEvent<{ type?: unknown; value?: unknown; height?: unknown } | null>) => {
      if (event.origin !== entryOriginOf(location.origin) || event.source !== frame.current?.contentWindow) return;
      const { type, value, height: told } = event.data ?? {};
      if (type === ENTRY_HEIGHT && typeof told === 'number') setHeight(Math.min(told, HIGHEST));
      if (type === ENTRY_DONE) onDone(value);
    };
    addEventListener('message', listen);
    return () => {
      removeEventListener('message', listen);
    };
  }, [onDone]);
  useLayoutEffect(() => {
    // From the press on, not when its page has come: what is typed between them goes nowhere, and whoever has gone elsewhere stays there.
    frame.current?.focus({ preventScroll: true });
  }, []);
  useLayoutEffect(() => {
    const { current } = frame;
    if (!current) return;
    // Whoever's turn it is sees all of it, above the bar: at once, and when it has grown. Nothing moves for a page that fits its place.
    if (current.offsetHeight > shownHeight.current) current.scrollIntoView({ block: 'nearest' });
    shownHeight.current = current.offsetHeight;
  }, [height]);
  const isShown = ['totp', 'vault'].includes(asked['what'] ?? '');
  return (
    <>
      <p className={styles['away']}>
        <EyeShutIcon />
        <span>
          <b>{say(isShown ? 'once.private' : share ? 'share.private' : 'secret.private', { person })}</b>{' '}
          {say(isShown ? 'once.away' : 'secret.away')}
        </span>
        {counted !== undefined && <span className={styles['count']}>{counted}</span>}
      </p>
      <div className={styles['place']}>
        <iframe
          ref={frame}
          src={address}
          title={say('secret.frame', { person })}
          className={styles['frame']}
          onLoad={() => {
            // Its page is a process of its own, which the focus does not follow by itself. Whoever already types in it loses nothing.
            if (document.activeElement !== frame.current) return;
            frame.current?.contentWindow?.focus();
          }}
          data-kind={kindOf(asked, share)}
          style={height === null ? undefined : { height }}
          allow={share ? 'camera' : undefined}
          sandbox="allow-scripts allow-same-origin"
          referrerPolicy="no-referrer"
        />
      </div>
    </>
  );
}
