import { Suspense, lazy, useEffect } from 'react';
import { Button } from '../components/button.tsx';
import { Frame } from '../components/frame.tsx';
import { Header } from '../components/header.tsx';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { refreshInfo } from '../store/acts.ts';
import { type Place, useWindow } from '../store/store.ts';
import { BundlesView } from './bundles-view.tsx';
import { Ceremony } from './ceremony.tsx';
import { CustodyView } from './custody-view.tsx';
import { InventoryView } from './inventory-view.tsx';
import { LedgerView } from './ledger-view.tsx';
import { SettingsView } from './settings-view.tsx';
import { Start } from './start.tsx';
import { Summary } from './summary.tsx';
import { TokensView } from './tokens-view.tsx';
import styles from './app.module.css';

// What the first view does not need comes when somebody goes there.
const ReportsView = lazy(async () => ({ default: (await import('./reports-view.tsx')).ReportsView }));
const VaultView = lazy(async () => ({ default: (await import('../vault/vault-view.tsx')).VaultView }));

const PLACES = {
  start: Start,
  inventory: InventoryView,
  custody: CustodyView,
  ledger: LedgerView,
  reports: ReportsView,
  tokens: TokensView,
  vault: VaultView,
  bundles: BundlesView,
  settings: SettingsView,
} satisfies Record<Place, unknown>;

/** The start view, or the ceremony that is open: its step, or its summary when it is over. All of it is drawn anew when the language changes. */
export function App() {
  const { info, place, view, theme, size, locale } = useWindow();
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
    document.documentElement.dataset['size'] = size;
  }, [theme, size]);

  const title = view?.title;
  useEffect(() => {
    document.title = title ? `${title} · ${say('app.name')}` : say('app.name');
  }, [title, locale]);

  if (view?.current) return <Ceremony key={view.id} view={view} step={view.current} />;
  if (view) return <Summary key={view.id} view={view} />;
  if (info) {
    const Shown = PLACES[place];
    return (
      <Suspense fallback={<Waiting />}>
        <Shown info={info} />
      </Suspense>
    );
  }
  return <Waiting />;
}

/** Before core has answered, or a view is there. */
function Waiting() {
  const trouble = useWindow((state) => state.trouble);
  return (
    <Frame header={<Header title={say('app.name')} detail="" mode={null} />}>
      {trouble ? (
        <div className={styles['refused']}>
          <Trouble error={trouble.error} />
          <Button onPress={() => void refreshInfo()}>{say('gone.retry')}</Button>
        </div>
      ) : (
        <p role="status">{say('app.loading')}</p>
      )}
    </Frame>
  );
}
