import type { Ask, CeremonyView } from '../../core/contract/ceremony.ts';
import { Accept } from './accept.tsx';
import { Choice } from './choice.tsx';
import { Custody } from './custody.tsx';
import { People } from './people.tsx';
import { Secrets } from './secret.tsx';
import { Shares } from './share.tsx';
import { TextAsk } from './text.tsx';
import { Words } from './words.tsx';

type Props = { view: CeremonyView; asks: Ask[] };

/** What a step asks for, in core's order; secrets and shares of several people stand in one list each. */
export function Asks({ view, asks }: Props) {
  const secrets = asks.filter((ask) => ask.kind === 'secret');
  const shares = asks.filter((ask) => ask.kind === 'share');
  return asks.map((ask) => {
    switch (ask.kind) {
      case 'people':
        return <People key={ask.id} ask={ask} participants={view.participants} mode={view.mode} />;
      case 'text':
        return <TextAsk key={ask.id} ask={ask} />;
      case 'choice':
        return <Choice key={ask.id} ask={ask} />;
      case 'accept':
        return <Accept key={ask.id} ask={ask} participants={view.participants} />;
      case 'words':
        return <Words key={ask.id} ask={ask} />;
      case 'custody':
        return <Custody key={ask.id} ask={ask} mode={view.mode} />;
      case 'secret':
        return ask === secrets[0] && <Secrets key={ask.id} asks={secrets} />;
      case 'share':
        return ask === shares[0] && <Shares key={ask.id} asks={shares} mode={view.mode} />;
    }
  });
}
