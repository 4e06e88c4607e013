import type { Ask } from '../../core/contract/ceremony.ts';
import type { Participant } from '../../core/contract/script.ts';
import { Button } from '../components/button.tsx';
import { say } from '../messages/say.ts';
import { answer } from '../store/acts.ts';
import { AskPanel } from './ask-panel.tsx';
import styles from './ask-panel.module.css';

type Props = { ask: Extract<Ask, { kind: 'accept' }>; participants: Participant[] };

/** Something that somebody accepts by name: a warning, or their part in a hand-over. */
export function Accept({ ask, participants }: Props) {
  const { by } = ask;
  const people = typeof by === 'object' ? [by] : participants.filter(({ role }) => role === by);
  return (
    <AskPanel label={ask.label} given={ask.given} asks={[ask.id]} tone={typeof by === 'object' ? 'plain' : 'warning'}>
      {!ask.given && (
        <div className={styles['buttons']}>
          {typeof by === 'string' && people.length === 0 && (
            <Button onPress={() => void answer(ask.id, { person: say(`role.${by}`) })}>
              {say('accept.nameless', { role: say(`role.${by}`) })}
            </Button>
          )}
          {people.map(({ name }) => (
            <Button key={name} onPress={() => void answer(ask.id, { person: name })}>
              {say('accept.as', { name })}
            </Button>
          ))}
        </div>
      )}
    </AskPanel>
  );
}
