import type { Command } from 'commander';
import { type CommandInput } from '../contract/commands.ts';
import { Refusal } from '../contract/errors.ts';
import { type ApprovalRequestView, RIGHTS, type Right, type Scope, vaultPolicySchema } from '../contract/vault.ts';
import { readFileOrRefuse } from '../store/files.ts';
import { answer } from './report.ts';
import { type VaultFace, withPlace, withVault } from './vault-connection.ts';
import { identityOf } from './vault-value.ts';

const POLICY_LIMIT = 256 * 1024;

/** `claviger vault grant | revoke | grants | request | approve | requests | policy show | policy change` */
export function addVaultAccessCommands(vault: Command): void {
  withPlace(
    vault
      .command('grant <principal> <owner/environment/name> <rights>')
      .description(`Let somebody do something: ${RIGHTS.join(',')}; * for any owner, environment or end of a name.`),
  )
    .option('--expires <time>', 'until when, UTC: 2027-01-31T12:00:00Z')
    .action(async (name: string, scope: string, rights: string, face: VaultFace & { expires?: string }) => {
      await withVault(face, async (call) => {
        const { expires: expiresAt = null } = face;
        const input = { name, scope: scopeOf(scope), rights: rights.toUpperCase().split(',') as Right[], expiresAt };
        const { output } = await call('vault.grant', input);
        answer(face, output, [`grant ${output.grant}`]);
      });
    });

  withPlace(vault.command('revoke <grant>').description('Take a grant away.')).action(
    async (grant: string, face: VaultFace) => {
      await withVault(face, async (call) => {
        const { output } = await call('vault.revoke', { grant });
        answer(face, output, ['It is taken away.']);
      });
    },
  );

  withPlace(vault.command('grants').description('Who may do what.')).action(async (face: VaultFace) => {
    await withVault(face, async (call) => {
      const { output } = await call('vault.grants', {});
      const lines = output.grants.map(({ id, principal, scope, rights, expiresAt }) => {
        const until = expiresAt === null ? '' : ` until ${expiresAt}`;
        return `${id}  ${principal}  ${scope.owner}/${scope.environment}/${scope.name}  ${rights.join(',')}${until}`;
      });
      answer(face, output, lines);
    });
  });

  withPlace(
    vault
      .command('request <action> <owner/environment/name>')
      .description('Ask two others to approve: get, put, rotate, versions, delete or export.'),
  )
    .requiredOption('--purpose <text>', 'what for')
    .action(async (action: string, secret: string, face: VaultFace & { purpose: string }) => {
      await withVault(face, async (call) => {
        type Action = CommandInput<'vault.request'>['action'];
        const input = { ...identityOf(secret), action: action as Action, purpose: face.purpose };
        const { output } = await call('vault.request', input);
        answer(face, output, linesOf(output));
      });
    });

  withPlace(vault.command('requests').description('What waits for approval.')).action(async (face: VaultFace) => {
    await withVault(face, async (call) => {
      const { output } = await call('vault.requests', {});
      answer(face, output, output.requests.flatMap(linesOf));
    });
  });

  withPlace(
    vault.command('approve <request> <shown>').description('Approve exactly what was shown, by its hash.'),
  ).action(async (request: string, shown: string, face: VaultFace) => {
    await withVault(face, async (call) => {
      const { output } = await call('vault.approve', { request, shown });
      answer(face, output, linesOf(output));
    });
  });

  const policy = vault.command('policy').description('What each kind of secret asks for.');
  withPlace(policy.command('show').description('The policy as it is now, in JSON.')).action(async (face: VaultFace) => {
    await withVault(face, async (call) => {
      const { output } = await call('vault.policy', {});
      answer(face, output, [JSON.stringify(output, null, 2)]);
    });
  });
  withPlace(
    policy.command('change <file>').description('Replace the policy that was shown by the file made from it.'),
  ).action(async (file: string, face: VaultFace) => {
    await withVault(face, async (call) => {
      const { version, policy: wanted } = policyOf(await readFileOrRefuse(file, POLICY_LIMIT), file);
      const { output } = await call('vault.changePolicy', { version: version + 1, policy: wanted });
      answer(face, output, [`The policy is version ${version + 1}.`]);
    });
  });
}

/** `owner/environment/name`, each with its *; what is no scope is refused by the vault. */
export function scopeOf(text: string): Scope {
  const [owner = '', environment = '', ...name] = text.split('/');
  return { owner, environment: environment as Scope['environment'], name: name.join('/') };
}

function policyOf(bytes: Uint8Array, path: string): CommandInput<'vault.changePolicy'> {
  let said: unknown;
  try {
    said = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new Refusal('INPUT_INVALID', { detail: `${path} is not JSON` });
  }
  const { version, policy } = said as { version?: unknown; policy?: unknown };
  const parsed = vaultPolicySchema.safeParse(policy);
  if (!Number.isInteger(version) || !parsed.success) {
    const issue = parsed.error?.issues[0];
    throw new Refusal('INPUT_INVALID', {
      detail: issue ? `${path}: ${issue.path.join('.')}: ${issue.message}` : `${path}: version`,
    });
  }
  return { version: version as number, policy: parsed.data };
}

function linesOf({
  id,
  principal,
  action,
  secret,
  version,
  purpose,
  shown,
  expiresAt,
  approvedBy,
}: ApprovalRequestView) {
  const { owner, environment, name } = secret;
  return [
    `${id}  ${principal}: ${action} ${owner}/${environment}/${name}, version ${version}, until ${expiresAt}`,
    `    ${purpose}`,
    `    shown ${shown}`,
    `    approved by ${approvedBy.join(', ') || 'nobody'}`,
  ];
}
