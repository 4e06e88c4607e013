import type { Ask } from '../../core/contract/ceremony.ts';
import { say } from '../messages/say.ts';
import { PersonList } from './person-list.tsx';
import { PrivateEntry } from './private-entry.tsx';

type SecretAsk = Extract<Ask, { kind: 'secret' }>;

/** PINs and passphrases, one person at a time. */
export function Secrets({ asks }: { asks: SecretAsk[] }) {
  return (
    <PersonList
      asks={asks}
      count={(given) => say('secret.count', { count: given, total: asks.length })}
      openLabel={(ask) => say('secret.open', { person: ask.person })}
      turn={(ask, close, counted) => <PrivateEntry ask={ask} counted={counted} close={close} />}
    />
  );
}
