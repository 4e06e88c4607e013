import './no-evaluation.ts';
import { useState } from 'react';
import type { AppInfo } from '../../core/contract/commands.ts';
import { View } from '../components/view.tsx';
import { say } from '../messages/say.ts';
import { useTold } from '../store/told.ts';
import { Login } from './login.tsx';
import { MakeVault } from './make-vault.tsx';
import { OpenVault } from './open-vault.tsx';
import { LockedVault } from './shut-vault.tsx';
import { type Standing, vaultStanding } from './told.ts';

function Shown({ info, standing: { status, who, over } }: { info: AppInfo; standing: Standing }) {
  const [isMaking, setMaking] = useState(false);
  if (status.state === 'none' || isMaking) return <MakeVault info={info} isMaking={isMaking} onMaking={setMaking} />;
  if (status.state === 'locked') return <LockedVault status={status} />;
  return who ? <OpenVault key={who.name} info={info} status={status} who={who} /> : <Login over={over} />;
}

/** Secrets under policy: who may, what waits, and how the vault is. No value of a secret is ever shown here. */
export function VaultView({ info }: { info: AppInfo }) {
  const told = useTold(vaultStanding);
  const standing = told?.ok ? told.value : null;
  return (
    <View
      info={info}
      title={say('vault.title')}
      lead={say('vault.lead')}
      told={told}
      mode={standing?.status.mode ?? null}
    >
      {standing && <Shown info={info} standing={standing} />}
    </View>
  );
}
