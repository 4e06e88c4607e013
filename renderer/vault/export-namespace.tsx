import { useState } from 'react';
import type { CommandOutput } from '../../core/contract/commands.ts';
import {
  APPROVALS,
  type ApprovalRequestView,
  ENVIRONMENTS,
  type Environment,
  ownerSchema,
} from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import { EnterHint } from '../components/enter-hint.tsx';
import { Field } from '../components/field.tsx';
import { grouped } from '../components/hex.ts';
import { TickIcon } from '../components/icons.tsx';
import panel from '../components/panel.module.css';
import { Pick } from '../components/pick.tsx';
import { Rows } from '../components/rows.tsx';
import { Several } from '../components/several.tsx';
import { Trouble } from '../components/trouble.tsx';
import { useHeading } from '../components/use-heading.ts';
import { say } from '../messages/say.ts';
import { useAsked, useTold } from '../store/told.ts';
import { placeOf } from './place.ts';
import { type Who, act, vaultRequests } from './told.ts';

/** `requests`: those that were ticked. */
type Wanted = {
  owner: string;
  environment: Environment | '';
  recipient: string;
  out: string;
  purpose: string;
  requests: string[];
};

type Props = { wanted: Wanted; onWanted: (wanted: Wanted) => void; approved: ApprovalRequestView[] };

/** What two people approved is for one purpose each: to tick one is to take its purpose, and the others' is not theirs. */
function Approved({ wanted, onWanted, approved }: Props) {
  if (approved.length === 0) return <p className={panel['soft']}>{say('carry.guarded')}</p>;
  const ticked = goingAlong(wanted, approved).map(({ id }) => id);
  return (
    <Several
      label={say('carry.approved')}
      value={ticked}
      onChange={(requests) => {
        const added = approved.find(({ id }) => requests.includes(id) && !ticked.includes(id));
        onWanted({ ...wanted, requests, purpose: added?.purpose ?? wanted.purpose });
      }}
      options={approved.map(({ id, secret, version, purpose }) => ({
        id,
        text: placeOf(secret),
        detail: say('carry.approvedVersion', { version, purpose }),
      }))}
    />
  );
}

function goingAlong({ requests, purpose }: Wanted, approved: ApprovalRequestView[]): ApprovalRequestView[] {
  return approved.filter((request) => requests.includes(request.id) && request.purpose === purpose.trim());
}

function Form(props: Props) {
  const { wanted, onWanted } = props;
  const set = (name: keyof Wanted) => (value: string) => {
    onWanted({ ...wanted, [name]: value });
  };
  return (
    <>
      <div className={panel['two']}>
        <Field label={say('vault.owner')} value={wanted.owner} onChange={set('owner')} maxLength={63} mono />
        <Pick
          label={say('vault.environment')}
          value={wanted.environment}
          onChange={set('environment')}
          options={[
            { id: '', text: say('vault.anyEnvironment') },
            ...ENVIRONMENTS.map((id) => ({ id, text: say(`vault.environment.${id}`) })),
          ]}
        />
      </div>
      <Field
        label={say('carry.recipient')}
        hint={say('carry.recipientHint')}
        value={wanted.recipient}
        onChange={set('recipient')}
        mono
      />
      <Field label={say('carry.out')} hint={say('carry.outHint')} value={wanted.out} onChange={set('out')} mono />
      <Field label={say('vault.purpose')} value={wanted.purpose} onChange={set('purpose')} maxLength={400} />
      <Approved {...props} />
    </>
  );
}

function Exported({ exported: { path, sha256, secrets } }: { exported: CommandOutput<'vault.export'> }) {
  return (
    <section aria-label={say('carry.exported', { count: secrets })} className={panel['good']}>
      <p className={panel['verdict']} role="status">
        <TickIcon /> {say('carry.exported', { count: secrets })}
      </p>
      <Rows
        rows={[
          { label: say('fact.file'), value: path, mono: true },
          { label: say('fact.sha256'), value: grouped(sha256), mono: true },
        ]}
      />
      <p className={panel['soft']}>{say('carry.tell')}</p>
    </section>
  );
}

/** The secrets of one owner go to another vault. `owner`, `environment`: as the list was filtered. */
export function ExportNamespace({
  who,
  owner,
  environment,
  onClose,
}: {
  who: Who;
  owner: string;
  environment: Environment | '';
  onClose: () => void;
}) {
  const heading = useHeading();
  const told = useTold(vaultRequests);
  const [wanted, setWanted] = useState<Wanted>({
    ...{ owner, environment, recipient: '', out: '', purpose: '', requests: [] },
  });
  const { busy, outcome, ask, forget } = useAsked<CommandOutput<'vault.export'>>();
  const named = wanted.owner.trim();
  const approved = (told?.ok ? told.value.requests : []).filter(
    ({ principal, action, secret, approvedBy }) =>
      principal === who.name &&
      action === 'export' &&
      secret.owner === named &&
      (wanted.environment === '' || secret.environment === wanted.environment) &&
      approvedBy.length >= APPROVALS,
  );
  const [recipient, out, purpose] = [wanted.recipient, wanted.out, wanted.purpose].map((text) => text.trim());
  const input = {
    ...{ owner: named, recipient: { file: recipient ?? '' }, out: out ?? '', purpose: purpose ?? '' },
    ...(wanted.environment === '' ? {} : { environment: wanted.environment }),
    requests: goingAlong(wanted, approved).map(({ id }) => id),
  };
  const missing = !ownerSchema.safeParse(named).success || [recipient, out, purpose].includes('');
  return (
    <article className={panel['panel']} aria-labelledby="export">
      <header className={panel['head']}>
        <h2 id="export" ref={heading} tabIndex={-1}>
          {say('carry.export')}
        </h2>
        <Button onPress={onClose}>{say('vault.backToSecrets')}</Button>
      </header>
      {outcome?.ok ? (
        <>
          <Exported exported={outcome.value} />
          <div>
            <Button onPress={forget}>{say('carry.another')}</Button>
          </div>
        </>
      ) : (
        <div className={panel['form']}>
          <p className={panel['soft']}>{say('carry.exportLead')}</p>
          <Form wanted={wanted} onWanted={setWanted} approved={approved} />
          <Trouble error={outcome?.ok === false ? outcome.error : told?.ok === false ? told.error : null} />
          <EnterHint />
          <div>
            <Button
              look="primary"
              isDeliberate
              isDisabled={busy || missing}
              onPress={() => void ask(() => act('vault.export', input))}
            >
              {say(busy ? 'carry.exportBusy' : 'carry.exportDo')}
            </Button>
          </div>
        </div>
      )}
    </article>
  );
}
