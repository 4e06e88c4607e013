import { Suspense, lazy, useEffect } from 'react';
import { Button } from '../components/button.tsx';
import { Frame } from '../components/frame.tsx';
import { Header } from '../components/header.tsx';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { refreshInfo } from '../store/acts.ts';
import { type Place, useWindow } from '../store/store.ts';
import { Start } from './start.tsx';
import styles from './app.module.css';

// What the first view does not need comes when somebody goes there, and a ceremony's steps when the first view stands and has nothing to do.
const BundlesView = lazy(async () => ({ default: (await import('./bundles-view.tsx')).BundlesView }));
const CustodyView = lazy(async () => ({ default: (await import('./custody-view.tsx')).CustodyView }));
const InventoryView = lazy(async () => ({ default: (await import('./inventory-view.tsx')).InventoryView }));
const LedgerView = lazy(async () => ({ default: (await import('./ledger-view.tsx')).LedgerView }));
const ReportsView = lazy(async () => ({ default: (await import('./reports-view.tsx')).ReportsView }));
const SettingsView = lazy(async () => ({ default: (await import('./settings-view.tsx')).SettingsView }));
const TokensView = lazy(async () => ({ default: (await import('./tokens-view.tsx')).TokensView }));
const VaultView = lazy(async () => ({ default: (await import('../vault/vault-view.tsx')).VaultView }));
const ceremony = () => import('./ceremony.tsx');
const summary = () => import('./summary.tsx');
const Ceremony = lazy(async () => ({ default: (await ceremony()).Ceremony }));
const Summary = lazy(async () => ({ default: (await summary()).Summary }));

/** It need not wait longer for that than this (milliseconds). */
const IDLE_MS = 2000;

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

  const stands = info !== null;
  useEffect(() => {
    if (!stands) return;
    const idle = requestIdleCallback(() => void Promise.all([ceremony(), summary()]), { timeout: IDLE_MS });
    return () => {
      cancelIdleCallback(idle);
    };
  }, [stands]);

  return <Suspense fallback={<Waiting />}>{shown()}</Suspense>;

  function shown() {
    if (view?.current) return <Ceremony key={view.id} view={view} step={view.current} />;
    if (view) return <Summary key={view.id} view={view} />;
    if (!info) return <Waiting />;
    const Shown = PLACES[place];
    return <Shown info={info} />;
  }
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
