import type { Command } from 'commander';
import { Refusal } from '../contract/errors.ts';
import { type RotationPlan, rotationPlanSchema } from '../contract/rotation-plan.ts';
import type { ForeseenView, RenewalView } from '../contract/vault-renewal.ts';
import { wipe } from '../process/guarded.ts';
import { readFileOrRefuse } from '../store/files.ts';
import { faultsAgainst, readYaml } from '../store/yaml.ts';
import { answer } from './report.ts';
import { type VaultFace, withPlace, withVault } from './vault-connection.ts';
import { type Begun, rotateDataKeys, withBegun } from './vault-rotation.ts';
import { SECRET, type Why, whyOf, withWhy } from './vault-secrets.ts';
import { identityOf, readValue } from './vault-value.ts';

/** No plan is larger (bytes). */
const PLAN_LIMIT = 128 * 1024;

/** `claviger vault rotate | rotation show | rotation set` */
export function addVaultRenewalCommands(vault: Command): void {
  withBegun(
    vault
      .command('rotate [owner/environment/name]')
      .description(
        'Give a secret its next value, by its plan or from --file; or whatever is due; or every secret a fresh data key.',
      ),
  )
    .option('--due', 'whatever is due and has a plan, and what was interrupted', false)
    .option('--dek', 'fresh data keys, under the same values', false)
    .option('--dry-run', 'say what would be done, and change nothing', false)
    .option('--urgent', 'also while the version before still counts', false)
    .option('--back', 'undo a rotation that was interrupted; else the version before becomes the newest again', false)
    .option('--file <file>', 'the new value, where no plan makes one')
    .option('--limit <number>', 'with --due: how many', '100')
    .option('--purpose <text>', 'what for, where policy asks')
    .option('--request <id>', 'what two people have approved')
    .action(async (secret: string | undefined, face: RotateOptions) => {
      if (face.dek && secret === undefined && !face.due) return rotateDataKeys(face);
      await withVault(face, async (call) => {
        if (face.dek || face.due === (secret !== undefined)) {
          throw new Refusal('INPUT_INVALID', { detail: 'rotate takes a secret, --due or --dek' });
        }
        const { dryRun, urgent, back } = face;
        if (secret === undefined) {
          const { output } = await call('vault.rotateDue', { dryRun, limit: Number(face.limit) });
          const lines = output.outcomes.map(({ secret: { owner, environment, name }, renewal, foreseen, code }) => {
            const told = renewal ? lineOfRenewal(renewal) : foreseen ? lineOfForeseen(foreseen) : `not: ${code ?? ''}`;
            return `${owner}/${environment}/${name}  ${told}`;
          });
          answer(face, output, lines.length > 0 ? lines : ['Nothing is due.']);
          if (output.outcomes.some(({ code }) => code !== null)) process.exitCode = 1;
          return;
        }
        const value = face.file === undefined ? null : await readValue(face.file);
        try {
          const input = { ...identityOf(secret), ...whyOf(face), dryRun, urgent, back };
          const { output } = await call('vault.rotateSecret', input, value ? { value } : {});
          const { renewal, foreseen, version } = output;
          const told = renewal ? lineOfRenewal(renewal) : foreseen ? lineOfForeseen(foreseen) : `version ${version}`;
          answer(face, output, [`${secret}  ${told}`]);
        } finally {
          wipe(value);
        }
      });
    });

  const rotation = vault.command('rotation').description('How a secret comes to its next value.');
  withPlace(
    withWhy(rotation.command(`show ${SECRET}`).description('Its plan, when it is due, and how it went last.')),
  ).action(async (secret: string, face: VaultFace & Why) => {
    await withVault(face, async (call) => {
      const { output } = await call('vault.renewal', { ...identityOf(secret), ...whyOf(face) });
      const { plan, own, days, due, newest } = output;
      answer(face, output, [
        plan ? `${plan.rotator.name}, ${own ? 'its own plan' : 'by its category'}` : 'by hand',
        days === null ? 'never due' : `every ${days} days, due ${due ?? ''}`,
        newest ? `${newest.updatedAt}  ${lineOfRenewal(newest)}` : 'not rotated yet',
      ]);
    });
  });
  withPlace(rotation.command(`set ${SECRET}`).description('Give it a plan of its own, or another interval.'))
    .option('--plan <plan.yaml>', 'the rotator and whom to tell')
    .option('--no-plan', 'that of its category again')
    .option('--days <days>', 'sooner than its category says; 0: as its category says')
    .action(async (secret: string, face: VaultFace & { plan?: string | false; days?: string }) => {
      await withVault(face, async (call) => {
        const { plan, days } = face;
        const { output } = await call('vault.setPlan', {
          ...identityOf(secret),
          // Commander says true where neither --plan nor --no-plan is there.
          ...(typeof plan === 'string' ? { plan: await readPlan(plan) } : plan === false ? { plan: null } : {}),
          ...(days === undefined ? {} : { days: Number(days) === 0 ? null : Number(days) }),
        });
        answer(face, output, [`${secret}  ${output.due === null ? 'never due' : `due ${output.due}`}`]);
      });
    });
}

type RotateOptions = Begun &
  Why & { due: boolean; dek: boolean; dryRun: boolean; urgent: boolean; back: boolean; file?: string; limit: string };

/** YAML or JSON. INPUT_INVALID, FILE_*. */
async function readPlan(path: string): Promise<RotationPlan> {
  const yaml = readYaml(new TextDecoder().decode(await readFileOrRefuse(path, PLAN_LIMIT)));
  const [fault] = yaml.faults.length > 0 ? yaml.faults : faultsAgainst(yaml, rotationPlanSchema, yaml.value);
  if (fault) {
    const { line, column, says } = fault;
    throw new Refusal('INPUT_INVALID', { detail: `${path}:${line}:${column}: ${fault.path.join('.')} ${says}` });
  }
  return rotationPlanSchema.parse(yaml.value);
}

function lineOfRenewal({ state, version, rotator, detail, told }: RenewalView): string {
  const news = told === 'failed' ? ', and nobody could be told' : '';
  return `version ${version} ${state} by ${rotator}${detail === null ? '' : `: ${detail}`}${news}`;
}

function lineOfForeseen({ version, rotator, does }: ForeseenView): string {
  return `would become version ${version} by ${rotator}${does === null ? '' : `: ${does}`}`;
}
