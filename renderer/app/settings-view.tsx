import { useState } from 'react';
import type { AppInfo, PrintedTest, PrinterView } from '../../core/contract/commands.ts';
import type { Outcome } from '../../core/contract/errors.ts';
import type { Policy } from '../../core/contract/policy.ts';
import { LOCALES, LOCALE_NAMES } from '../../core/contract/messages/locale.ts';
import { PAPERS, type Settings } from '../../core/contract/settings.ts';
import { Button } from '../components/button.tsx';
import { Choice } from '../components/choice.tsx';
import { Empty } from '../components/empty.tsx';
import panel from '../components/panel.module.css';
import { Pick } from '../components/pick.tsx';
import { Rows } from '../components/rows.tsx';
import table from '../components/table.module.css';
import { Tabs } from '../components/tabs.tsx';
import { Trouble } from '../components/trouble.tsx';
import { View } from '../components/view.tsx';
import { here, say } from '../messages/say.ts';
import { wear } from '../store/acts.ts';
import { call } from '../store/rpc.ts';
import { useWindow } from '../store/store.ts';
import { cameraList, policyRead, printerList, settingsRead, useAsked, useTold } from '../store/told.ts';

type SaveProps = { changed: Partial<Settings> };

/** Keeps what was chosen; the window takes it at once, and whenever it opens. */
function Save({ changed }: SaveProps) {
  const { busy, outcome, ask } = useAsked<Settings>();
  return (
    <div className={panel['panel']}>
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <div className={panel['buttons']}>
        <Button
          look="primary"
          isDisabled={busy}
          onPress={() =>
            void ask(async () => {
              const saved = await call('settings.write', changed);
              if (saved.ok) wear(saved.value);
              return saved;
            })
          }
        >
          {say('settings.save')}
        </Button>
        <p role="status" className={panel['soft']}>
          {outcome?.ok && say('settings.saved')}
        </p>
      </div>
    </div>
  );
}

function Look() {
  const settings = useWindow((state) => state.settings);
  const [locale, setLocale] = useState(settings.locale);
  const [theme, setTheme] = useState(settings.theme);
  const [size, setSize] = useState(settings.size);
  return (
    <div className={panel['form']}>
      <p className={panel['soft']}>{say('settings.lookLead')}</p>
      <Choice
        label={say('settings.locale')}
        value={locale}
        onChange={setLocale}
        options={LOCALES.map((id) => ({ id, text: LOCALE_NAMES[id] }))}
      />
      <Choice
        label={say('settings.theme')}
        value={theme}
        onChange={setTheme}
        options={[
          { id: 'light', text: say('settings.light') },
          { id: 'dark', text: say('settings.dark') },
        ]}
      />
      <Choice
        label={say('settings.size')}
        value={size}
        onChange={setSize}
        options={[
          { id: 'desk', text: say('settings.desk') },
          { id: 'projector', text: say('settings.projector') },
        ]}
      />
      <Save changed={{ locale, theme, size }} />
    </div>
  );
}

function TestPage({ printer, paper }: { printer: string; paper: Settings['paper'] }) {
  const { busy, outcome, ask } = useAsked<PrintedTest>();
  return (
    <>
      <div>
        <Button isDisabled={busy} onPress={() => void ask(() => call('printer.test', { printer, paper, ...here() }))}>
          {say('settings.test', { printer })}
        </Button>
      </div>
      {busy && <p role="status">{say('settings.testing')}</p>}
      {outcome?.ok && (
        <div role="status">
          <Rows
            rows={[
              { label: say('settings.job'), value: outcome.value.job, mono: true },
              { label: say('settings.text'), value: outcome.value.text, mono: true },
              {
                label: say('settings.spool'),
                value:
                  outcome.value.searched === null
                    ? say('settings.notLooked', { path: outcome.value.spool })
                    : say('settings.purged', { count: outcome.value.searched, path: outcome.value.spool }),
              },
            ]}
          />
        </div>
      )}
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
    </>
  );
}

function stateOf({ state, accepting }: PrinterView): string {
  return say(accepting ? `settings.printer.${state}` : 'settings.printer.refusing');
}

