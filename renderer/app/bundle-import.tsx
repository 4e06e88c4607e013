import { useEffect, useRef, useState } from 'react';
import type { ImportedBundle } from '../../core/contract/commands.ts';
import { Button } from '../components/button.tsx';
import { EnterHint } from '../components/enter-hint.tsx';
import { Facts } from '../components/facts.tsx';
import { Field } from '../components/field.tsx';
import { TickIcon, WarningIcon } from '../components/icons.tsx';
import panel from '../components/panel.module.css';
import { Rows } from '../components/rows.tsx';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { call } from '../store/rpc.ts';
import { useAsked } from '../store/told.ts';

function Imported({ imported }: { imported: ImportedBundle }) {
  const { sequence, issuer, recipient, expires, rootSha256, rootWords, trust, written } = imported;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
  }, []);
  return (
    <section aria-label={say('import.result')} className={panel['good']}>
      <h2 ref={heading} tabIndex={-1} className={panel['verdict']}>
        <TickIcon /> {say('import.done', { sequence })}
      </h2>
      {trust === 'first' && (
        <p className={panel['warning']}>
          <WarningIcon /> {say('import.first')}
        </p>
      )}
      <Facts facts={[{ kind: 'words', label: say('import.root'), words: rootWords, hex: rootSha256.slice(0, 32) }]} />
      <Rows
        rows={[
          { label: say('bundles.issuer'), value: issuer },
          { label: say('bundles.recipient'), value: recipient },
          { label: say('import.expires'), value: expires.slice(0, 10) },
          { label: say('import.trust'), value: say(`bundles.trust.${trust}`) },
        ]}
      />
      <Facts facts={written.map(({ path, sha256 }) => ({ kind: 'file', path, sha256 }))} />
    </section>
  );
}

/** A bundle that came in: verified whole, then written to a folder, and recorded. */
export function BundleImport() {
  const [bundle, setBundle] = useState('');
  const [key, setKey] = useState('');
  const [root, setRoot] = useState('');
  const [directory, setDirectory] = useState('');
  const { busy, outcome, ask, forget } = useAsked<ImportedBundle>();
  const missing = [bundle, key, directory].some((path) => path.trim() === '');
  const given = root.trim() === '' ? {} : { root: root.trim() };
  const input = { bundle: bundle.trim(), key: key.trim(), directory: directory.trim(), ...given, record: true };
  if (outcome?.ok) {
    return (
      <div className={panel['panel']}>
        <Imported imported={outcome.value} />
        <div>
          <Button onPress={forget}>{say('import.another')}</Button>
        </div>
      </div>
    );
  }
  return (
    <div className={panel['panel']}>
      <p className={panel['soft']}>{say('import.lead')}</p>
      <div className={panel['form']}>
        <Field label={say('import.bundle')} value={bundle} onChange={setBundle} mono />
        <Field label={say('import.key')} hint={say('import.keyHint')} value={key} onChange={setKey} mono />
        <Field label={say('import.rootFile')} hint={say('import.rootHint')} value={root} onChange={setRoot} mono />
        <Field label={say('import.to')} hint={say('import.toHint')} value={directory} onChange={setDirectory} mono />
      </div>
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <div className={panel['buttons']}>
        <Button
          look="primary"
          isDeliberate
          isDisabled={busy || missing}
          onPress={() => void ask(() => call('bundle.import', input))}
        >
          {say('import.do')}
        </Button>
        <EnterHint />
      </div>
    </div>
  );
}
