import { say } from '../messages/say.ts';
import { inventory, useTold } from '../store/told.ts';
import { ReportFrame } from './report-frame.tsx';
import { ReportTable } from './report-table.tsx';

/** Every key with its algorithm, those of the vault too. */
export function ReportKeys() {
  const told = useTold(inventory);
  const lines = told?.ok
    ? [
        ...told.value.keys.map(({ label, algorithm, purpose, token, madeAt, destroyedAt }) => ({
          ...{ label, algorithm, token, madeAt, purpose: say(`inventory.purpose.${purpose}`) },
          standing:
            destroyedAt === null
              ? say('inventory.inToken')
              : say('inventory.destroyed', { at: destroyedAt.slice(0, 10) }),
        })),
        ...told.value.vaultKeys.map(({ key, provider, state, at }) => ({
          ...{
            label: key,
            algorithm: 'AES-256-GCM',
            token: provider,
            madeAt: at,
            purpose: say('inventory.purpose.vault-kek'),
          },
          standing: say('inventory.vaultKey', { state }),
        })),
      ]
    : [];
  return (
    <ReportFrame of="report.inventory" told={told} source={told?.ok ? told.value.source : null}>
      {told?.ok && (
        <ReportTable
          lines={lines}
          none={say('inventory.none')}
          columns={[
            { title: say('inventory.name') },
            { title: say('inventory.algorithm') },
            { title: say('inventory.purpose') },
            { title: say('inventory.token') },
            { title: say('inventory.made'), look: 'time' },
            { title: say('inventory.standing') },
          ]}
          cells={({ label, algorithm, purpose, token, madeAt, standing }) => [
            label,
            algorithm,
            purpose,
            token,
            madeAt.slice(0, 10),
            standing,
          ]}
        />
      )}
    </ReportFrame>
  );
}
