import { useCallback, useState } from 'react';
import type { Ask } from '../../core/contract/ceremony.ts';
import { EntryFrame } from '../components/entry-frame.tsx';
import { say } from '../messages/say.ts';
import { refreshView } from '../store/acts.ts';
import { useWindow } from '../store/store.ts';
import { PersonList } from './person-list.tsx';

type SecretAsk = Extract<Ask, { kind: 'secret' }>;

function PrivateEntry({ ask, close }: { ask: SecretAsk; close: () => void }) {
  const [asked] = useState(() => {
    const { view } = useWindow.getState();
    const here = { ceremony: view?.id ?? '', step: view?.current?.id ?? '', ask: ask.id };
    return { ...here, manner: ask.manner, minimum: String(ask.minimumLength), label: ask.label };
  });
  const done = useCallback(() => {
    close();
    void refreshView();
  }, [close]);
  return <EntryFrame person={ask.person} asked={asked} onDone={done} />;
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
