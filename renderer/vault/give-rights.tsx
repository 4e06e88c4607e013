import { useState } from 'react';
import { ENVIRONMENTS, RIGHTS, type Right, type Scope, scopeSchema } from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import panel from '../components/panel.module.css';
import { Pick } from '../components/pick.tsx';
import { Several } from '../components/several.tsx';
import { Trouble } from '../components/trouble.tsx';
import { useHeading } from '../components/use-heading.ts';
import { say } from '../messages/say.ts';
import { useAsked, useTold } from '../store/told.ts';
import { type Who, act, look } from './told.ts';

const EVERYTHING = { owner: '*', environment: '*', name: '*' } as const;

/** Everybody, for whoever administers the vault; nobody else is asked for, since that would be refused and recorded. */
const nobody = () => Promise.resolve({ ok: true as const, value: { principals: [] } });
const everybody = () => look('vault.principals', {});

/** A day that is typed to its end, as the instant when it begins (UTC); null for none, undefined while it is no day. */
function endOf(text: string): string | null | undefined {
  if (text === '') return null;
  return /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : undefined;
}

/** Rights for somebody at one secret, at some, or at all. */
export function GiveRights({ who, onClose }: { who: Who; onClose: () => void }) {
  const heading = useHeading();
  const told = useTold(who.administers ? everybody : nobody);
  const principals = told?.ok ? told.value.principals : [];
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Scope>(EVERYTHING);
  const [rights, setRights] = useState<Right[]>([]);
  const [until, setUntil] = useState('');
  const { busy, outcome, ask } = useAsked<unknown>();
  const end = endOf(until.trim());
  const ready = name !== '' && rights.length > 0 && end !== undefined && scopeSchema.safeParse(scope).success;
  const grant = async () => {
    const given = await act('vault.grant', { name: name.trim(), scope, rights, expiresAt: end ?? null });
    if (given.ok) onClose();
    return given;
  };
  return (
    <article className={panel['panel']} aria-labelledby="grant">
      <header className={panel['head']}>
        <h2 id="grant" ref={heading} tabIndex={-1}>
          {say('vault.grantTitle')}
        </h2>
        <Button onPress={onClose}>{say('vault.backToGrants')}</Button>
      </header>
      <div className={panel['form']}>
        <div className={panel['two']}>
          {principals.length > 0 ? (
            <Pick
              label={say('vault.principal')}
              placeholder={say('vault.choose')}
              value={name}
              onChange={setName}
              options={principals
                .filter((one) => one.name !== who.name && !one.disabled)
                .map((one) => ({ id: one.name, text: one.name, detail: say(`vault.kind.${one.kind}`) }))}
            />
          ) : (
            <Field label={say('vault.principal')} value={name} onChange={setName} maxLength={63} mono />
          )}
          <Field label={say('vault.end')} hint={say('vault.endHint')} value={until} onChange={setUntil} mono />
        </div>
        <Several
          label={say('vault.rights')}
          options={RIGHTS.map((id) => ({ id, text: id, detail: say(`vault.right.${id}`) }))}
          value={rights}
          onChange={setRights}
        />
        <div className={panel['two']}>
          <Field
            label={say('vault.owner')}
            hint={say('vault.scopeOwnerHint')}
            value={scope.owner}
            onChange={(owner) => {
              setScope({ ...scope, owner: owner.trim() });
            }}
            maxLength={63}
            mono
          />
          <Pick
            label={say('vault.environment')}
            value={scope.environment}
            onChange={(environment) => {
              setScope({ ...scope, environment: environment as Scope['environment'] });
            }}
            options={[
              { id: '*', text: say('vault.anyEnvironment') },
              ...ENVIRONMENTS.map((id) => ({ id, text: say(`vault.environment.${id}`) })),
            ]}
          />
        </div>
        <Field
          label={say('vault.secretName')}
          hint={say('vault.scopeNameHint')}
          value={scope.name}
          onChange={(text) => {
            setScope({ ...scope, name: text.trim() });
          }}
          maxLength={201}
          mono
        />
        <Trouble error={outcome?.ok === false ? outcome.error : null} />
        <div>
          <Button look="primary" isDisabled={busy || !ready} onPress={() => void ask(grant)}>
            {say('vault.grantDo')}
          </Button>
        </div>
      </div>
    </article>
  );
}
