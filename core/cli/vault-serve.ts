import type { Command } from 'commander';
import { Refusal } from '../contract/errors.ts';
import { isDevelopment } from '../client/development.ts';
import { readPinSource } from '../hsm/pin-source.ts';
import { passphraseOfVariable } from '../kms/passphrase-variable.ts';
import { wipe } from '../process/guarded.ts';
import { HolderProcess } from '../service/holder-client.ts';
import { defaultDataFolder } from '../service/paths.ts';
import { answer, say } from './report.ts';
import { chooseSecret, readSecret } from './terminal-secret.ts';
import {
  type KeyFace,
  givenSecret,
  openHolder,
  refusing,
  withKey,
  withPlace,
  withVault,
  type VaultFace,
} from './vault-connection.ts';
import { type Delivery, checkDelivery, deliver, withDelivery } from './vault-value.ts';

/** `claviger vault init | serve | status | lock` */
export function addVaultServeCommands(vault: Command): void {
  withDelivery(
    withKey(vault.command('init').description('Make a vault in a store, with its first administrator.')),
    'the URI of their one-time codes, which is shown once,',
  )
    .requiredOption('--administrator <name>', 'who administers it')
    .option('--password-file <file>', 'their password; else it is asked for')
    .option('--token <token.yaml>', 'the token with the vault’s key, which a ceremony made; else a keystore is made')
    .option('--label <label>', 'the key’s label in the token')
    .action(init);

  withKey(
    vault.command('serve').description('Hold the vault, unlocked, for everybody who may come, until it is ended.'),
  )
    .option('--socket <path>', 'a Unix socket for this machine')
    .option('--listen <host:port>', 'TLS for other hosts, with client certificates')
    .option('--certificate <file.crt>', 'of this host, PEM, with what its issuer needs')
    .option('--key <file.key>', 'its private key, PEM')
    .option('--clients <ca.crt>', 'the CA that client certificates are from, PEM')
    .action(serve);

  withPlace(vault.command('status').description('Whether there is a vault, and whether it is open.')).action(
    async (face: VaultFace) => {
      await withVault(face, async (call) => {
        const { output } = await call('vault.status', {});
        const { state, provider, keyId, mode } = output;
        answer(face, output, [`${state}  ${provider ?? ''}  ${keyId ?? ''}  ${mode ?? ''}`]);
      });
    },
  );

  withPlace(
    vault.command('lock').description('End every session and wipe the key; the holder is to be started again.'),
  ).action(async (face: VaultFace) => {
    await withVault(face, async (call) => {
      const { output } = await call('vault.lock', {});
      answer(face, output, [output.state]);
    });
  });
}

type InitOptions = KeyFace &
  Delivery & { administrator: string; passwordFile?: string; token?: string; label?: string };

async function init(options: InitOptions): Promise<void> {
  await refusing(options, async () => {
    checkDelivery(options);
    const { administrator, passwordFile, token, label, data } = options;
    if ((token === undefined) !== (label === undefined)) {
      throw new Refusal('INPUT_INVALID', { detail: '--token and --label belong together' });
    }
    const variable = passphraseOfVariable(process.env, isDevelopment(), say);
    const holder = HolderProcess.start({ data: data ?? defaultDataFolder() });
    let [secret, password]: (Uint8Array | null)[] = [null, null];
    try {
      secret = (await givenSecret(options)) ?? variable;
      secret ??=
        token === undefined
          ? await chooseSecret('A new passphrase for the vault: ', say)
          : await readSecret('PIN of the token: ');
      password =
        passwordFile === undefined
          ? await chooseSecret(`A new password for ${administrator}: `, say)
          : await readPinSource({ file: passwordFile }, 'password');
      const key = token === undefined || label === undefined ? ({ keystore: true } as const) : { token, label };
      const made = await holder.transport.call('vault.initialise', { key, administrator }, { secret, password });
      await deliver(options, made.secret, { administrator });
      say(`The vault is made, and ${administrator} administers it. Their authenticator reads that URI once.`);
    } finally {
      wipe(secret, password, variable);
      await holder.close();
    }
  });
}

type ServeOptions = KeyFace & {
  socket?: string;
  listen?: string;
  certificate?: string;
  key?: string;
  clients?: string;
};

async function serve(options: ServeOptions): Promise<void> {
  await refusing(options, async () => {
    const places = placesOf(options);
    const holder = await openHolder(options);
    // From here on it ends as it is told to.
    const told = new Promise<'told'>((ended) => {
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
        process.once(signal, () => {
          ended('told');
        });
      }
    });
    try {
      const { content } = await holder.transport.send('vault.serve', places);
      const { socket, port } = content as { socket: string | null; port: number | null };
      if (options.json) answer(options, { socket, port, pid: process.pid }, []);
      if (socket !== null) say(`The vault is open at ${socket}.`);
      if (port !== null) say(`The vault is open at ${options.listen ?? ''}, port ${port}.`);
      if ((await Promise.race([told, holder.ended])) !== 'told') throw new Refusal('CORE_GONE');
    } finally {
      await holder.close();
    }
    say('The vault is closed.');
  });
}

/** INPUT_INVALID. */
function placesOf({ socket, listen, certificate, key, clients }: ServeOptions) {
  if (socket === undefined && listen === undefined) {
    throw new Refusal('INPUT_INVALID', { detail: 'serve takes --socket, --listen or both' });
  }
  const place = socket === undefined ? {} : { socket };
  if (listen === undefined) return place;
  const { host, port } = /^\[?(?<host>[^\]]+?)\]?:(?<port>\d{1,5})$/.exec(listen)?.groups ?? {};
  if (host === undefined || port === undefined || !certificate || !key || !clients) {
    throw new Refusal('INPUT_INVALID', { detail: '--listen HOST:PORT takes --certificate, --key and --clients' });
  }
  return { ...place, tls: { host, port: Number(port), certificate, key, clients } };
}
