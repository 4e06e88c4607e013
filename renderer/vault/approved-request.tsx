import { APPROVALS, type Approvable, type ApprovalRequestView, type SecretView } from '../../core/contract/vault.ts';
import { Empty } from '../components/empty.tsx';
import { Pick } from '../components/pick.tsx';
import { say } from '../messages/say.ts';
import { useTold } from '../store/told.ts';
import { placeOf } from './place.ts';
import { type Who, vaultRequests } from './told.ts';

/** What goes with an act that two people approved. */
export type Approved = { request: string; purpose: string };

type Props = {
  who: Who;
  secret: SecretView;
  action: Approvable;
  value: Approved | null;
  onChange: (approved: Approved | null) => void;
};

/** One's own request for this act at this version that two people have approved. */
export function ApprovedRequest({ who, secret, action, value, onChange }: Props) {
  const told = useTold(vaultRequests);
  const fits = (request: ApprovalRequestView) =>
    request.principal === who.name &&
    request.action === action &&
    placeOf(request.secret) === placeOf(secret) &&
    request.version === secret.version &&
    request.approvedBy.length >= APPROVALS;
  const requests = told?.ok ? told.value.requests.filter(fits) : [];
  if (requests.length === 0) return <Empty>{say('vault.twoFirst')}</Empty>;
  return (
    <Pick
      label={say('vault.approvedRequest')}
      placeholder={say('vault.choose')}
      value={value?.request ?? ''}
      onChange={(id) => {
        const chosen = requests.find((request) => request.id === id);
        onChange(chosen ? { request: chosen.id, purpose: chosen.purpose } : null);
      }}
      options={requests.map(({ id, purpose, approvedBy }) => ({ id, text: purpose, detail: approvedBy.join(', ') }))}
    />
  );
}
