import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Refusal } from '../contract/errors.ts';
import type { CacheHealth } from '../contract/vault-cache-policy.ts';
import { ENVIRONMENTS, type Environment } from '../contract/vault.ts';
import { wipe } from '../process/guarded.ts';
import { HolderProcess } from '../service/holder-client.ts';
import { defaultDataFolder } from '../service/paths.ts';
import { readFileOrRefuse } from '../store/files.ts';
import { describeSegments } from './ledger.ts';
import { answer } from './report.ts';
import { readSecret } from './terminal-secret.ts';
import {
  type KeyFace,
  type VaultFace,
  givenSecret,
  refusing,
  withKey,
  withPlace,
  withVault,
} from './vault-connection.ts';
import { readValue } from './vault-value.ts';

/** No certificate is larger (bytes). */
const CERTIFICATE_LIMIT = 16 * 1024;

/** `claviger vault health | metrics | alerts | export | import | backup | seal | restore | move-key` */
export function addVaultKeepingCommands(vault: Command): void {
  withPlace(
    vault.command('health').description('How the vault is: its key, its secrets, what is due, who is locked.'),
  ).action(async (face: VaultFace) => {
    await withVault(face, async (call) => {
      const { output } = await call('vault.health', {});
      const { key, secrets, rotation, ledger, locked, alerts, emergency, cache } = output;
      const count = secrets.reduce((sum, one) => sum + one.count, 0);
      answer(face, output, [
        `key ${key.id} (${key.provider}): ${key.ok ? 'opens what it sealed' : (key.detail ?? 'does not answer')}`,
        `${count} secrets; to be rotated: ${rotation.overdue} overdue, ${rotation.soon} within 30 days; ${rotation.open} rotations begun and not ended`,
        `ledger of ${ledger.size} rows, ${ledger.signed} signed, ${ledger.sealed} in segments; ${locked} locked; ${alerts.length} alerts of what you administer`,
        `cache: ${rateOf(cache)}${cache.distributed === 'none' ? '' : `; Redis ${cache.distributed}`}`,
        ...(emergency.until === null ? [] : [`EMERGENCY ACCESS until ${emergency.until}`]),
        ...(emergency.unreviewed > emergency.live ? ['an emergency waits for its review'] : []),
      ]);
      if (!key.ok) process.exitCode = 1;
    });
  });

  withPlace(vault.command('metrics').description('Counts as OpenMetrics text.')).action(async (face: VaultFace) => {
    await withVault(face, async (call) => {
      const { output } = await call('vault.metrics', {});
      answer(face, output, [output.text.trimEnd()]);
    });
  });

  withPlace(vault.command('alerts').description('What was unusual at secrets that you administer, the newest last.'))
    .option('--limit <number>', 'how many', '100')
    .action(async (face: VaultFace & { limit: string }) => {
      await withVault(face, async (call) => {
        const { output } = await call('vault.alerts', { limit: Number(face.limit) });
        const lines = output.alerts.map(
          ({ at, alert, principal, address, count, secret: { owner, environment, name } }) =>
            `${at}  ${alert} (${count})  ${owner}/${environment}/${name}  ${principal} from ${address}`,
        );
        answer(face, output, lines.length > 0 ? lines : ['Nothing.']);
      });
    });

  withPlace(
    vault.command('export <owner>').description('The newest versions of a namespace, encrypted to one recipient.'),
  )
    .requiredOption('--recipient <file.crt>', 'certificate of whoever imports it, PEM')
    .requiredOption('-o, --out <file>', 'a new file, on the machine that holds the vault')
    .requiredOption('--purpose <text>', 'what for')
    .option('--environment <name>', `one alone: ${ENVIRONMENTS.join(', ')}`)
    .option('--request <id...>', 'what two people have approved')
    .action(async (owner: string, face: ExportOptions) => {
      await withVault(face, async (call) => {
        const { recipient, out, purpose, environment, request = [] } = face;
        const certificate = await readFileOrRefuse(resolve(recipient), CERTIFICATE_LIMIT);
        const { output } = await call('vault.export', {
          ...{ owner, purpose, out: resolve(out), requests: request },
          ...{ recipient: new TextDecoder().decode(certificate) },
          ...(environment === undefined ? {} : { environment: environment as Environment }),
        });
        answer(face, output, [`${output.secrets} secrets in ${output.path}`, `SHA-256 ${output.sha256}`]);
      });
    });

  withPlace(vault.command('import <file>').description('What an export holds, all of it or nothing.'))
    .requiredOption('--sha256 <hex>', 'of the file, as the exporter was told')
    .requiredOption('--recipient-key <file.key>', 'the recipient’s private key, PEM')
    .requiredOption('--purpose <text>', 'what for')
    .option('--replace', 'a new version of what is there already', false)
    .action(async (file: string, face: ImportOptions) => {
      await withVault(face, async (call) => {
        const { sha256, recipientKey, purpose, replace } = face;
        const secret = await readValue(recipientKey);
        try {
          const { output } = await call('vault.import', { file: resolve(file), sha256, purpose, replace }, { secret });
          answer(face, output, [`${output.secrets} secrets: ${output.created} new, ${output.replaced} replaced`]);
        } finally {
          wipe(secret);
        }
      });
    });

  withPlace(vault.command('backup').description('A copy of the whole store, encrypted, while it works.'))
    .requiredOption('-o, --out <file>', 'a new file, on the machine that holds the vault')
    .action(async (face: VaultFace & { out: string }) => {
      await withVault(face, async (call) => {
        const { output } = await call('vault.backup', { out: resolve(face.out) });
        const { path, sha256, bytes, ledgerRows } = output;
        answer(face, output, [
          `${path}: ${bytes} bytes, ${ledgerRows} rows of the ledger, opened again`,
          `SHA-256 ${sha256}`,
        ]);
      });
    });

  withPlace(
    vault.command('seal').description('Move old signed rows of the ledger to files of the store, which stay provable.'),
  )
    .requiredOption('--before <time>', 'rows from before this time (ISO 8601, UTC)')
    .action(async (face: VaultFace & { before: string }) => {
      await withVault(face, async (call) => {
        const { output } = await call('vault.seal', { olderThan: face.before });
        answer(face, output, describeSegments(output.segments));
      });
    });

  withKey(vault.command('restore <file>').description('A backup into a new folder, which --data names.'))
    .option('--keystore <file>', 'the vault’s keystore, which a backup does not hold')
    .option('--token <token.yaml>', 'the token that has the vault’s key now')
    .action(restore);

  withKey(
    vault.command('move-key').description('The token that has the vault’s key from now on: it was recovered there.'),
  )
    .requiredOption('--token <token.yaml>', 'the token')
    .action(moveKey);
}

