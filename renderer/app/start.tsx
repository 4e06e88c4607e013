import { useEffect, useState } from 'react';
import type { CeremonySummary } from '../../core/contract/ceremony.ts';
import type { AppInfo, CheckedScript } from '../../core/contract/commands.ts';
import { Button } from '../components/button.tsx';
import { DueList } from '../components/due-list.tsx';
import { Frame } from '../components/frame.tsx';
import { Header } from '../components/header.tsx';
import { Nav } from '../components/nav.tsx';
import { ShareHolders, Survival } from '../components/share-holders.tsx';
import { say } from '../messages/say.ts';
import { openCeremony } from '../store/acts.ts';
import { call } from '../store/rpc.ts';
import { custodyOverview, useTold } from '../store/told.ts';
import { BeginBar } from './begin-bar.tsx';
import { BeginForm, Scripts, useBeginning } from './begin-panel.tsx';
import { PaperScript } from './paper-script.tsx';
import { ScriptOutline } from './script-outline.tsx';
import styles from './start.module.css';
import { timeOf } from '../components/time.ts';

/** The rest stands in the inventory and in custody. */
const DUE_SHOWN = 4;
const WAITING = {
  interrupted: 'start.interrupted',
  paused: 'start.paused',
  running: 'start.running',
  completed: 'start.completed',
  aborted: 'start.aborted',
} as const;

function Unfinished({ ceremony }: { ceremony: CeremonySummary }) {
  return (
    <article className={styles['unfinished']} aria-label={ceremony.title}>
      <div>
        <p className={styles['soft']}>{say(WAITING[ceremony.status])}</p>
        <h2>{ceremony.title}</h2>
        <p>
          <b>{say('start.stopped', { step: ceremony.step, steps: ceremony.steps })}</b>
          {' · '}
          {say('start.begun', { at: timeOf(ceremony.begunAt) })}
          {' · '}
          {say(`mode.${ceremony.mode}`)}
        </p>
        <progress
          value={ceremony.step - 1}
          max={ceremony.steps}
          aria-label={say('start.stopped', { step: ceremony.step, steps: ceremony.steps })}
        />
      </div>
      <Button look="primary" onPress={() => void openCeremony(ceremony.id)}>
        {say('start.resume')}
      </Button>
    </article>
  );
}

function Finished({ ceremonies }: { ceremonies: CeremonySummary[] }) {
  return (
    <section aria-labelledby="finished">
      <h2 id="finished">{say('start.finished')}</h2>
      {ceremonies.length === 0 ? (
        <p className={styles['none']}>{say('start.noFinished')}</p>
      ) : (
        <ul className={styles['finished']}>
          {ceremonies.map((ceremony) => (
            <li key={ceremony.id}>
              <p className={styles['row']}>
                <button
                  type="button"
                  className={styles['link']}
                  aria-label={say('start.open', { title: ceremony.title })}
                  onClick={() => void openCeremony(ceremony.id)}
                >
                  {ceremony.title}
                </button>
                <span className={styles['status']} data-status={ceremony.status}>
                  {say(ceremony.status === 'aborted' ? 'start.aborted' : 'start.completed')}
                </span>
              </p>
              <p className={styles['soft']}>
                {timeOf(ceremony.begunAt)} · {say(`mode.${ceremony.mode}`)}
              </p>
              <p className={styles['path']}>{ceremony.out}</p>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** What waits to be finished, what can be begun, what was done. */
export function Start({ info }: { info: AppInfo }) {
  const beginning = useBeginning(info);
  const [chosen, setChosen] = useState(info.scripts.find(({ error }) => error === null)?.path ?? '');
  const [checked, setChecked] = useState<{ path: string; script: CheckedScript } | null>(null);
  const told = useTold(custodyOverview);
  const due = told?.ok ? told.value.due.slice(0, DUE_SHOWN) : [];
  const set = told?.ok ? told.value.sets[0] : undefined;
  const script = info.scripts.find(({ path, error }) => path === chosen && error === null);
  const isOver = ({ status }: CeremonySummary) => status === 'completed' || status === 'aborted';
  const unfinished = info.ceremonies.filter((ceremony) => !isOver(ceremony));

  useEffect(() => {
    if (chosen === '') return;
    void call('ceremony.check', { script: chosen }).then((outcome) => {
      if (outcome.ok) setChecked({ path: chosen, script: outcome.value });
    });
  }, [chosen]);

  return (
    <Frame
      header={
        <Header title={say('app.name')} detail={info.organisation} mode={beginning.usesToken ? null : 'training'} />
      }
      side={<Nav />}
      foot={<BeginBar script={script} beginning={beginning} primary={unfinished.length === 0} />}
    >
      <div className={styles['start']}>
        <header className={styles['head']}>
          <h1 tabIndex={-1}>{say('start.title')}</h1>
          <p className={styles['lead']}>{say('start.lead')}</p>
        </header>
        {unfinished.map((ceremony) => (
          <Unfinished key={ceremony.id} ceremony={ceremony} />
        ))}
        {due.length > 0 && (
          <div className={styles['columns']}>
            <section className={styles['set']}>
              <h2>{say('due.title')}</h2>
              <DueList due={due} />
            </section>
            {set && (
              <section className={styles['set']}>
                <h2>
                  {say('custody.set', { label: set.masterKey, threshold: set.threshold, count: set.shares.length })}
                </h2>
                <ShareHolders set={set} small />
                <Survival set={set} />
              </section>
            )}
          </div>
        )}
        <div className={styles['columns']}>
          <div className={styles['choice']}>
            <h2 id="begin">{say('start.begin')}</h2>
            <Scripts scripts={info.scripts} chosen={chosen} onChoose={setChosen} />
          </div>
          <div className={styles['side']}>
            <BeginForm info={info} beginning={beginning} />
            {checked?.path === chosen && <ScriptOutline script={checked.script} />}
            {script && <PaperScript key={script.path} script={script} />}
          </div>
        </div>
        <Finished ceremonies={info.ceremonies.filter(isOver)} />
        <p className={styles['about']}>{say('start.data', { version: info.version, data: info.data })}</p>
      </div>
    </Frame>
  );
}
