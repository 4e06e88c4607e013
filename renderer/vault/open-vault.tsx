import type { AppInfo } from '../../core/contract/commands.ts';
import type { VaultStatus } from '../../core/contract/vault-commands.ts';
import { Button } from '../components/button.tsx';
import { OpenLockIcon } from '../components/icons.tsx';
import { Tabs } from '../components/tabs.tsx';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useAsked } from '../store/told.ts';
import { Approvals } from './approvals.tsx';
import { Emergency } from './emergency.tsx';
import { Grants } from './grants.tsx';
import { Keys } from './keys.tsx';
import { LiveEmergency } from './live-emergency.tsx';
import { Overview } from './overview.tsx';
import { People } from './people.tsx';
import { Policy } from './policy.tsx';
import { Secrets } from './secrets.tsx';
import { Strip } from './strip.tsx';
import styles from './strip.module.css';
import { type Who, act } from './told.ts';

/** An open vault as one person sees it; each part of it is a tab, and what is told of its state a section of the first. */
export function OpenVault({ info, status, who }: { info: AppInfo; status: VaultStatus; who: Who }) {
  const { busy, outcome, ask } = useAsked<unknown>();
  const person = (
    <p>
      <b>{who.name}</b>
      <span className={styles['soft']}>{say(who.administers ? 'vault.administers' : 'vault.loggedIn')}</span>
    </p>
  );
  return (
    <div className={styles['open']}>
      <Strip icon={<OpenLockIcon />} state={say('vault.open')} status={status} who={person}>
        <Button isDisabled={busy} onPress={() => void ask(() => act('vault.logout', {}))}>
          {say('vault.logout')}
        </Button>
        {who.administers && (
          <Button isDisabled={busy} onPress={() => void ask(() => act('vault.lock', {}))}>
            {say('vault.lock')}
          </Button>
        )}
      </Strip>
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <LiveEmergency who={who} />
      <Tabs
        label={say('vault.tabs')}
        tabs={[
          { id: 'overview', title: say('vault.overview'), content: <Overview who={who} /> },
          { id: 'secrets', title: say('vault.secrets'), content: <Secrets info={info} who={who} /> },
          { id: 'approvals', title: say('vault.approvals'), content: <Approvals who={who} /> },
          { id: 'grants', title: say('vault.grants'), content: <Grants who={who} /> },
          ...(who.administers ? [{ id: 'people', title: say('people.tab'), content: <People who={who} /> }] : []),
          { id: 'policy', title: say('vault.policy'), content: <Policy who={who} /> },
          { id: 'keys', title: say('keys.title'), content: <Keys who={who} status={status} /> },
          { id: 'emergency', title: say('glass.title'), content: <Emergency who={who} /> },
        ]}
      />
    </div>
  );
}
