import { useCallback, useState } from 'react';
import type { PrincipalView } from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import panel from '../components/panel.module.css';
import table from '../components/table.module.css';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useTold } from '../store/told.ts';
import { AddSomebody } from './add-somebody.tsx';
import { Person, missingOf, standingOf } from './person.tsx';
import { type Who, vaultPrincipals } from './told.ts';

/** What stands in somebody's way, or what they come in by. */
function comesInBy(one: PrincipalView): string {
  const missing = missingOf(one);
  if (missing !== null) return say(`people.missing.${missing}`);
  const { credentials, certificate, uid } = one;
  const others = [...(certificate === null ? [] : ['certificate' as const]), ...(uid === null ? [] : ['uid' as const])];
  return [...credentials, ...others].map((by) => say(`people.by.${by}`)).join(', ');
}

function Table({ principals, onOpen }: { principals: PrincipalView[]; onOpen: (name: string) => void }) {
  return (
    <table className={`${table['table'] ?? ''} ${table['stacked'] ?? ''}`}>
      <thead>
        <tr>
          <th scope="col">{say('vault.name')}</th>
          <th scope="col">{say('vault.kind')}</th>
          <th scope="col">{say('people.credentials')}</th>
          <th scope="col">{say('vault.state')}</th>
          <th scope="col">{say('vault.since')}</th>
        </tr>
      </thead>
      <tbody>
        {principals.map((one) => {
          const { says, standing } = standingOf(one);
          return (
            <tr key={one.id}>
              <th scope="row">
                <button
                  type="button"
                  className={table['link']}
                  aria-label={say('people.open', { name: one.name })}
                  onClick={() => {
                    onOpen(one.name);
                  }}
                >
                  {one.name}
                </button>
              </th>
              <td data-label={say('vault.kind')}>{say(one.system ? 'vault.kind.system' : `vault.kind.${one.kind}`)}</td>
              <td data-label={say('people.credentials')}>{one.disabled ? '–' : comesInBy(one)}</td>
              <td data-label={say('vault.state')} data-standing={standing}>
                {says}
              </td>
              <td data-label={say('vault.since')} className={table['time']}>
                {one.createdAt.slice(0, 10)}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Everybody whom the vault knows: who is missing something, who is locked, and one of them. */
export function People({ who }: { who: Who }) {
  const told = useTold(vaultPrincipals);
  const [adding, setAdding] = useState(false);
  const [open, setOpen] = useState<string | null>(null);
  const close = useCallback(() => {
    setAdding(false);
    setOpen(null);
  }, []);
  if (told === null) return null;
  if (!told.ok) return <Trouble error={told.error} />;
  const { principals } = told.value;
  if (adding && open === null) return <AddSomebody onAdded={setOpen} onClose={close} />;
  const person = principals.find(({ name }) => name === open);
  if (person) return <Person who={who} person={person} onClose={close} />;
  return (
    <>
      <div className={panel['head']}>
        <p className={panel['soft']}>{say('people.lead')}</p>
        <Button
          look="primary"
          onPress={() => {
            setAdding(true);
          }}
        >
          {say('people.add')}
        </Button>
      </div>
      <Table principals={principals} onOpen={setOpen} />
    </>
  );
}
