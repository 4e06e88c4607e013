import { useState } from 'react';
import { RadioButton, RadioField, RadioGroup } from 'react-aria-components/RadioGroup';
import type { Ask } from '../../core/contract/ceremony.ts';
import { Button } from '../components/button.tsx';
import { WarningIcon } from '../components/icons.tsx';
import { say } from '../messages/say.ts';
import { answer, refreshView } from '../store/acts.ts';
import { AskPanel } from './ask-panel.tsx';
import panel from './ask-panel.module.css';
import radio from '../components/radio.module.css';
import styles from './choice.module.css';

/** One of several, each with what is to be known of it. Core lists them anew whenever somebody looks again. */
export function Choice({ ask }: { ask: Extract<Ask, { kind: 'choice' }> }) {
  const [picked, setPicked] = useState(ask.chosen ?? ask.suggestion ?? '');
  const value = ask.options.some((option) => option.value === picked) ? picked : '';
  return (
    <AskPanel label={ask.label} given={ask.given} asks={[ask.id]}>
      {ask.options.length === 0 ? (
        <p>{say('choice.none')}</p>
      ) : (
        <RadioGroup aria-label={ask.label} value={value} onChange={setPicked} className={styles['options'] ?? ''}>
          {ask.options.map((option) => (
            <RadioField
              key={option.value}
              value={option.value}
              className={`${radio['option'] ?? ''} ${styles['option'] ?? ''}`}
            >
              <RadioButton className={radio['button'] ?? ''}>
                <span className={radio['dot']} />
                <b>{option.label}</b>
                <span className={styles['detail']} data-fit={option.fit}>
                  {!option.fit && <WarningIcon />} {option.detail}
                </span>
              </RadioButton>
            </RadioField>
          ))}
        </RadioGroup>
      )}
      <div className={panel['buttons']}>
        {ask.options.length > 0 && (
          <Button isDeliberate isDisabled={value === ''} onPress={() => void answer(ask.id, { text: value })}>
            {ask.given ? say('ask.change') : say('choice.use')}
          </Button>
        )}
        <Button look="quiet" onPress={() => void refreshView(true)}>
          {say('choice.again')}
        </Button>
      </div>
    </AskPanel>
  );
}
