import type { Ask } from '../../core/contract/ceremony.ts';
import type { Participant } from '../../core/contract/script.ts';
import { Button } from '../components/button.tsx';
import { say } from '../messages/say.ts';
import { answer } from '../store/acts.ts';
import { AskPanel } from './ask-panel.tsx';
import styles from './ask-panel.module.css';

type Props = { ask: Extract<Ask, { kind: 'accept' }>; participants: Participant[] };

/** A warning that somebody accepts by name, or a plain thing that somebody says is so. */
export function Accept({ ask, participants }: Props) {
  const { by } = ask;
  const people = typeof by === 'object' ? [by] : participants.filter(({ role }) => role === by);
  return (
    <AskPanel label={ask.label} given={ask.given} asks={[ask.id]} tone={ask.tone}>
      {!ask.given && (
        <div className={styles['buttons']}>
          {typeof by === 'string' && people.length === 0 && (
            <Button isDeliberate onPress={() => void answer(ask.id, { person: say(`role.${by}`) })}>
              {say('accept.nameless', { role: say(`role.${by}`) })}
            </Button>
          )}
          {people.map(({ name }) => (
            <Button key={name} isDeliberate onPress={() => void answer(ask.id, { person: name })}>
              {say(ask.tone === 'warning' ? 'accept.as' : 'accept.confirm', { name })}
            </Button>
          ))}
        </div>
      )}
    </AskPanel>
  );
}
