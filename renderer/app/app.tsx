import { useEffect } from 'react';
import { Frame } from '../components/frame.tsx';
import { Header } from '../components/header.tsx';
import { say } from '../messages/say.ts';
import { useWindow } from '../store/store.ts';
import { Ceremony } from './ceremony.tsx';
import { CustodyView } from './custody-view.tsx';
import { InventoryView } from './inventory-view.tsx';
import { Start } from './start.tsx';
import { Summary } from './summary.tsx';

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
  if (info && place === 'inventory') return <InventoryView info={info} />;
  if (info && place === 'custody') return <CustodyView info={info} />;
  if (info) return <Start info={info} />;
  return (
    <Frame header={<Header title={say('app.name')} detail="" mode={null} />}>
      <p role="status">{say('app.loading')}</p>
    </Frame>
  );
}
