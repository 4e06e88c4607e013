import { useState } from 'react';
import type { PrincipalView } from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import { Choice } from '../components/choice.tsx';
import { EnterHint } from '../components/enter-hint.tsx';
import { Field } from '../components/field.tsx';
import { grouped } from '../components/hex.ts';
import { TickIcon } from '../components/icons.tsx';
import panel from '../components/panel.module.css';
import { Rows } from '../components/rows.tsx';
import { Trouble } from '../components/trouble.tsx';
import { useHeading } from '../components/use-heading.ts';
import { say } from '../messages/say.ts';
import { useAsked } from '../store/told.ts';
import { act } from './told.ts';

const WAYS = ['certificate', 'uid'] as const;
/** The largest but one: -1 is nobody. */
const UID_LIMIT = 4_294_967_294;

type Props = { service: PrincipalView; onClose: () => void };

/** A number as `id -u` tells it; undefined while it is none. */
function uidOf(text: string): number | undefined {
  const uid = /^\d{1,10}$/.test(text) ? Number(text) : UID_LIMIT + 1;
  return uid <= UID_LIMIT ? uid : undefined;
}

/** A service is known without a token: by the client certificate that it comes with, or as the user that it runs as on this machine. */
export function BindService({ service: { name, certificate, uid }, onClose }: Props) {
  const heading = useHeading();
  const [way, setWay] = useState<(typeof WAYS)[number]>('certificate');
  const [text, setText] = useState('');
  const { busy, outcome, ask } = useAsked<unknown>();
  const typed = text.trim();
  const byUid = way === 'uid';
  const number = uidOf(typed);
  const to = byUid ? number !== undefined && { uid: number } : typed !== '' && { file: typed };
  const before = byUid ? uid !== null : certificate !== null;
  return (
    <section aria-labelledby="bind" className={panel['finding']}>
      <header className={panel['head']}>
        <h3 id="bind" ref={heading} tabIndex={-1}>
          {say('bind.title', { name })}
        </h3>
        <Button onPress={onClose}>{say('person.close')}</Button>
      </header>
      {outcome?.ok ? (
        <>
          <p className={panel['verdict']} role="status">
            <TickIcon /> {say('bind.done')}
          </p>
          <Rows
            rows={[
              { label: say('people.uid'), value: byUid && uid !== null ? String(uid) : null, mono: true },
              { label: say('people.certificate'), value: byUid ? null : grouped(certificate ?? ''), mono: true },
            ]}
          />
        </>
      ) : (
        <>
          <p>{say('bind.lead')}</p>
          <Choice
            label={say('bind.way')}
            value={way}
            onChange={(next) => {
              setWay(next);
              setText('');
            }}
            options={WAYS.map((id) => ({ id, text: say(`bind.way.${id}`) }))}
          />
          <Field
            label={say(`bind.${way}`)}
            hint={say(`bind.${way}Hint`)}
            error={byUid && typed !== '' && number === undefined ? say('bind.uidWrong') : undefined}
            value={text}
            onChange={setText}
            mono
          />
          {before && <p className={panel['soft']}>{say(`bind.${way}Again`)}</p>}
          <Trouble error={outcome?.ok === false ? outcome.error : null} />
          <EnterHint />
          <div>
            <Button
              look="primary"
              isDeliberate
              isDisabled={busy || to === false}
              onPress={() => {
                if (to) void ask(() => act('vault.bind', { name, to }));
              }}
            >
              {say('bind.do')}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}
