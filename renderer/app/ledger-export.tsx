import { useState } from 'react';
import type { AppInfo, CommandOutput } from '../../core/contract/commands.ts';
import { Button } from '../components/button.tsx';
import { Empty } from '../components/empty.tsx';
import { Field } from '../components/field.tsx';
import { grouped } from '../components/hex.ts';
import { TickIcon } from '../components/icons.tsx';
import panel from '../components/panel.module.css';
import { Rows } from '../components/rows.tsx';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { call } from '../store/rpc.ts';
import { useAsked } from '../store/told.ts';

/** Rows that somebody else can verify without the rest: an auditor's slice. */
export function LedgerExport({ info }: { info: AppInfo }) {
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [out, setOut] = useState('');
  const { busy, outcome, ask } = useAsked<CommandOutput<'ledger.export'>>();
  if (!info.checkpoint) return <Empty>{say('export.none')}</Empty>;
  const row = (text: string) => (/^\d{1,15}$/.test(text.trim()) ? Number(text) : undefined);
  const wrong = [from, to].some((text) => text.trim() !== '' && row(text) === undefined);
  const [first, last] = [row(from), row(to)];
  const range = { ...(first === undefined ? {} : { from: first }), ...(last === undefined ? {} : { to: last }) };
  return (
    <div className={panel['panel']}>
      <p className={panel['soft']}>{say('export.lead', { signed: info.checkpoint.size })}</p>
      <div className={panel['form']}>
        <div className={panel['two']}>
          <Field label={say('export.from')} hint={say('export.fromHint')} value={from} onChange={setFrom} mono />
          <Field label={say('export.to')} hint={say('export.toHint')} value={to} onChange={setTo} mono />
        </div>
        <Field label={say('export.out')} hint={say('export.outHint')} value={out} onChange={setOut} mono />
      </div>
      {outcome?.ok && (
        <section aria-label={say('export.written')} className={panel['good']}>
          <p className={panel['verdict']} role="status">
            <TickIcon /> {say('export.rows', { from: outcome.value.from, to: outcome.value.to })}
          </p>
          <Rows
            rows={[
              { label: say('fact.file'), value: outcome.value.path, mono: true },
              { label: say('fact.sha256'), value: grouped(outcome.value.sha256), mono: true },
            ]}
          />
        </section>
      )}
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <div>
        <Button
          look="primary"
          isDisabled={busy || wrong || out.trim() === ''}
          onPress={() => void ask(() => call('ledger.export', { ...range, out: out.trim() }))}
        >
          {say('export.do')}
        </Button>
      </div>
    </div>
  );
}