function Paper() {
  const settings = useWindow((state) => state.settings);
  const told = useTold(printerList);
  const [paper, setPaper] = useState(settings.paper);
  const [chosen, setChosen] = useState(settings.printer ?? '');
  const printers = told?.ok ? told.value.printers : [];
  const there = printers.find(({ name }) => name === chosen);
  const gone = chosen !== '' && told !== null && !there;
  return (
    <div className={panel['form']}>
      <p className={panel['soft']}>{say('settings.paperLead')}</p>
      <Choice
        label={say('settings.paper')}
        value={paper}
        onChange={setPaper}
        options={PAPERS.map((id) => ({ id, text: id }))}
      />
      {told?.ok && printers.length === 0 && <Empty>{say('settings.noPrinters')}</Empty>}
      <Trouble error={told?.ok === false ? told.error : null} />
      {(printers.length > 0 || gone) && (
        <Pick
          label={say('settings.printer')}
          value={chosen}
          onChange={setChosen}
          options={[
            { id: '', text: say('settings.noPrinter') },
            ...(gone ? [{ id: chosen, text: chosen, detail: say('settings.gone') }] : []),
            ...printers.map((printer) => ({ id: printer.name, text: printer.name, detail: stateOf(printer) })),
          ]}
        />
      )}
      {there && <TestPage key={there.name} printer={there.name} paper={paper} />}
      <Save changed={{ paper, printer: chosen === '' ? null : chosen }} />
    </div>
  );
}

function Camera() {
  const settings = useWindow((state) => state.settings);
  const told = useTold(cameraList);
  const [chosen, setChosen] = useState(settings.camera ?? '');
  if (told === null) return null;
  if (!told.ok) return <Trouble error={told.error} />;
  const { cameras } = told.value;
  const names = chosen === '' || cameras.includes(chosen) ? cameras : [chosen, ...cameras];
  if (names.length === 0) return <Empty>{say('settings.noCameras')}</Empty>;
  return (
    <div className={panel['form']}>
      <p className={panel['soft']}>{say('settings.cameraLead')}</p>
      <Pick
        label={say('settings.camera')}
        value={chosen}
        onChange={setChosen}
        options={[
          { id: '', text: say('settings.anyCamera') },
          ...names.map((name) => ({
            id: name,
            text: name,
            detail: cameras.includes(name) ? undefined : say('settings.gone'),
          })),
        ]}
      />
      <Save changed={{ camera: chosen === '' ? null : chosen }} />
    </div>
  );
}

function Asked({ policy }: { policy: Policy }) {
  const { rehearsalYears, rotationYears, noticeDays, scripts } = policy;
  return (
    <>
      <p className={panel['soft']}>{say('policy.lead')}</p>
      <Rows
        rows={[
          { label: say('policy.rehearsal'), value: say('policy.years', { years: rehearsalYears }) },
          { label: say('policy.rotation'), value: say('policy.years', { years: rotationYears }) },
          { label: say('policy.noticeRehearsal'), value: say('policy.days', { days: noticeDays.attestation }) },
          { label: say('policy.noticeList'), value: say('policy.days', { days: noticeDays['revocation list'] }) },
          { label: say('policy.noticeRotation'), value: say('policy.days', { days: noticeDays.rotation }) },
          { label: say('policy.noticeCertificate'), value: say('policy.days', { days: noticeDays.certificate }) },
        ]}
      />
      <table className={table['table']}>
        <thead>
          <tr>
            <th scope="col">{say('policy.script')}</th>
            <th scope="col">{say('policy.shares')}</th>
            <th scope="col">{say('policy.passphrase')}</th>
            <th scope="col">{say('policy.live')}</th>
            <th scope="col">{say('policy.profile')}</th>
          </tr>
        </thead>
        <tbody>
          {scripts.map(({ title, threshold, shareCount, passphraseMinimum, softwareToken, fips }) => (
            <tr key={title}>
              <th scope="row">{title}</th>
              <td>{say('policy.of', { threshold, count: shareCount })}</td>
              <td>{say('policy.characters', { count: passphraseMinimum })}</td>
              <td>{say(softwareToken ? 'policy.software' : 'policy.hardware')}</td>
              <td>{fips ? 'FIPS' : '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function PolicyShown({ told }: { told: Outcome<Policy> | null }) {
  if (told === null) return null;
  return told.ok ? <Asked policy={told.value} /> : <Trouble error={told.error} />;
}

/** What this store remembers of its room; what ceremonies must keep to is shown, and is changed in their scripts. */
export function SettingsView({ info }: { info: AppInfo }) {
  const policy = useTold(policyRead);
  const read = useTold(settingsRead);
  return (
    <View info={info} title={say('settings.title')} lead={say('settings.lead')} told={read}>
      <Tabs
        label={say('settings.tabs')}
        tabs={[
          { id: 'look', title: say('settings.look'), content: <Look /> },
          { id: 'paper', title: say('settings.printing'), content: <Paper /> },
          { id: 'camera', title: say('settings.camera'), content: <Camera /> },
          { id: 'policy', title: say('settings.policy'), content: <PolicyShown told={policy} /> },
        ]}
      />
    </View>
  );
}
