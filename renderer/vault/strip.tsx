import type { ReactNode } from 'react';
import type { VaultStatus } from '../../core/contract/vault-commands.ts';
import { say } from '../messages/say.ts';
import styles from './strip.module.css';

type Props = { icon: ReactNode; state: string; status: VaultStatus; who?: ReactNode; children?: ReactNode };

/** How the vault is, whose key it has, and who is in: above everything else that is said of it. */
export function Strip({ icon, state, status: { provider, keyId, state: is }, who, children }: Props) {
  const kept = provider === 'local' ? say('vault.keystore') : say('vault.token');
  return (
    <section aria-label={say('vault.standing')} className={styles['strip']} data-state={is}>
      <p className={styles['state']}>
        {icon}
        <b>{state}</b>
      </p>
      <p>
        {kept}
        <span className={styles['soft']}>{say('vault.key', { key: keyId?.slice(0, 8) ?? '' })}</span>
      </p>
      {who}
      {children && <div className={styles['buttons']}>{children}</div>}
    </section>
  );
}
