import { useState } from 'react';
import type { Ask, Mode } from '../../core/contract/ceremony.ts';
import type { Role } from '../../core/contract/roles.ts';
import type { Participant } from '../../core/contract/script.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { say } from '../messages/say.ts';
import { answer } from '../store/acts.ts';
import { AskPanel } from './ask-panel.tsx';
import styles from './ask-panel.module.css';
import { SAMPLE_NAMES } from './samples.ts';

type Props = { ask: Extract<Ask, { kind: 'people' }>; participants: Participant[]; mode: Mode };

type Seat = { role: Role; label: string };

function seatsOf(roles: { role: Role; count: number }[]): Seat[] {
  return roles.flatMap(({ role, count }) =>
    Array.from({ length: count }, (_, index) => ({
      role,
      label:
        count === 1 ? say(`role.${role}`) : say('people.numbered', { role: say(`role.${role}`), number: index + 1 }),
    })),
  );
}

/** The names already taken, seat by seat. */
function namesFor(seats: Seat[], participants: Participant[]): string[] {
  const left = [...participants];
  return seats.map(({ role }) => {
    const index = left.findIndex((participant) => participant.role === role);
    return index < 0 ? '' : (left.splice(index, 1)[0]?.name ?? '');
  });
}

/** A name for every role. */
export function People({ ask, participants, mode }: Props) {
  const seats = seatsOf(ask.roles);
  const [names, setNames] = useState(() => namesFor(seats, participants));
  const take = () =>
    answer(ask.id, { participants: seats.map(({ role }, index) => ({ role, name: (names[index] ?? '').trim() })) });
  return (
    <AskPanel label={ask.label} given={ask.given} asks={[ask.id]}>
      <table className={`${styles['table'] ?? ''} ${styles['people'] ?? ''}`}>
        <colgroup>
          <col />
          <col />
        </colgroup>
        <thead>
          <tr>
            <th scope="col">{say('people.role')}</th>
            <th scope="col">{say('people.name')}</th>
          </tr>
        </thead>
        <tbody>
          {seats.map(({ label }, seat) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              <td>
                <Field
                  label={label}
                  labelHidden
                  maxLength={80}
                  value={names[seat] ?? ''}
                  onChange={(name) => {
                    setNames(names.map((old, index) => (index === seat ? name : old)));
                  }}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className={styles['buttons']}>
        <Button isDeliberate isDisabled={names.some((name) => name.trim() === '')} onPress={() => void take()}>
          {say(ask.given ? 'ask.change' : 'people.take')}
        </Button>
        {mode === 'training' && (
          <Button
            look="quiet"
            onPress={() => {
              setNames(seats.map((_, index) => SAMPLE_NAMES[index] ?? ''));
            }}
          >
            {say('people.sample')}
          </Button>
        )}
      </div>
    </AskPanel>
  );
}
