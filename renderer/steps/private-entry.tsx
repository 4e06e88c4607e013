import { useCallback, useState } from 'react';
import type { Ask } from '../../core/contract/ceremony.ts';
import { EntryFrame } from '../components/entry-frame.tsx';
import { refreshView } from '../store/acts.ts';
import { useWindow } from '../store/store.ts';

type Props = { ask: Extract<Ask, { kind: 'secret' | 'share' }>; counted: string; close: () => void };

/** The private entry of one ask of the current step. */
export function PrivateEntry({ ask, counted, close }: Props) {
  const [asked] = useState(() => {
    const { view } = useWindow.getState();
    const here = { ceremony: view?.id ?? '', step: view?.current?.id ?? '', ask: ask.id, label: ask.label };
    if (ask.kind === 'share') return here;
    return { ...here, what: ask.what, manner: ask.manner, minimum: String(ask.minimumLength) };
  });
  const done = useCallback(() => {
    close();
    void refreshView();
  }, [close]);
  return <EntryFrame person={ask.person} asked={asked} share={ask.kind === 'share'} counted={counted} onDone={done} />;
}
