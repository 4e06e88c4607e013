import { useState } from 'react';
import type { CommandOutput } from '../../core/contract/commands.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { grouped } from '../components/hex.ts';
import { TickIcon } from '../components/icons.tsx';
import panel from '../components/panel.module.css';
import { Rows } from '../components/rows.tsx';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useAsked } from '../store/told.ts';
import { act } from './told.ts';

/** A copy of the vault while it works, encrypted, in a new file, and opened again before it counts. */
export function BackUp() {
  const [out, setOut] = useState('');
  const { busy, outcome, ask } = useAsked<CommandOutput<'vault.backup'>>();
  return (
    <section className={panel['form']}>
      <h2>{say('backup.title')}</h2>
      <p className={panel['soft']}>{say('backup.lead')}</p>
      {outcome?.ok && (
        <section aria-label={say('backup.done')} className={panel['good']}>
          <p className={panel['verdict']} role="status">
            <TickIcon /> {say('backup.done')}
          </p>
          <Rows
            rows={[
              { label: say('fact.file'), value: outcome.value.path, mono: true },
              { label: say('fact.sha256'), value: grouped(outcome.value.sha256), mono: true },
              { label: say('backup.bytes'), value: say('backup.size', { count: outcome.value.bytes }) },
              { label: say('vault.ledger'), value: say('vault.ledgerRows', { size: outcome.value.ledgerRows }) },
            ]}
          />
        </section>
      )}
      <Field label={say('backup.file')} hint={say('backup.fileHint')} value={out} onChange={setOut} mono />
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <div>
        <Button
          look="primary"
          isDisabled={busy || out.trim() === ''}
          onPress={() => void ask(() => act('vault.backup', { out: out.trim() }))}
        >
          {say(busy ? 'backup.busy' : 'backup.do')}
        </Button>
      </div>
    </section>
  );
}
