import { useState } from 'react';
import type { Probe, ProbedSlot, ProbedToken, TokenNeed } from '../../core/contract/token.ts';
import { tellNeed } from '../../core/contract/tell.ts';
import { Button } from '../components/button.tsx';
import { Empty } from '../components/empty.tsx';
import { Field } from '../components/field.tsx';
import { Fold } from '../components/fold.tsx';
import panel from '../components/panel.module.css';
import { Rows } from '../components/rows.tsx';
import table from '../components/table.module.css';
import { Trouble } from '../components/trouble.tsx';
import { here, say } from '../messages/say.ts';
import { call } from '../store/rpc.ts';
import { useAsked } from '../store/told.ts';
import styles from './token-module.module.css';

const VERDICTS = { there: 'good', missing: 'bad', unknown: 'open' } as const;

function Needs({ needs }: { needs: TokenNeed[] }) {
  return (
    <table className={table['table']}>
      <caption className={styles['caption']}>{say('module.needs')}</caption>
      <thead>
        <tr>
          <th scope="col">{say('module.need')}</th>
          <th scope="col">{say('module.verdict')}</th>
          <th scope="col">{say('module.detail')}</th>
        </tr>
      </thead>
      <tbody>
        {needs.map((told) => {
          const { need, offer } = tellNeed(here(), told);
          const { verdict } = told;
          return (
            <tr key={need}>
              <th scope="row">{need}</th>
              <td data-standing={VERDICTS[verdict]} className={table['whole']}>
                {say(`module.${verdict}`)}
              </td>
              <td>{offer}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Token({ token, slot }: { token: ProbedToken; slot: ProbedSlot }) {
  const { pin } = token;
  return (
    <>
      <Rows
        rows={[
          { label: say('tokens.device'), value: `${token.manufacturer} ${token.model}`.trim() },
          { label: say('module.knownAs'), value: slot.knownAs },
          { label: say('tokens.serial'), value: token.serial, mono: true },
          { label: say('tokens.firmware'), value: token.firmware, mono: true },
          { label: say('module.userPin'), value: say(`module.pin.${pin.user}`) },
          { label: say('module.officerPin'), value: say(`module.pin.${pin.securityOfficer}`) },
          {
            label: say('module.pinLength'),
            value: say('module.between', { minimum: pin.minimumLength, maximum: pin.maximumLength }),
          },
          {
            label: say('module.visible'),
            value: slot.visible.length === 0 ? say('module.nothing') : slot.visible.join(', '),
          },
        ]}
      />
      <Needs needs={slot.needs} />
    </>
  );
}

function Slot({ slot }: { slot: ProbedSlot }) {
  const { token, mechanisms, description } = slot;
  const ready = token?.flags.includes('TOKEN_INITIALIZED') ?? false;
  const title = !token
    ? say('module.empty', { slot: slot.slot })
    : say('module.slot', { slot: slot.slot, label: ready ? token.label : say('module.notInitialised') });
  return (
    <article className={styles['slot']} aria-label={title}>
      <header>
        <h2>{title}</h2>
        <p className={panel['soft']}>{description}</p>
      </header>
      {token && <Token token={token} slot={slot} />}
      {mechanisms.length > 0 && (
        <Fold title={say('module.mechanisms', { count: mechanisms.length })}>
          <table className={table['table']}>
            <thead>
              <tr>
                <th scope="col">{say('module.mechanism')}</th>
                <th scope="col">{say('module.sizes')}</th>
                <th scope="col">{say('module.flags')}</th>
              </tr>
            </thead>
            <tbody>
              {mechanisms.map(({ name, minimumKey, maximumKey, flags }) => (
                <tr key={name}>
                  <th scope="row" className={table['small']}>
                    {name}
                  </th>
                  <td className={table['small']}>
                    {say('module.between', { minimum: minimumKey, maximum: maximumKey })}
                  </td>
                  <td className={table['small']}>{flags.join(' ')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Fold>
      )}
    </article>
  );
}

/** What a PKCS#11 module says of itself, its slots and its tokens, without a login. */
export function TokenModule({ modules }: { modules: string[] }) {
  const [module, setModule] = useState(modules[0] ?? '');
  const [parameters, setParameters] = useState('');
  const { busy, outcome, ask } = useAsked<Probe>();
  const given = parameters.trim() === '' ? {} : { parameters: parameters.trim() };
  return (
    <>
      <div className={panel['form']}>
        <Field label={say('module.path')} hint={say('module.pathHint')} value={module} onChange={setModule} mono />
        <Fold title={say('module.more')}>
          <Field
            label={say('module.parameters')}
            hint={say('module.parametersHint')}
            value={parameters}
            onChange={setParameters}
            mono
          />
        </Fold>
        <Trouble error={outcome?.ok === false ? outcome.error : null} />
        <div>
          <Button
            look="primary"
            isDisabled={busy || module.trim() === ''}
            onPress={() => void ask(() => call('token.probe', { module: module.trim(), ...given }))}
          >
            {say('module.do')}
          </Button>
        </div>
      </div>
      {outcome?.ok && (
        <>
          <p role="status" className={panel['soft']}>
            {say('module.library', outcome.value.library)}
          </p>
          {outcome.value.slots.length === 0 && <Empty>{say('module.noSlots')}</Empty>}
          {outcome.value.slots.map((slot) => (
            <Slot key={slot.slot} slot={slot} />
          ))}
        </>
      )}
    </>
  );
}
