import { type ReactNode, useState } from 'react';
import { RadioButton, RadioField, RadioGroup } from 'react-aria-components/RadioGroup';
import { Text } from 'react-aria-components/Text';
import type { AppInfo, ShippedScript } from '../../core/contract/commands.ts';
import { LOCALE_NAMES, LOCALES, type Locale } from '../../core/contract/messages/locale.ts';
import { useSpoken } from '../components/spoken.ts';
import { Button } from '../components/button.tsx';
import { Choice } from '../components/choice.tsx';
import { Field } from '../components/field.tsx';
import { Fold } from '../components/fold.tsx';
import radio from '../components/radio.module.css';
import { UnderWay } from '../components/under-way.tsx';
import { timeOf } from '../components/time.ts';
import { explain, say } from '../messages/say.ts';
import { begin } from '../store/acts.ts';
import { useWindow } from '../store/store.ts';
import styles from './begin-panel.module.css';

type Props = {
  scripts: AppInfo['scripts'];
  /** The path of the script that would begin. */
  chosen: string;
  onChoose: (path: string) => void;
  suggestedOut: string;
  checkpoint: AppInfo['checkpoint'];
  /** Nothing waits to be resumed, so beginning is what the view is for. */
  primary: boolean;
  onToken: (usesToken: boolean) => void;
  children: ReactNode;
};

function Script({ script, chosen }: { script: ShippedScript; chosen: boolean }) {
  const spoken = useSpoken(script.language);
  return (
    <RadioField
      value={script.path}
      isDisabled={script.error !== null}
      className={`${radio['option'] ?? ''} ${styles['script'] ?? ''}`}
    >
      <RadioButton className={radio['button'] ?? ''}>
        <span className={radio['dot']} />
        <b {...spoken}>{script.title}</b>
      </RadioButton>
      {!script.error && <p className={styles['soft']}>{say('start.steps', { steps: script.steps })}</p>}
      {(script.error ?? chosen) && (
        <Text slot="description" className={styles['purpose'] ?? ''}>
          {script.error ? (
            <span className={styles['error']}>{explain(script.error).says}</span>
          ) : (
            <span {...spoken}>{script.purpose}</span>
          )}
        </Text>
      )}
    </RadioField>
  );
}

function Scripts({
  scripts,
  chosen,
  onChoose,
}: Pick<Props, 'scripts'> & { chosen: string; onChoose: (path: string) => void }) {
  return (
    <RadioGroup
      aria-label={say('start.scripts')}
      value={chosen}
      onChange={onChoose}
      className={styles['scripts'] ?? ''}
    >
      {[...Map.groupBy(scripts, ({ group }) => group)].map(([group, part]) => (
        <div key={group} role="group" aria-labelledby={`group-${group}`}>
          <h3 id={`group-${group}`} className={styles['group']}>
            {say(`start.group.${group}`)}
          </h3>
          {part.map((script) => (
            <Script key={script.path} script={script} chosen={script.path === chosen} />
          ))}
        </div>
      ))}
    </RadioGroup>
  );
}

function hintOf(checkpoint: AppInfo['checkpoint']): string {
  if (!checkpoint) return say('start.checkpointNone');
  return say('start.checkpointHint', { size: checkpoint.size, at: timeOf(checkpoint.at) });
}

/** What the paper of the ceremony before says of the ledger, or why nobody has that paper. */
function PaperCheckpoint(props: {
  checkpoint: AppInfo['checkpoint'];
  text: string;
  onText: (text: string) => void;
  lost: boolean;
  onLost: (lost: boolean) => void;
}) {
  const { checkpoint, text, onText, lost, onLost } = props;
  return (
    <>
      <Field
        label={say(lost ? 'start.checkpointReason' : 'start.checkpoint')}
        hint={lost ? say('start.checkpointReasonHint') : hintOf(checkpoint)}
        value={text}
        onChange={onText}
        multiline
        mono={!lost}
        maxLength={lost ? 400 : 4096}
      />
      <label className={styles['lost']}>
        <input
          type="checkbox"
          checked={lost}
          onChange={(event) => {
            onLost(event.target.checked);
          }}
        />
        {say('start.checkpointLost')}
      </label>
    </>
  );
}

/** A script, a folder, perhaps a token: all that a ceremony needs to begin. */
export function BeginPanel({ scripts, chosen, onChoose, suggestedOut, checkpoint, primary, onToken, children }: Props) {
  const busy = useWindow((state) => state.busy);
  const [out, setOut] = useState<string | null>(null);
  const [copy, setCopy] = useState('');
  const [paper, setPaper] = useState('');
  const [lost, setLost] = useState(false);
  const [token, setToken] = useState('');
  const [language, setLanguage] = useState<Locale | null>(null);
  const locale = useWindow((state) => state.locale);
  // A new suggestion comes with every ceremony that ends; what was typed stays.
  const folder = out ?? suggestedOut;
  const usesToken = token.trim() !== '';
  const asksForPaper = checkpoint !== null || usesToken;
  return (
    <section aria-labelledby="begin" className={styles['panel']}>
      <h2 id="begin" className={styles['title']}>
        {say('start.begin')}
      </h2>
      {scripts.length === 0 ? (
        <p className={styles['soft']}>{say('start.noScripts')}</p>
      ) : (
        <Scripts scripts={scripts} chosen={chosen} onChoose={onChoose} />
      )}
      <Field label={say('start.out')} hint={say('start.outHint')} value={folder} onChange={setOut} mono />
      <Choice
        label={say('start.language')}
        value={language ?? locale}
        onChange={setLanguage}
        options={LOCALES.map((id) => ({ id, text: LOCALE_NAMES[id] }))}
      />
      {asksForPaper && (
        <PaperCheckpoint checkpoint={checkpoint} text={paper} onText={setPaper} lost={lost} onLost={setLost} />
      )}
      <Fold title={say('start.useToken')}>
        <div className={styles['details']}>
          <Field label={say('start.copy')} hint={say('start.copyHint')} value={copy} onChange={setCopy} mono />
          <Field
            label={say('start.token')}
            hint={say('start.tokenHint')}
            value={token}
            onChange={(path) => {
              setToken(path);
              onToken(path.trim() !== '');
            }}
            mono
          />
        </div>
      </Fold>
      {children}
      <UnderWay under={busy ? say('start.working') : null} />
      <div>
        <Button
          look={primary ? 'primary' : 'secondary'}
          isDisabled={busy || chosen === '' || folder.trim() === '' || (checkpoint !== null && paper.trim() === '')}
          onPress={() =>
            void begin({
              script: chosen,
              out: folder.trim(),
              language: language ?? locale,
              ...(copy.trim() === '' ? {} : { copy: copy.trim() }),
              // What was typed while it was asked for is not sent when it is not.
              ...(paper.trim() === '' || !asksForPaper
                ? {}
                : lost
                  ? { checkpointLost: paper.trim() }
                  : { checkpoint: paper.trim() }),
              ...(usesToken ? { token: token.trim() } : {}),
            })
          }
        >
          {say(usesToken ? 'start.beginToken' : 'start.beginTraining')}
        </Button>
      </div>
    </section>
  );
}
