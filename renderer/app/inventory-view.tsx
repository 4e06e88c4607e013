import type { AppInfo } from '../../core/contract/commands.ts';
import type { Inventory, InventoryCertificate, InventoryKey } from '../../core/contract/reports.ts';
import { Lives, standingOf } from '../components/lives.tsx';
import table from '../components/table.module.css';
import { View } from '../components/view.tsx';
import { say } from '../messages/say.ts';
import { inventory, useTold } from '../store/told.ts';
import styles from './inventory-view.module.css';

const TABLE = `${table['table'] ?? ''} ${table['stacked'] ?? ''} ${styles['inventory'] ?? ''}`;

function Certificates({ certificates, now }: { certificates: InventoryCertificate[]; now: Date }) {
  const nameOf = (sha256: string) => certificates.find((other) => other.sha256 === sha256)?.name ?? '';
  return (
    <table className={TABLE}>
      <thead>
        <tr>
          <th scope="col">{say('inventory.name')}</th>
          <th scope="col">{say('inventory.validity')}</th>
          <th scope="col">{say('inventory.standing')}</th>
          <th scope="col">{say('inventory.fingerprint')}</th>
        </tr>
      </thead>
      <tbody>
        {certificates.map((certificate) => {
          const { sha256, depth, name, issuedBy, notBefore, notAfter, words, serial } = certificate;
          const standing = standingOf(certificate, now);
          const above =
            issuedBy === null ? say('inventory.root') : say('inventory.below', { issuer: nameOf(issuedBy) });
          return (
            <tr key={sha256}>
              <th scope="row" data-depth={Math.min(depth, 3)}>
                {name}
                <span className={styles['soft']}>{above}</span>
                <span className={styles['soft']}>{say('inventory.serial', { serial })}</span>
              </th>
              <td data-label={say('inventory.validity')} className={styles['dates']}>
                {say('inventory.between', { from: notBefore.slice(0, 10), to: notAfter.slice(0, 10) })}
              </td>
              <td data-label={say('inventory.standing')}>
                <span data-standing={standing}>{say(`inventory.${standing}`)}</span>
              </td>
              <td data-label={say('inventory.fingerprint')} className={styles['words']}>
                {words.join(' ')}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Keys({ keys }: { keys: InventoryKey[] }) {
  return (
    <table className={TABLE}>
      <thead>
        <tr>
          <th scope="col">{say('inventory.name')}</th>
          <th scope="col">{say('inventory.algorithm')}</th>
          <th scope="col">{say('inventory.purpose')}</th>
          <th scope="col">{say('inventory.token')}</th>
          <th scope="col">{say('inventory.made')}</th>
          <th scope="col">{say('inventory.backups')}</th>
          <th scope="col">{say('inventory.standing')}</th>
        </tr>
      </thead>
      <tbody>
        {keys.map(({ label, ceremony, algorithm, purpose, token, madeAt, backups, destroyedAt }) => (
          <tr key={`${ceremony} ${label}`}>
            <th scope="row">{label}</th>
            <td data-label={say('inventory.algorithm')}>{algorithm}</td>
            <td data-label={say('inventory.purpose')}>{say(`inventory.purpose.${purpose}`)}</td>
            <td data-label={say('inventory.token')}>{token}</td>
            <td data-label={say('inventory.made')}>{madeAt.slice(0, 10)}</td>
            <td data-label={say('inventory.backups')}>{backups.length}</td>
            <td data-label={say('inventory.standing')}>
              <span data-standing={destroyedAt === null ? 'valid' : 'expired'}>
                {destroyedAt === null
                  ? say('inventory.inToken')
                  : say('inventory.destroyed', { at: destroyedAt.slice(0, 10) })}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Told({ inventory: { keys, certificates } }: { inventory: Inventory }) {
  const now = new Date();
  if (keys.length === 0 && certificates.length === 0) return <p className={styles['soft']}>{say('inventory.none')}</p>;
  return (
    <>
      {certificates.length > 0 && (
        <section className={styles['part']}>
          <h2>{say('inventory.certificates')}</h2>
          <Lives certificates={certificates} now={now} />
          <Certificates certificates={certificates} now={now} />
        </section>
      )}
      {keys.length > 0 && (
        <section>
          <h2>{say('inventory.keys')}</h2>
          <Keys keys={keys} />
        </section>
      )}
    </>
  );
}

/** Keys and certificates, their chains and their lives. */
export function InventoryView({ info }: { info: AppInfo }) {
  const told = useTold(inventory);
  return (
    <View info={info} title={say('inventory.title')} lead={say('inventory.lead')} told={told}>
      {told?.ok && <Told inventory={told.value} />}
    </View>
  );
}
