import { useState } from 'react';
import { RadioButton, RadioField, RadioGroup } from 'react-aria-components/RadioGroup';
import { Text } from 'react-aria-components/Text';
import type { AppInfo, CommandInput, ShippedScript } from '../../core/contract/commands.ts';
import { LOCALE_NAMES, LOCALES, type Locale } from '../../core/contract/messages/locale.ts';
import { useSpoken } from '../components/spoken.ts';
import { Choice } from '../components/choice.tsx';
import { Field } from '../components/field.tsx';
import { Fold } from '../components/fold.tsx';
import radio from '../components/radio.module.css';
import { timeOf } from '../components/time.ts';
import { explain, say } from '../messages/say.ts';
import { useWindow } from '../store/store.ts';
import styles from './begin-panel.module.css';

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

type Choosing = {
  scripts: AppInfo['scripts'];
  /** The path of the script that would begin. */
  chosen: string;
  onChoose: (path: string) => void;
};

/** What can be begun, by what it is for. */
export function Scripts({ scripts, chosen, onChoose }: Choosing) {
  if (scripts.length === 0) return <p className={styles['soft']}>{say('start.noScripts')}</p>;
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

/** What a beginning is told besides its script. */
export type Beginning = {
  form: {
    /** Null: as suggested. A new suggestion comes with every ceremony that ends; what was typed stays. */
    out: string | null;
    copy: string;
    paper: string;
    lost: boolean;
    token: string;
    /** Null: the window's. */
    language: Locale | null;
  };
  change: (part: Partial<Beginning['form']>) => void;
  usesToken: boolean;
  /** What `ceremony.begin` takes; null while something is missing. */
  input: Omit<CommandInput<'ceremony.begin'>, 'script'> | null;
};

export function useBeginning({ suggestedOut, checkpoint }: AppInfo): Beginning {
  const [form, setForm] = useState<Beginning['form']>({
    ...{ out: null, copy: '', paper: '', lost: false, token: '', language: null },
  });
  const locale = useWindow((state) => state.locale);
  const out = (form.out ?? suggestedOut).trim();
  const [copy, paper, token] = [form.copy.trim(), form.paper.trim(), form.token.trim()];
  const usesToken = token !== '';
  // What was typed while it was asked for is not sent when it is not.
  const asksForPaper = checkpoint !== null || usesToken;
  const isWhole = out !== '' && (checkpoint === null || paper !== '');
  return {
    form,
    change: (part) => {
      setForm((before) => ({ ...before, ...part }));
    },
    usesToken,
    input: isWhole
      ? {
          out,
          language: form.language ?? locale,
          ...(copy === '' ? {} : { copy }),
          ...(paper === '' || !asksForPaper ? {} : form.lost ? { checkpointLost: paper } : { checkpoint: paper }),
          ...(usesToken ? { token } : {}),
        }
      : null,
  };
}

/** A folder, a language, the paper of the ceremony before, perhaps a token: all that a script needs to begin. */
export function BeginForm({ info, beginning }: { info: AppInfo; beginning: Beginning }) {
  const { form, change, usesToken } = beginning;
  const { suggestedOut, checkpoint } = info;
  const locale = useWindow((state) => state.locale);
  return (
    <div className={styles['panel']}>
      <Field
        label={say('start.out')}
        hint={say('start.outHint')}
        value={form.out ?? suggestedOut}
        onChange={(out) => {
          change({ out });
        }}
        mono
      />
      <Choice
        label={say('start.language')}
        value={form.language ?? locale}
        onChange={(language) => {
          change({ language });
        }}
        options={LOCALES.map((id) => ({ id, text: LOCALE_NAMES[id] }))}
      />
      {(checkpoint !== null || usesToken) && (
        <PaperCheckpoint
          checkpoint={checkpoint}
          text={form.paper}
          onText={(paper) => {
            change({ paper });
          }}
          lost={form.lost}
          onLost={(lost) => {
            change({ lost });
          }}
        />
      )}
      <Fold title={say('start.useToken')}>
        <div className={styles['details']}>
          <Field
            label={say('start.copy')}
            hint={say('start.copyHint')}
            value={form.copy}
            onChange={(copy) => {
              change({ copy });
            }}
            mono
          />
          <Field
            label={say('start.token')}
            hint={say('start.tokenHint')}
            value={form.token}
            onChange={(token) => {
              change({ token });
            }}
            mono
          />
        </div>
      </Fold>
    </div>
  );
}
