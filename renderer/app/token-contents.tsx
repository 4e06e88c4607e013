import { useCallback, useEffect, useRef, useState } from 'react';
import type { Outcome } from '../../core/contract/errors.ts';
import type { CommandInput } from '../../core/contract/commands.ts';
import type { PinWay, TokenContents as Contents } from '../../core/contract/token.ts';
import { tellAttributes } from '../../core/contract/tell.ts';
import { Button } from '../components/button.tsx';
import { Empty } from '../components/empty.tsx';
import { EntryFrame } from '../components/entry-frame.tsx';
import { Field } from '../components/field.tsx';
import panel from '../components/panel.module.css';
import { Rows } from '../components/rows.tsx';
import table from '../components/table.module.css';
import { Trouble } from '../components/trouble.tsx';
import { here, say } from '../messages/say.ts';
import { call } from '../store/rpc.ts';

export type ShownToken = { token: CommandInput<'token.show'>['token']; name: string; pin: PinWay };

function Held({ contents: { info, keys, objects } }: { contents: Contents }) {
  return (
    <>
      <Rows
        rows={[
          { label: say('tokens.label'), value: info.label },
          { label: say('tokens.device'), value: `${info.manufacturer} ${info.model}`.trim() },
          { label: say('tokens.serial'), value: info.serial, mono: true },
          { label: say('tokens.firmware'), value: info.firmware, mono: true },
          { label: say('tokens.location'), value: info.location, mono: true },
        ]}
      />
      <section className={panel['part']}>
        <h3>{say('tokens.keys')}</h3>
        {keys.length === 0 ? (
          <Empty>{say('tokens.noKeys')}</Empty>
        ) : (
          <table className={table['table']}>
            <thead>
              <tr>
                <th scope="col">{say('tokens.key')}</th>
                <th scope="col">{say('inventory.algorithm')}</th>
                <th scope="col">{say('tokens.attributes')}</th>
              </tr>
            </thead>
            <tbody>
              {keys.map(({ label, id, algorithm, attributes }) => (
                <tr key={`${label} ${id} ${algorithm}`}>
                  <th scope="row">
                    {label}
                    <span className={table['soft']}>{id}</span>
                  </th>
                  <td className={table['whole']}>{algorithm}</td>
                  <td className={table['small']}>{tellAttributes(here(), attributes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <section className={panel['part']}>
        <h3>{say('tokens.objects')}</h3>
        {objects.length === 0 ? (
          <Empty>{say('tokens.noObjects')}</Empty>
        ) : (
          <p className={table['small']}>{objects.join(' · ')}</p>
        )}
      </section>
    </>
  );
}

type AskProps = { shown: ShownToken; onShown: (outcome: Outcome<Contents>) => void };

/** How the PIN comes to the token: typed in private, at the token's own pad, or from where its file says. */
function AskForPin({ shown, onShown }: AskProps) {
  const { token, name, pin } = shown;
  const [second, setSecond] = useState('');
  const [typing, setTyping] = useState(false);
  const [busy, setBusy] = useState(false);
  const lastTry = second.trim() === '' ? {} : { lastTryWith: second.trim() };
  const done = useCallback(
    (value: unknown) => {
      // Core's own answer to `token.show`, which the entry page hands on.
      onShown({ ok: true, value: value as Contents });
    },
    [onShown],
  );
  if (pin === 'parts') return <Empty>{say('tokens.partsNext')}</Empty>;
  if (typing) {
    const which = typeof token === 'string' ? { token } : { training: token.training };
    return (
      <section aria-label={say('tokens.pin')} className={panel['finding']}>
        <EntryFrame
          person={say('tokens.operator')}
          asked={{ ...which, ...lastTry, manner: 'enter', minimum: '4', label: say('tokens.pinOf', { token: name }) }}
          onDone={done}
        />
      </section>
    );
  }
  const typed = pin === 'prompt' || pin === 'descriptor';
  return (
    <div className={panel['form']}>
      <p className={panel['soft']}>{say(`tokens.${pin}Next`)}</p>
      <Field
        label={say('tokens.second')}
        hint={say('tokens.secondHint')}
        value={second}
        onChange={setSecond}
        maxLength={80}
      />
      <div>
        <Button
          look="primary"
          isDisabled={busy}
          onPress={() => {
            if (typed) setTyping(true);
            else {
              setBusy(true);
              void call('token.show', { token, ...lastTry }).then((outcome) => {
                setBusy(false);
                onShown(outcome);
              });
            }
          }}
        >
          {say(typed ? 'tokens.type' : pin === 'pad' ? 'tokens.atPad' : 'tokens.login')}
        </Button>
      </div>
    </div>
  );
}

/** What one token holds, after a login. */
export function TokenContents({ shown, onClose }: { shown: ShownToken; onClose: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const [outcome, setOutcome] = useState<Outcome<Contents> | null>(null);
  useEffect(() => {
    heading.current?.focus();
  }, []);
  return (
    <article className={panel['panel']} aria-labelledby="token">
      <header className={panel['head']}>
        <h2 id="token" ref={heading} tabIndex={-1}>
          {say('tokens.contents', { token: shown.name })}
        </h2>
        <Button onPress={onClose}>{say('tokens.back')}</Button>
      </header>
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      {outcome?.ok ? <Held contents={outcome.value} /> : <AskForPin shown={shown} onShown={setOutcome} />}
    </article>
  );
}
