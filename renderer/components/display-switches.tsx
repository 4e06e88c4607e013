import type { ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { LOCALE_NAMES } from '../../core/contract/messages/locale.ts';
import { say } from '../messages/say.ts';
import { useWindow } from '../store/store.ts';
import styles from './display-switches.module.css';
import { MoonIcon, ProjectorIcon } from './icons.tsx';

type SwitchProps = { label: string; on: boolean; onChange: (on: boolean) => void; children: ReactNode };

function Switch({ label, on, onChange, children }: SwitchProps) {
  return (
    <ToggleButton aria-label={label} className={styles['switch'] ?? ''} isSelected={on} onChange={onChange}>
      {children}
    </ToggleButton>
  );
}

/** Takes the window into the other language; it is named in that language. */
function LocaleSwitch() {
  const locale = useWindow((state) => state.locale);
  const other = locale === 'en' ? 'de' : 'en';
  const short = other.toUpperCase();
  return (
    <Button
      aria-label={`${short} ${LOCALE_NAMES[other]}`}
      lang={other}
      className={styles['switch'] ?? ''}
      onPress={() => {
        useWindow.setState({ locale: other });
      }}
    >
      <span className={styles['locale']}>{short}</span>
    </Button>
  );
}

/** Dark, projector and the language, for the room. They last as long as the window. */
export function DisplaySwitches() {
  const theme = useWindow((state) => state.theme);
  const size = useWindow((state) => state.size);
  return (
    <div role="group" aria-label={say('header.display')} className={styles['group']}>
      <Switch
        label={say('header.dark')}
        on={theme === 'dark'}
        onChange={(on) => {
          useWindow.setState({ theme: on ? 'dark' : 'light' });
        }}
      >
        <MoonIcon />
      </Switch>
      <Switch
        label={say('header.projector')}
        on={size === 'projector'}
        onChange={(on) => {
          useWindow.setState({ size: on ? 'projector' : 'desk' });
        }}
      >
        <ProjectorIcon />
      </Switch>
      <LocaleSwitch />
    </div>
  );
}
