import { useState } from 'react';
import type { Ask } from '../../core/contract/ceremony.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { say } from '../messages/say.ts';
import { answer } from '../store/acts.ts';
import { AskPanel } from './ask-panel.tsx';
import styles from './ask-panel.module.css';

/** One line of text. */
export function TextAsk({ ask }: { ask: Extract<Ask, { kind: 'text' }> }) {
  const [text, setText] = useState(ask.suggestion ?? '');
  const empty = text.trim() === '';
  const unanswered = empty && ask.optional ? say('text.none') : say('text.use');
  return (
    <AskPanel label={ask.label} given={ask.given} asks={[ask.id]}>
      <Field
        label={ask.label}
        labelHidden
        hint={[ask.hint, ask.optional ? say('text.optional') : ''].join(' ').trim()}
        value={text}
        onChange={setText}
        mono
      />
      <div className={styles['buttons']}>
        <Button
          isDeliberate
          isDisabled={empty && !ask.optional}
          onPress={() => void answer(ask.id, { text: text.trim() })}
        >
          {ask.given ? say('ask.change') : unanswered}
        </Button>
      </div>
    </AskPanel>
  );
}
