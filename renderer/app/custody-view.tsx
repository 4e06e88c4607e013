import type { AppInfo } from '../../core/contract/commands.ts';
import type { ShareSetStanding } from '../../core/contract/reports.ts';
import { tellPaper } from '../../core/contract/tell.ts';
import { DueList } from '../components/due-list.tsx';
import { grouped } from '../components/hex.ts';
import { PlacePicture } from '../components/place-picture.tsx';
import { ShareHolders, Survival } from '../components/share-holders.tsx';
import { View } from '../components/view.tsx';
import { here, say } from '../messages/say.ts';
import { custodyOverview, useTold } from '../store/told.ts';
import styles from './custody-view.module.css';

function Bags({ set }: { set: ShareSetStanding }) {
  const rows = [
    ...set.shares.flatMap(({ share, custodian, sheet, card }) => [
      ...(sheet
        ? [{ what: `${say('custody.share', { share })}, ${say('custody.sheet')}`, who: custodian, ...sheet }]
        : []),
      ...(card
        ? [{ what: `${say('custody.share', { share })}, ${say('custody.card')}`, who: custodian, ...card }]
        : []),
    ]),
    ...set.papers.map(({ item, ...bag }) => ({ what: tellPaper(here(), item), who: '', ...bag })),
  ];
  return (
    <table className={styles['bags']}>
      <thead>
        <tr>
          <th scope="col">{say('custody.thing')}</th>
          <th scope="col">{say('custody.custodian')}</th>
          <th scope="col">{say('custody.place')}</th>
          <th scope="col">{say('custody.bag')}</th>
          <th scope="col">{say('custody.seal')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ what, who, place, bag, seal }) => (
          <tr key={what}>
            <th scope="row">{what}</th>
            <td>{who}</td>
            <td>{place}</td>
            <td className={styles['number']}>{bag}</td>
            <td className={styles['number']}>{seal}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What no bag holds and everybody should know of. */
function StillOpen({ sheets }: { sheets: ShareSetStanding['stillValid'] }) {
  return (
    <section>
      <h3>{say('custody.stillOpen')}</h3>
      <p>{say('custody.destroy')}</p>
      <ul>
        {sheets.map(({ share, epoch, setId, custodian, why }) => (
          <li key={`${setId} ${share} ${custodian}`}>{say('custody.atLarge', { share, epoch, custodian, why })}</li>
        ))}
      </ul>
    </section>
  );
}

function ShareSet({ set }: { set: ShareSetStanding }) {
  const { setId, epoch, masterKey, threshold, shares, madeAt, ceremony, register } = set;
  const label = say('custody.set', { label: masterKey, threshold, count: shares.length });
  return (
    <article className={styles['set']} aria-label={label}>
      <header>
        <h2>{label}</h2>
        <p className={styles['soft']}>
          {say('custody.setDetail', { set: grouped(setId), epoch, at: madeAt.slice(0, 10), ceremony })}
        </p>
      </header>
      <ShareHolders set={set} />
      <Survival set={set} />
      {set.stillValid.length > 0 && <StillOpen sheets={set.stillValid} />}
      {register ? (
        <>
          <section>
            <h3>{say('custody.picture')}</h3>
            <PlacePicture set={set} />
          </section>
          <section>
            <h3>{say('custody.bags')}</h3>
            <p className={styles['soft']}>
              {say('custody.register', { number: register.number, at: register.at.slice(0, 10) })}
            </p>
            <Bags set={set} />
          </section>
        </>
      ) : (
        <p className={styles['soft']}>{say('custody.noRegister')}</p>
      )}
    </article>
  );
}

/** Who holds what, where it lies, which losses are survived, and what is to be proven next. */
export function CustodyView({ info }: { info: AppInfo }) {
  const told = useTold(custodyOverview);
  const due = told?.ok ? told.value.due.filter(({ kind }) => kind === 'attestation' || kind === 'recovery') : [];
  return (
    <View info={info} title={say('custody.title')} lead={say('custody.lead')} told={told}>
      {told?.ok && told.value.sets.length === 0 && <p className={styles['soft']}>{say('custody.none')}</p>}
      {due.length > 0 && (
        <section>
          <h2>{say('due.title')}</h2>
          <DueList due={due} />
        </section>
      )}
      {told?.ok && told.value.sets.map((set) => <ShareSet key={set.setId} set={set} />)}
    </View>
  );
}
