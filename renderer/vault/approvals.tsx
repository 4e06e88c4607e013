import { useState } from 'react';
import { APPROVALS, type Approvable, type ApprovalRequestView } from '../../core/contract/vault.ts';
import { Button } from '../components/button.tsx';
import { Empty } from '../components/empty.tsx';
import { EnterHint } from '../components/enter-hint.tsx';
import { grouped } from '../components/hex.ts';
import { TickIcon } from '../components/icons.tsx';
import panel from '../components/panel.module.css';
import { Rows } from '../components/rows.tsx';
import table from '../components/table.module.css';
import { timeOf } from '../components/time.ts';
import { Trouble } from '../components/trouble.tsx';
import { useHeading } from '../components/use-heading.ts';
import { say } from '../messages/say.ts';
import { useAsked, useTold } from '../store/told.ts';
import { placeOf } from './place.ts';
import { type Who, act, vaultRequests } from './told.ts';

const actionOf = ({ action }: ApprovalRequestView) => say(`vault.action.${action as Approvable}`);

/** Why the person who is logged in cannot approve it; null where they may try. */
function closedFor({ principal, approvedBy }: ApprovalRequestView, who: Who): string | null {
  if (principal === who.name) return say('vault.ownRequest');
  return approvedBy.includes(who.name) ? say('vault.approvedByYou') : null;
}

/** One request with all that an approval of it is bound to. */
function Request({ request, who, onClose }: { request: ApprovalRequestView; who: Who; onClose: () => void }) {
  const heading = useHeading();
  const { busy, outcome, ask } = useAsked<unknown>();
  const { id, principal, secret, version, purpose, shown, expiresAt, approvedBy } = request;
  const closed = closedFor(request, who);
  return (
    <article className={panel['panel']} aria-labelledby="request">
      <header className={panel['head']}>
        <h2 id="request" ref={heading} tabIndex={-1}>
          {say('vault.requestTitle', { principal, secret: placeOf(secret) })}
        </h2>
        <Button onPress={onClose}>{say('vault.backToApprovals')}</Button>
      </header>
      <p className={panel['soft']}>{say('vault.requestLead')}</p>
      <Rows
        rows={[
          { label: say('vault.action'), value: actionOf(request) },
          { label: say('vault.secret'), value: placeOf(secret), mono: true },
          { label: say('vault.version'), value: String(version) },
          { label: say('vault.purpose'), value: purpose },
          { label: say('vault.principal'), value: principal },
          { label: say('vault.until'), value: timeOf(expiresAt) },
          { label: say('vault.requestId'), value: id, mono: true },
          { label: say('vault.shownHash'), value: grouped(shown), mono: true },
          {
            label: say('vault.approvedBy'),
            value: say('vault.approvedOf', {
              count: approvedBy.length,
              needed: APPROVALS,
              names: approvedBy.join(', '),
            }),
          },
        ]}
      />
      <Trouble error={outcome?.ok === false ? outcome.error : null} />
      <EnterHint />
      {closed === null ? (
        <div>
          <Button
            look="primary"
            isDeliberate
            isDisabled={busy}
            onPress={() => void ask(() => act('vault.approve', { request: id, shown }))}
          >
            {say('vault.approve')}
          </Button>
        </div>
      ) : (
        <p role="status" className={outcome?.ok ? panel['verdict'] : panel['soft']}>
          {outcome?.ok && <TickIcon />} {closed}
        </p>
      )}
    </article>
  );
}

function Table({ requests, onOpen }: { requests: ApprovalRequestView[]; onOpen: (id: string) => void }) {
  return (
    <table className={`${table['table'] ?? ''} ${table['stacked'] ?? ''}`}>
      <thead>
        <tr>
          <th scope="col">{say('vault.principal')}</th>
          <th scope="col">{say('vault.act')}</th>
          <th scope="col">{say('vault.secret')}</th>
          <th scope="col">{say('vault.purpose')}</th>
          <th scope="col">{say('vault.until')}</th>
          <th scope="col">{say('vault.approvedBy')}</th>
        </tr>
      </thead>
      <tbody>
        {requests.map((request) => (
          <tr key={request.id}>
            <th scope="row">
              <button
                type="button"
                className={table['link']}
                aria-label={say('vault.openRequest', {
                  principal: request.principal,
                  action: actionOf(request),
                  secret: placeOf(request.secret),
                })}
                onClick={() => {
                  onOpen(request.id);
                }}
              >
                {request.principal}
              </button>
            </th>
            <td data-label={say('vault.act')}>{actionOf(request)}</td>
            <td data-label={say('vault.secret')} className={table['small']}>
              {placeOf(request.secret)}
            </td>
            <td data-label={say('vault.purpose')}>{request.purpose}</td>
            <td data-label={say('vault.until')} className={table['time']}>
              {timeOf(request.expiresAt)}
            </td>
            <td data-label={say('vault.approvedBy')}>
              {say('vault.approvedOf', {
                count: request.approvedBy.length,
                needed: APPROVALS,
                names: request.approvedBy.join(', '),
              })}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What waits for two people: one's own requests, and those that one may approve. */
export function Approvals({ who }: { who: Who }) {
  const told = useTold(vaultRequests);
  const [open, setOpen] = useState<string | null>(null);
  if (told === null) return null;
  if (!told.ok) return <Trouble error={told.error} />;
  const { requests } = told.value;
  const request = requests.find(({ id }) => id === open);
  if (request) {
    return (
      <Request
        request={request}
        who={who}
        onClose={() => {
          setOpen(null);
        }}
      />
    );
  }
  return (
    <>
      <p className={panel['soft']}>{say('vault.approvalsLead', { count: APPROVALS })}</p>
      {requests.length === 0 ? (
        <Empty>{say('vault.noRequests')}</Empty>
      ) : (
        <Table requests={requests} onOpen={setOpen} />
      )}
    </>
  );
}
