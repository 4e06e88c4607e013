import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { URI } from 'otpauth';
import { Transport } from '../../core/client/transport.ts';
import { HolderProcess } from '../../core/service/holder-client.ts';
import { PASSWORD, bytes, preparedData, textOf } from './sample-vault.ts';

/** A holder in a process of its own, reached as services reach it. */

export const PASSPHRASE = 'a passphrase of six plain words';

export type SampleHolder = {
  holder: HolderProcess;
  socket: string;
  port: number;
  /** Of ada, who administers. */
  session: Uint8Array;
  /** As ada, by the parent's channel. */
  ada: Transport['call'];
};

/** `folder` is empty, and its owner's alone. */
export async function makeHolder(folder: string): Promise<SampleHolder> {
  makeCertificates(folder);
  await preparedData(join(folder, 'data'));
  const holder = HolderProcess.start({ data: join(folder, 'data') });
  const { secret: uri } = await holder.transport.call(
    'vault.initialise',
    { key: { keystore: true }, administrator: 'ada' },
    { secret: bytes(PASSPHRASE), password: bytes(PASSWORD) },
  );
  const code = URI.parse(textOf(uri ?? bytes(''))).generate();
  const login = await holder.transport.call('vault.login', { name: 'ada', code }, { password: bytes(PASSWORD) });
  const session = login.secret ?? bytes('');
  return { holder, session, ...(await open(holder, folder)), ada: adaOf(holder, session) };
}

export function adaOf({ transport }: HolderProcess, bearer: Uint8Array): Transport['call'] {
  return (command, input, secrets) => transport.call(command, input, { bearer, ...secrets });
}

/** Opens its doors: a socket, and TLS on a port that the system chooses. */
export async function open(holder: HolderProcess, folder: string): Promise<{ socket: string; port: number }> {
  mkdirSync(join(folder, 'run'), { recursive: true, mode: 0o700 });
  const socket = join(folder, 'run/vault.sock');
  const at = (name: string) => join(folder, name);
  const tls = { certificate: at('holder.crt'), key: at('holder.key'), clients: at('clients.crt') };
  const { content } = await holder.transport.send('vault.serve', {
    socket,
    tls: { host: '127.0.0.1', port: 0, ...tls },
  });
  return { socket, port: (content as { port: number }).port };
}

/** By openssl: two CAs; the holder's certificate, and `web` and `other` for clients, of which `stranger` is of the second CA. */
function makeCertificates(folder: string): void {
  const openssl = (...words: string[]) =>
    execFileSync('openssl', words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  for (const ca of ['clients', 'strangers']) {
    openssl('req', '-x509', ...key, '-days', '7', '-subj', `/CN=${ca}`, '-keyout', `${ca}.key`, '-out', `${ca}.crt`);
  }
  writeFileSync(join(folder, 'san'), 'subjectAltName=IP:127.0.0.1\n');
  for (const [name, ca] of [
    ['holder', 'clients'],
    ['web', 'clients'],
    ['other', 'clients'],
    ['stranger', 'strangers'],
  ] as const) {
    openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-CA', `${ca}.crt`, '-CAkey', `${ca}.key`, '-CAcreateserial'],
      ...['-days', '7', '-extfile', 'san', '-out', `${name}.crt`],
    );
  }
}

/** A client on another host, with a certificate by its name. */
export function overTls(folder: string, port: number, name: string): Transport {
  const at = (file: string) => join(folder, file);
  const pem = { certificate: at(`${name}.crt`), key: at(`${name}.key`), ca: at('clients.crt') };
  return new Transport({ host: '127.0.0.1', port, ...pem });
}
