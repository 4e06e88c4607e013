import { useState } from 'react';
import type { KnownTokens as Known, TokenFileView } from '../../core/contract/token.ts';
import { Button } from '../components/button.tsx';
import { Empty } from '../components/empty.tsx';
import { Field } from '../components/field.tsx';
import panel from '../components/panel.module.css';
import table from '../components/table.module.css';
import { timeOf } from '../components/time.ts';
import { Trouble } from '../components/trouble.tsx';
import { explain, say } from '../messages/say.ts';
import { call } from '../store/rpc.ts';
import { useAsked } from '../store/told.ts';
import { TokenContents, type ShownToken } from './token-contents.tsx';

/** Opens a token to what it holds. */
function Show({ token, onShow }: { token: ShownToken; onShow: (token: ShownToken) => void }) {
  return (
    <button
      type="button"
      className={table['link']}
      aria-label={say('tokens.showOf', { token: token.name })}
      onClick={() => {
        onShow(token);
      }}
    >
      {say('tokens.show')}
    </button>
  );
}

function Training({ tokens, onShow }: { tokens: Known['training']; onShow: (token: ShownToken) => void }) {
  if (tokens.length === 0) return <Empty>{say('tokens.noTraining')}</Empty>;
  return (
    <table className={table['table']}>
      <thead>
        <tr>
          <th scope="col">{say('tokens.begunBy')}</th>
          <th scope="col">{say('tokens.begunAt')}</th>
          <th scope="col">{say('tokens.pin')}</th>
          <th scope="col" className={table['end']}>
            {say('tokens.look')}
          </th>
        </tr>
      </thead>
      <tbody>
        {tokens.map(({ ceremony, title, begunAt, folder }) => (
          <tr key={ceremony}>
            <th scope="row">
              {title}
              <span className={table['soft']}>{folder}</span>
            </th>
            <td className={table['time']}>{timeOf(begunAt)}</td>
            <td>{say('tokens.pin.prompt')}</td>
            <td className={table['end']}>
              <Show token={{ token: { training: ceremony }, name: title, pin: 'prompt' }} onShow={onShow} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Files({ files, onShow }: { files: TokenFileView[]; onShow: (token: ShownToken) => void }) {
  if (files.length === 0) return <Empty>{say('tokens.noFiles')}</Empty>;
  return (
    <table className={table['table']}>
      <thead>
        <tr>
          <th scope="col">{say('tokens.token')}</th>
          <th scope="col">{say('tokens.mode')}</th>
          <th scope="col">{say('tokens.pin')}</th>
          <th scope="col" className={table['end']}>
            {say('tokens.look')}
          </th>
        </tr>
      </thead>
      <tbody>
        {files.map(({ path, token, error }) => (
          <tr key={path}>
            <th scope="row">
              {token?.label ?? path}
              {token && <span className={table['soft']}>{path}</span>}
              {token && <span className={table['soft']}>{token.place}</span>}
              {error && <span className={table['soft']}>{explain(error).says}</span>}
            </th>
            <td>{token && say(`mode.${token.mode}`)}</td>
            <td>{token && say(`tokens.pin.${token.pin}`)}</td>
            <td className={table['end']}>
              {token && <Show token={{ token: path, name: token.label, pin: token.pin }} onShow={onShow} />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Tokens that this store has met, and one that is named now; each opens to what it holds. */
export function KnownTokens({ known }: { known: Known }) {
  const [shown, setShown] = useState<ShownToken | null>(null);
  const [path, setPath] = useState('');
  const { busy, outcome, ask } = useAsked<TokenFileView>();
  const named = outcome?.ok ? outcome.value : null;
  if (shown) {
    return (
      <TokenContents
        shown={shown}
        onClose={() => {
          setShown(null);
        }}
      />
    );
  }
  return (
    <>
      <section>
        <h2>{say('tokens.training')}</h2>
        <Training tokens={known.training} onShow={setShown} />
      </section>
      <section>
        <h2>{say('tokens.files')}</h2>
        <Files
          files={[...(named && !known.files.some((file) => file.path === named.path) ? [named] : []), ...known.files]}
          onShow={setShown}
        />
      </section>
      <div className={panel['form']}>
        <Field label={say('tokens.file')} hint={say('tokens.fileHint')} value={path} onChange={setPath} mono />
        <Trouble error={outcome?.ok === false ? outcome.error : (named?.error ?? null)} />
        <div>
          <Button
            isDisabled={busy || path.trim() === ''}
            onPress={() => void ask(() => call('token.file', { token: path.trim() }))}
          >
            {say('tokens.read')}
          </Button>
        </div>
      </div>
    </>
  );
}
