import { type TOTP, URI } from 'otpauth';
import type { Notifier } from '../../core/contract/vault-emergency-policy.ts';
import { DEFAULT_POLICY } from '../../core/contract/vault.ts';
import { allowEmergency } from '../../core/vault/emergency-list.ts';
import type { Caller } from '../../core/vault/parts.ts';
import { ORIGIN, PASSWORD, type SampleVault, bytes, textOf } from './sample-vault.ts';

/** Somebody of the emergency list, as they come in: with a session, and codes of which each counts once. */

export const REASON = 'the database of production does not answer';

export type Listed = {
  caller: () => Promise<Caller>;
  /** The next code that counts; time passes until there is one. */
  code: () => string;
};

/** `session`: an own one; it is kept alive. */
export async function listed(sample: SampleVault, name: string): Promise<Listed> {
  const { vault, clock } = sample;
  const ada = await sample.caller('ada');
  await sample.somebody(name, [], { kind: 'person' });
  await vault.principals.setPassword(ada, name, bytes(PASSWORD));
  const totp = URI.parse(textOf(await vault.principals.setTotp(ada, name))) as TOTP;
  await allowEmergency(vault.parts, ada, { name, allowed: true });
  const code = () => {
    clock.minutes(1);
    return totp.generate({ timestamp: clock.read().getTime() });
  };
  let session = await vault.logins.begin(name, bytes(PASSWORD), code(), ORIGIN);
  return {
    code,
    async caller() {
      try {
        return await vault.logins.session(session, ORIGIN);
      } catch {
        session = await vault.logins.begin(name, bytes(PASSWORD), code(), ORIGIN);
        return vault.logins.session(session, ORIGIN);
      }
    },
  };
}

export async function withNotifiers(sample: SampleVault, notifiers: Notifier[]): Promise<void> {
  const { version } = await sample.vault.policies.present();
  const emergency = { minutes: 60, rights: ['READ', 'WRITE'] as ('READ' | 'WRITE')[], notifiers };
  await sample.vault.policies.change(await sample.caller('ada'), version + 1, { ...DEFAULT_POLICY, emergency });
}

/** Of the ledger's rows, those of a kind. */
export async function bodies(sample: SampleVault, kind: string): Promise<Record<string, unknown>[]> {
  return (await sample.vault.parts.ledger.read({ kind })).map(({ body }) => body as Record<string, unknown>);
}
