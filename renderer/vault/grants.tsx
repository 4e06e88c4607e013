import { useState } from 'react';
import type { GrantView, Scope } from '../../core/contract/vault.ts';
import { ActDialog } from '../components/act-dialog.tsx';
import dialog from '../components/act-dialog.module.css';
import { Button } from '../components/button.tsx';
import { Empty } from '../components/empty.tsx';
import { EnterHint } from '../components/enter-hint.tsx';
import panel from '../components/panel.module.css';
import table from '../components/table.module.css';
import { timeOf } from '../components/time.ts';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useAsked, useTold } from '../store/told.ts';
import { GiveRights } from './give-rights.tsx';
import { placeOf } from './place.ts';
import styles from './grants.module.css';
import { type Who, act, vaultGrants } from './told.ts';

const isAll = (scope: Scope) => Object.values(scope).every((part) => part === '*');
const scopeOf = (scope: Scope) => (isAll(scope) ? say('vault.everything') : placeOf(scope));

function Revoke({ grant, close }: { grant: GrantView; close: () => void }) {
  const { busy, outcome, ask } = useAsked<unknown>();
  const { id, principal, scope, rights } = grant;
  return (
    <>
      <p className={dialog['lead']}>
        {say('vault.revokeLead', { principal, rights: rights.join(', '), scope: scopeOf(scope) })}
      </p>
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <EnterHint />
      <div className={dialog['buttons']}>
        <Button onPress={close}>{say('dialog.back')}</Button>
        <Button
          look="danger"
          isDeliberate
          isDisabled={busy}
          onPress={() => void ask(() => act('vault.revoke', { grant: id }))}
        >
          {say('vault.revokeDo')}
        </Button>
      </div>
    </>
  );
}

function Table({ grants, who }: { grants: GrantView[]; who: Who }) {
  return (
    <table className={`${table['table'] ?? ''} ${table['stacked'] ?? ''}`}>
      <thead>
        <tr>
          <th scope="col">{say('vault.principal')}</th>
          <th scope="col">{say('vault.rights')}</th>
          <th scope="col">{say('vault.scope')}</th>
          <th scope="col">{say('vault.until')}</th>
          <th scope="col">{say('vault.grantedBy')}</th>
          <th scope="col" className={table['end']}>
            {say('vault.change')}
          </th>
        </tr>
      </thead>
      <tbody>
        {grants.map((grant) => (
          <tr key={grant.id}>
            <th scope="row">{grant.principal}</th>
            <td data-label={say('vault.rights')} className={table['small']}>
              {grant.rights.join(', ')}
            </td>
            <td data-label={say('vault.scope')} className={isAll(grant.scope) ? undefined : table['small']}>
              {scopeOf(grant.scope)}
            </td>
            <td data-label={say('vault.until')} className={grant.expiresAt === null ? undefined : table['time']}>
              {grant.expiresAt === null ? say('vault.noEnd') : timeOf(grant.expiresAt)}
            </td>
            <td data-label={say('vault.grantedBy')}>
              {grant.grantedBy}
              <span className={table['soft']}>{grant.createdAt.slice(0, 10)}</span>
            </td>
            <td className={`${table['end'] ?? ''} ${styles['act'] ?? ''}`}>
              {grant.principal !== who.name && (
                <ActDialog
                  look="quiet"
                  isAlert
                  open={say('vault.revoke')}
                  openLabel={say('vault.revokeOf', { principal: grant.principal, scope: scopeOf(grant.scope) })}
                  title={say('vault.revokeTitle')}
                >
                  {(close) => <Revoke grant={grant} close={close} />}
                </ActDialog>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Who may do what, and where. */
export function Grants({ who }: { who: Who }) {
  const told = useTold(vaultGrants);
  const [granting, setGranting] = useState(false);
  if (granting) {
    return (
      <GiveRights
        who={who}
        onClose={() => {
          setGranting(false);
        }}
      />
    );
  }
  return (
    <>
      <div className={panel['head']}>
        <p className={panel['soft']}>{say('vault.grantsLead')}</p>
        <Button
          look="primary"
          onPress={() => {
            setGranting(true);
          }}
        >
          {say('vault.grant')}
        </Button>
      </div>
      <Trouble error={told?.ok === false ? told.error : null} />
      {told?.ok && told.value.grants.length === 0 && <Empty>{say('vault.noGrants')}</Empty>}
      {told?.ok && told.value.grants.length > 0 && <Table grants={told.value.grants} who={who} />}
    </>
  );
}
