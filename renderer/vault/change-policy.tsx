import { useState } from 'react';
import type { VaultPolicy } from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import { Empty } from '../components/empty.tsx';
import { EnterHint } from '../components/enter-hint.tsx';
import { Field } from '../components/field.tsx';
import panel from '../components/panel.module.css';
import { Pick } from '../components/pick.tsx';
import table from '../components/table.module.css';
import { Trouble } from '../components/trouble.tsx';
import { useHeading } from '../components/use-heading.ts';
import { say } from '../messages/say.ts';
import { useAsked } from '../store/told.ts';
import { type Line, type Typed, idOf, shown, tried, typedOf } from './policy-lines.ts';
import { act } from './told.ts';

function Changes({ lines, before, typed }: { lines: Line[]; before: Typed; typed: Typed }) {
  const of = (texts: Typed, line: Line) => shown(line, texts[idOf(line)] ?? '');
  const changed = lines.filter((line) => of(before, line) !== of(typed, line));
  if (changed.length === 0) return <Empty>{say('change.nothing')}</Empty>;
  return (
    <table className={`${table['table'] ?? ''} ${table['stacked'] ?? ''}`}>
      <thead>
        <tr>
          <th scope="col">{say('change.what')}</th>
          <th scope="col">{say('change.now')}</th>
          <th scope="col">{say('change.then')}</th>
        </tr>
      </thead>
      <tbody>
        {changed.map((line) => (
          <tr key={idOf(line)}>
            <th scope="row">{line.label}</th>
            <td data-label={say('change.now')}>{of(before, line)}</td>
            <td data-label={say('change.then')}>
              <b>{of(typed, line)}</b>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type Props = { title: string; version: number; policy: VaultPolicy; lines: Line[]; note?: string; onClose: () => void };

/** Some lines of the policy, what differs from the one in force, and the next version of it. */
export function ChangePolicy({ title, version, policy, lines, note, onClose }: Props) {
  const heading = useHeading();
  const before = typedOf(policy, lines);
  const [typed, setTyped] = useState(before);
  const { busy, outcome, ask } = useAsked<unknown>();
  const { policy: wanted, faults } = tried(policy, lines, typed);
  const isSame = lines.every((line) => shown(line, typed[idOf(line)] ?? '') === shown(line, before[idOf(line)] ?? ''));
  const change = async (next: VaultPolicy) => {
    const changed = await act('vault.changePolicy', { version: version + 1, policy: next });
    if (changed.ok) onClose();
    return changed;
  };
  return (
    <article className={panel['panel']} aria-labelledby="policy">
      <header className={panel['head']}>
        <h2 id="policy" ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <Button onPress={onClose}>{say('change.back')}</Button>
      </header>
      {note !== undefined && <p className={panel['soft']}>{note}</p>}
      <div className={panel['two']}>
        {lines.map((line) => {
          const id = idOf(line);
          const both = {
            label: line.label,
            value: typed[id] ?? '',
            error: faults[id],
            onChange: (text: string) => {
              setTyped({ ...typed, [id]: text });
            },
          };
          return line.kind === 'pick' ? (
            <Pick key={id} {...both} options={line.options} />
          ) : (
            <Field
              key={id}
              {...both}
              hint={line.canBeEmpty ? say('change.unitOrNever', { unit: line.unit }) : line.unit}
              maxLength={9}
              mono
            />
          );
        })}
      </div>
      <section className={panel['part']} aria-live="polite">
        <h3>{say('change.changes', { version: version + 1 })}</h3>
        <Changes lines={lines} before={before} typed={typed} />
      </section>
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <EnterHint />
      <div>
        <Button
          look="primary"
          isDeliberate
          isDisabled={busy || isSame || wanted === null}
          onPress={() => {
            if (wanted) void ask(() => change(wanted));
          }}
        >
          {say('change.do', { version: version + 1 })}
        </Button>
      </div>
    </article>
  );
}
