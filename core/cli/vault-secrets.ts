import type { Command } from 'commander';
import { ENVIRONMENTS, type Environment, type SecretView } from '../contract/vault.ts';
import { Refusal } from '../contract/errors.ts';
import { wipe } from '../process/guarded.ts';
import { answer } from './report.ts';
import { type VaultFace, withPlace, withVault } from './vault-connection.ts';
import { type Delivery, checkDelivery, deliver, identityOf, readValue, withDelivery } from './vault-value.ts';

export type Why = { purpose?: string; request?: string };

export const SECRET = '<owner/environment/name>';

export function withWhy(command: Command): Command {
  return command
    .option('--purpose <text>', 'what for, where policy asks')
    .option('--request <id>', 'what two people have approved');
}

/** `claviger vault put | get | verify | list | versions | tag | describe | delete` */
export function addVaultSecretCommands(vault: Command): void {
  const on = (name: string, says: string) => withPlace(vault.command(`${name} ${SECRET}`).description(says));
  withWhy(on('put', 'Store a version: from --file, from standard input, or typed.'))
    .option('--file <file>', 'the value, 1 byte to 1 MiB, as it is')
    .option('--category <name>', 'of a new secret')
    .option('--description <text>', 'what it is')
    .option('--tag <tag...>', 'found again by')
    .option('--rotation-days <days>', 'sooner than its category says')
    .action(async (secret: string, face: PutOptions) => {
      await withVault(face, async (call) => {
        const { category, description, tag: tags, rotationDays } = face;
        const input = {
          ...{ ...identityOf(secret), ...whyOf(face) },
          ...(category === undefined ? {} : { category }),
          ...(description === undefined ? {} : { description }),
          ...(tags === undefined ? {} : { tags }),
          ...(rotationDays === undefined ? {} : { rotationDays: Number(rotationDays) }),
        };
        const value = await readValue(face.file);
        try {
          const { output } = await call('vault.put', input, { value });
          answer(face, output, [`${secret}, version ${output.version}`]);
        } finally {
          wipe(value);
        }
      });
    });

  withDelivery(withWhy(on('get', 'Get a value, byte for byte.')), 'it')
    .option('--version-number <number>', 'an older one, or `previous`: the one before the newest')
    .action(async (secret: string, face: VaultFace & Delivery & Why & { versionNumber?: string }) => {
      await withVault(face, async (call) => {
        checkDelivery(face);
        const { versionNumber } = face;
        const asked = versionNumber === 'previous' ? ('previous' as const) : Number(versionNumber);
        const version = versionNumber === undefined ? {} : { version: asked };
        const got = await call('vault.get', { ...identityOf(secret), ...whyOf(face), ...version });
        await deliver(face, got.secret, got.output);
      });
    });

  withWhy(on('verify', 'Try a candidate, from --file, standard input or typed, against a password or token.'))
    .option('--file <file>', 'the candidate')
    .action(async (secret: string, face: VaultFace & Why & { file?: string }) => {
      await withVault(face, async (call) => {
        const input = { ...identityOf(secret), ...whyOf(face) };
        const value = await readValue(face.file);
        try {
          await call('vault.verify', input, { value });
        } finally {
          wipe(value);
        }
        answer(face, { fits: true }, ['It is that.']);
      });
    });

  withPlace(vault.command('list').description('Secrets that one has a right on, without their values.'))
    .option('--owner <name>', 'of this namespace alone')
    .option('--environment <name>', ENVIRONMENTS.join(', '))
    .option('--tag <tag>', 'with this tag alone')
    .option('--due', 'what is to be rotated by now alone', false)
    .option('--after <owner/environment/name>', 'the last one of the page before')
    .option('--limit <number>', 'how many', '100')
    .action(async (face: ListOptions) => {
      await withVault(face, async (call) => {
        const { owner, environment, tag, due, after, limit } = face;
        const { output } = await call('vault.list', {
          ...{ limit: Number(limit), due },
          ...(owner === undefined ? {} : { owner }),
          ...(environment === undefined ? {} : { environment: environment as Environment }),
          ...(tag === undefined ? {} : { tag }),
          ...(after === undefined ? {} : { after: identityOf(after) }),
        });
        const more = output.more ? ['There are more: --after the last one.'] : [];
        const now = new Date().toISOString();
        answer(face, output, [...output.secrets.map((one) => lineOf(one, now)), ...more]);
      });
    });

  withWhy(on('versions', 'The versions that are kept.')).action(async (secret: string, face: VaultFace & Why) => {
    await withVault(face, async (call) => {
      const { output } = await call('vault.versions', { ...identityOf(secret), ...whyOf(face) });
      const lines = output.versions.map(
        ({ version, createdAt, createdBy, keyId }) => `${version}  ${createdAt}  ${createdBy}  key ${keyId}`,
      );
      answer(face, output, lines);
    });
  });

  withPlace(vault.command(`tag ${SECRET} [tags...]`).description('Give a secret these tags and no others.')).action(
    async (secret: string, tags: string[], face: VaultFace) => {
      await withVault(face, async (call) => {
        const { output } = await call('vault.describe', { ...identityOf(secret), tags });
        answer(face, output, [`${secret}: ${tags.join(' ') || 'no tag'}`]);
      });
    },
  );

  withPlace(vault.command(`describe ${SECRET} <text>`).description('Say what a secret is.')).action(
    async (secret: string, description: string, face: VaultFace) => {
      await withVault(face, async (call) => {
        const { output } = await call('vault.describe', { ...identityOf(secret), description });
        answer(face, output, [`${secret}: ${description}`]);
      });
    },
  );

  withWhy(on('delete', 'Erase a secret with all its versions.'))
    .option('--yes', 'it is meant', false)
    .action(async (secret: string, face: VaultFace & Why & { yes: boolean }) => {
      await withVault(face, async (call) => {
        if (!face.yes) throw new Refusal('INPUT_INVALID', { detail: 'delete takes --yes: nothing brings it back' });
        const { output } = await call('vault.delete', { ...identityOf(secret), ...whyOf(face) });
        answer(face, output, [`${secret} is erased.`]);
      });
    });
}

type PutOptions = VaultFace &
  Why & { file?: string; category?: string; description?: string; tag?: string[]; rotationDays?: string };
type ListOptions = VaultFace & {
  owner?: string;
  environment?: string;
  tag?: string;
  due: boolean;
  after?: string;
  limit: string;
};

export function whyOf({ purpose, request }: Why): Why {
  return { ...(purpose === undefined ? {} : { purpose }), ...(request === undefined ? {} : { request }) };
}

function lineOf(secret: SecretView, now: string): string {
  const { owner, environment, name, category, version, rotationDue, tags } = secret;
  const state = rotationDue !== null && rotationDue <= now ? 'overdue since' : 'due';
  const due = rotationDue === null ? '' : `, ${state} ${rotationDue.slice(0, 10)}`;
  return `${owner}/${environment}/${name}  ${category}, version ${version}${due}  ${tags.join(' ')}`.trimEnd();
}
