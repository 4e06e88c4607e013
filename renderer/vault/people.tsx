import type { PrincipalView } from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import table from '../components/table.module.css';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useAsked, useTold } from '../store/told.ts';
import { act, vaultPrincipals } from './told.ts';

function standingOf({ disabled, locked }: PrincipalView): { says: string; standing: 'good' | 'bad' | undefined } {
  if (disabled) return { says: say('vault.disabled'), standing: undefined };
  return locked
    ? { says: say('vault.lockedOut'), standing: 'bad' }
    : { says: say('vault.mayComeIn'), standing: 'good' };
}

/** Everybody whom the vault knows, and who is locked after failures. */
export function People() {
  const told = useTold(vaultPrincipals);
  const { busy, outcome, ask } = useAsked<unknown>();
  if (told === null) return null;
  if (!told.ok) return <Trouble error={told.error} />;
  return (
    <section>
      <h2>{say('vault.people')}</h2>
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <table className={`${table['table'] ?? ''} ${table['stacked'] ?? ''}`}>
        <thead>
          <tr>
            <th scope="col">{say('vault.name')}</th>
            <th scope="col">{say('vault.kind')}</th>
            <th scope="col">{say('vault.since')}</th>
            <th scope="col">{say('vault.state')}</th>
            <th scope="col" className={table['end']}>
              {say('vault.change')}
            </th>
          </tr>
        </thead>
        <tbody>
          {told.value.principals.map((one) => {
            const { says, standing } = standingOf(one);
            return (
              <tr key={one.id}>
                <th scope="row">{one.name}</th>
                <td data-label={say('vault.kind')}>
                  {say(one.system ? 'vault.kind.system' : `vault.kind.${one.kind}`)}
                </td>
                <td data-label={say('vault.since')} className={table['time']}>
                  {one.createdAt.slice(0, 10)}
                </td>
                <td data-label={say('vault.state')} data-standing={standing}>
                  {says}
                </td>
                <td className={table['end']}>
                  {one.locked && (
                    <Button
                      isDisabled={busy}
                      aria-label={say('vault.unblockOf', { name: one.name })}
                      onPress={() => void ask(() => act('vault.unblock', { name: one.name }))}
                    >
                      {say('vault.unblock')}
                    </Button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