function rateOf({ classes, entries }: CacheHealth): string {
  const [spared, misses] = classes.reduce(([a, b], one) => [a + one.hits + one.joined, b + one.misses], [0, 0]);
  const all = spared + misses;
  return all === 0
    ? 'nothing asked for yet'
    : `${Math.round((100 * spared) / all)} % of ${all} reads, ${entries} values`;
}

type ExportOptions = VaultFace & {
  recipient: string;
  out: string;
  purpose: string;
  environment?: string;
  request?: string[];
};
type ImportOptions = VaultFace & { sha256: string; recipientKey: string; purpose: string; replace: boolean };

async function restore(file: string, face: KeyFace & { keystore?: string; token?: string }): Promise<void> {
  await refusing(face, async () => {
    const { data, keystore, token } = face;
    if (data === undefined) throw new Refusal('INPUT_INVALID', { detail: 'restore takes --data, a new folder' });
    if ((token === undefined) === (keystore === undefined)) {
      throw new Refusal('INPUT_INVALID', { detail: 'restore takes --keystore or --token' });
    }
    const key = token === undefined ? { keystore: resolve(keystore ?? '') } : { token: resolve(token) };
    const holder = HolderProcess.start({ data });
    try {
      const input = { file: resolve(file), folder: resolve(data), key };
      const asked = token === undefined ? 'Passphrase of the vault: ' : null;
      const { output } = await withSecretOf(face, asked, (secret) =>
        holder.transport.call('vault.restore', input, secret ? { secret } : {}),
      );
      answer(face, output, [
        `${output.ledgerRows} rows of the ledger in ${output.folder}, under the key ${output.keyId}`,
      ]);
    } finally {
      await holder.close();
    }
  });
}

async function moveKey(face: KeyFace & { token: string }): Promise<void> {
  await refusing(face, async () => {
    const holder = HolderProcess.start({ data: face.data ?? defaultDataFolder() });
    try {
      const input = { token: resolve(face.token) };
      const { output } = await withSecretOf(face, null, (secret) =>
        holder.transport.call('vault.moveKey', input, secret ? { secret } : {}),
      );
      answer(face, output, [
        `${output.label} (${output.keyId}) is in the token of ${output.token}, and opens the vault`,
      ]);
    } finally {
      await holder.close();
    }
  });
}

/** `asked`: what the terminal asks for at once; null for a token, whose file may say where its PIN is. */
async function withSecretOf<T>(
  face: KeyFace,
  asked: string | null,
  work: (secret: Uint8Array | null) => Promise<T>,
): Promise<T> {
  let secret = await givenSecret(face);
  try {
    if (!secret && asked !== null) secret = await readSecret(asked);
    return await work(secret);
  } catch (error) {
    if (asked !== null || secret || !(error instanceof Refusal) || error.code !== 'PIN_SOURCE') throw error;
    secret = await readSecret('PIN of the token: ');
    return await work(secret);
  } finally {
    wipe(secret);
  }
}
