import { nameOfSecret } from '../contract/compliance.ts';
import type { RotationLine, Violation } from '../contract/compliance.ts';
import { type Row, bodyOf } from './vault-rows.ts';

/** What a row tells against the policy; null for every other. */
export function violationOf(row: Row): Violation | null {
  const { seq, at } = row;
  const access = bodyOf(row, 'vault.access');
  if (access && !access.allowed) {
    return {
      seq,
      at,
      what: 'access',
      ...by(access),
      secret: nameOfSecret(access),
      action: access.action,
      reason: access.reason ?? '',
    };
  }
  const refused = bodyOf(row, 'vault.refused');
  if (refused) {
    const { action, scope } = refused;
    return {
      seq,
      at,
      what: 'administration',
      ...by(refused),
      secret: nameOfSecret(scope),
      action,
      reason: 'not-admin',
    };
  }
  const login = bodyOf(row, 'vault.login');
  if (login && (login.result === 'refused' || login.result === 'locked')) {
    return { seq, at, what: 'login', ...by(login), secret: '', action: login.way, reason: login.result };
  }
  const failed = bodyOf(row, 'vault.failed');
  if (failed)
    return { seq, at, what: 'damage', ...by(failed), secret: nameOfSecret(failed), action: '', reason: failed.code };
  const emergency = bodyOf(row, 'vault.emergency');
  if (emergency?.event === 'refused') {
    return {
      seq,
      at,
      what: 'administration',
      ...by(emergency),
      secret: '',
      action: 'break-glass',
      reason: emergency.because,
    };
  }
  const alert = bodyOf(row, 'vault.alert');
  if (alert)
    return { seq, at, what: 'alert', ...by(alert), secret: nameOfSecret(alert), action: '', reason: alert.alert };
  return null;
}

/** A rotation that is overdue goes on being a violation until it is done. */
export function overdueOf(line: RotationLine & { seq: number }): Violation | null {
  if (line.standing !== 'overdue') return null;
  const { seq, due, category } = line;
  return {
    seq,
    at: due ?? '',
    what: 'rotation',
    principal: '',
    address: '',
    secret: nameOfSecret(line),
    action: '',
    reason: category,
  };
}

function by({ principal, address }: { principal: string; address: string }): { principal: string; address: string } {
  return { principal, address };
}
