import { useState } from 'react';
import type { PrintedScript, ShippedScript } from '../../core/contract/commands.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import panel from '../components/panel.module.css';
import { Trouble } from '../components/trouble.tsx';
import { here, say } from '../messages/say.ts';
import { call } from '../store/rpc.ts';
import { useWindow } from '../store/store.ts';
import { useAsked } from '../store/told.ts';

/** The script on paper, for the review before the day and the initials on it. */
export function PaperScript({ script }: { script: ShippedScript }) {
  const paper = useWindow((state) => state.settings.paper);
  const [out, setOut] = useState(script.suggestedPaper);
  const { busy, outcome, ask } = useAsked<PrintedScript>();
  return (
    <section aria-labelledby="paper" className={panel['panel']}>
      <h2 id="paper">{say('start.onPaper')}</h2>
      <p className={panel['soft']}>{say('start.onPaperLead')}</p>
      <Field label={say('start.paperFile')} value={out} onChange={setOut} mono />
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <p role="status" className={panel['soft']}>
        {outcome?.ok && say('start.paperWritten', { path: outcome.value.path, pages: outcome.value.pages })}
      </p>
      <div>
        <Button
          isDisabled={busy || out.trim() === ''}
          onPress={() =>
            void ask(() => call('ceremony.script', { script: script.path, out: out.trim(), paper, ...here() }))
          }
        >
          {say('start.writePaper')}
        </Button>
      </div>
    </section>
  );
}
