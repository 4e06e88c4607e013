import { useCallback, useState } from 'react';
import type { AppInfo } from '../../core/contract/commands.ts';
import type { ErrorValue, Outcome } from '../../core/contract/errors.ts';
import { ENVIRONMENTS, type Environment, type SecretIdentity, type SecretView } from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import { Empty } from '../components/empty.tsx';
import { Field } from '../components/field.tsx';
import { Pick } from '../components/pick.tsx';
import { Trouble } from '../components/trouble.tsx';
import { say } from '../messages/say.ts';
import { useTold } from '../store/told.ts';
import { ExportNamespace } from './export-namespace.tsx';
import { ImportNamespace } from './import-namespace.tsx';
import { identityOf } from './place.ts';
import { Secret } from './secret.tsx';
import { SecretTable } from './secret-table.tsx';
import styles from './secrets.module.css';
import { StoreSecret } from './store-secret.tsx';
import { type Who, look } from './told.ts';

/** Secrets that are shown at first, and that come with each "more". */
const PAGE = 50;

type Filter = { owner: string; environment: Environment | ''; tag: string };
type Page = { secrets: SecretView[]; more: boolean };

/** The pages so far, each from where the one before ended. What is asked for anew begins at the first again. */
function useSecrets({ owner, environment, tag }: Filter): {
  told: Outcome<Page> | null;
  next: () => Promise<ErrorValue | null>;
} {
  const asked = useCallback(
    (after: SecretIdentity | null) =>
      look('vault.list', {
        ...(owner.trim() === '' ? {} : { owner: owner.trim() }),
        ...(environment === '' ? {} : { environment }),
        ...(tag.trim() === '' ? {} : { tag: tag.trim() }),
        ...(after ? { after } : {}),
        limit: PAGE,
      }),
    [owner, environment, tag],
  );
  const first = useTold(useCallback(() => asked(null), [asked]));
  const [later, setLater] = useState<(Page & { than: Page }) | null>(null);
  if (!first?.ok) return { told: first, next: () => Promise.resolve(null) };
  const than = first.value;
  const further = later?.than === than ? later : { secrets: [], more: than.more };
  const secrets = [...than.secrets, ...further.secrets];
  const next = async () => {
    const last = secrets.at(-1);
    const outcome = await asked(last ? identityOf(last) : null);
    if (!outcome.ok) return outcome.error;
    setLater({ than, secrets: [...further.secrets, ...outcome.value.secrets], more: outcome.value.more });
    return null;
  };
  return { told: { ok: true, value: { secrets, more: further.more } }, next };
}

function Filters({ filter, onFilter }: { filter: Filter; onFilter: (filter: Filter) => void }) {
  return (
    <section aria-label={say('vault.filter')} className={styles['filters']}>
      <Field
        label={say('vault.owner')}
        value={filter.owner}
        onChange={(owner) => {
          onFilter({ ...filter, owner });
        }}
        maxLength={63}
      />
      <Pick
        label={say('vault.environment')}
        value={filter.environment}
        onChange={(environment) => {
          onFilter({ ...filter, environment: environment as Environment | '' });
        }}
        options={[
          { id: '', text: say('vault.anyEnvironment') },
          ...ENVIRONMENTS.map((id) => ({ id, text: say(`vault.environment.${id}`) })),
        ]}
      />
      <Field
        label={say('vault.tag')}
        value={filter.tag}
        onChange={(tag) => {
          onFilter({ ...filter, tag });
        }}
        maxLength={64}
      />
    </section>
  );
}

type ListProps = {
  filter: Filter;
  onFilter: (filter: Filter) => void;
  onOpen: (secret: SecretView) => void;
  onDo: (what: 'store' | 'export' | 'import') => void;
};

function List({ filter, onFilter, onOpen, onDo }: ListProps) {
  const { told, next } = useSecrets(filter);
  const [error, setError] = useState<ErrorValue | null>(null);
  const page = told?.ok ? told.value : null;
  const filtered = Object.values(filter).some((value) => value.trim() !== '');
  return (
    <>
      <div className={styles['head']}>
        <Filters filter={filter} onFilter={onFilter} />
        <Button
          look="primary"
          onPress={() => {
            onDo('store');
          }}
        >
          {say('vault.store')}
        </Button>
      </div>
      <Trouble error={told?.ok === false ? told.error : error} />
      <div className={styles['line']}>
        <p role="status">
          {page && say(page.more ? 'vault.shownMore' : 'vault.shown', { count: page.secrets.length })}
        </p>
        {(['export', 'import'] as const).map((what) => (
          <Button
            key={what}
            onPress={() => {
              onDo(what);
            }}
          >
            {say(`carry.${what}`)}
          </Button>
        ))}
      </div>
      {page && page.secrets.length > 0 && <SecretTable secrets={page.secrets} onOpen={onOpen} />}
      {page?.secrets.length === 0 && <Empty>{say(filtered ? 'vault.noneFit' : 'vault.noSecrets')}</Empty>}
      {page?.more && (
        <div>
          <Button onPress={() => void next().then(setError)}>{say('vault.more')}</Button>
        </div>
      )}
    </>
  );
}

/** Secrets that the caller has a right on, by owner and environment; one of them; a new one; those of an owner, carried. */
export function Secrets({ info, who }: { info: AppInfo; who: Who }) {
  const [filter, setFilter] = useState<Filter>({ owner: '', environment: '', tag: '' });
  const [open, setOpen] = useState<SecretIdentity | 'store' | 'export' | 'import' | null>(null);
  const close = useCallback(() => {
    setOpen(null);
  }, []);
  if (open === 'store') return <StoreSecret who={who} onClose={close} onStored={setOpen} />;
  if (open === 'export') {
    const { owner, environment } = filter;
    return <ExportNamespace who={who} owner={owner.trim()} environment={environment} onClose={close} />;
  }
  if (open === 'import') return <ImportNamespace onClose={close} />;
  if (open) return <Secret info={info} who={who} identity={open} onClose={close} />;
  return (
    <List
      filter={filter}
      onFilter={setFilter}
      onOpen={(secret) => {
        setOpen(identityOf(secret));
      }}
      onDo={setOpen}
    />
  );
}
