import type { Command } from 'commander';
import type { EMERGENCY_RIGHTS } from '../contract/vault-emergency-policy.ts';
import type { EmergencyView } from '../contract/vault-emergency.ts';
import { Refusal } from '../contract/errors.ts';
import { readPinSource } from '../hsm/pin-source.ts';
import { wipe } from '../process/guarded.ts';
import { answer, say } from './report.ts';
import { chooseSecret, readSecret } from './terminal-secret.ts';
import { scopeOf } from './vault-access.ts';
import { type VaultFace, withPlace, withVault } from './vault-connection.ts';

type Right = (typeof EMERGENCY_RIGHTS)[number];
type OpenOptions = VaultFace & { reason: string; minutes?: string; scope?: string; rights?: string };

/** `claviger vault break-glass allow | disallow | open | status | end | review` and `claviger vault outside-password` */
export function addVaultEmergencyCommands(vault: Command): void {
  const group = vault
    .command('break-glass')
    .alias('emergency')
    .description('Emergency access: for a while, told to everybody, and reviewed afterwards.');

  for (const [word, allowed] of [
    ['allow', true],
    ['disallow', false],
  ] as const) {
    withPlace(
      group
        .command(`${word} <name>`)
        .description(allowed ? 'Put a person on the emergency list.' : 'Take a person off the emergency list.'),
    ).action(async (name: string, face: VaultFace) => {
      await withVault(face, async (call) => {
        const { output } = await call('vault.breakGlassAllow', { name, allowed });
        answer(face, output, [`${name} is ${allowed ? 'on' : 'off'} the emergency list.`]);
      });
    });
  }

  withPlace(group.command('open').description('Break the glass: a second one-time code is asked for, a new one.'))
    .requiredOption('--reason <text>', 'why; everybody who is told reads it')
    .option('--minutes <number>', 'for how long, where it is less than policy allows')
    .option('--scope <owner/environment/name>', 'where, if not everywhere; * as with grants')
    .option('--rights <rights>', 'READ, WRITE, ROTATE, where it is less than policy gives')
    .action(async (face: OpenOptions) => {
      await withVault(face, async (call) => {
        if (face.as === undefined) throw new Refusal('INPUT_INVALID', { detail: 'a person logs in with --as' });
        const { reason, minutes, scope, rights } = face;
        say('A code counts once: wait for the next one.');
        const code = await readSecret('Another one-time code: ');
        try {
          const { output } = await call('vault.breakGlass', {
            ...{ reason, code: new TextDecoder().decode(code) },
            ...(minutes === undefined ? {} : { minutes: Number(minutes) }),
            ...(scope === undefined ? {} : { scope: scopeOf(scope) }),
            ...(rights === undefined ? {} : { rights: rights.toUpperCase().split(',') as Right[] }),
          });
          answer(face, output, linesOf(output));
        } finally {
          wipe(code);
        }
      });
    });

  withPlace(
    group.command('status').description('Each emergency, how long it lasts, and what is to be reviewed.'),
  ).action(async (face: VaultFace) => {
    await withVault(face, async (call) => {
      const { output } = await call('vault.breakGlassStatus', {});
      const { emergencies, people } = output;
      answer(face, output, [
        ...(people === null ? [] : [`emergency list: ${people.join(', ') || 'nobody'}`]),
        ...(emergencies.length === 0 ? ['No emergency.'] : emergencies.flatMap(linesOf)),
      ]);
    });
  });

  withPlace(group.command('end <emergency>').description('End it before its time.')).action(
    async (emergency: string, face: VaultFace) => {
      await withVault(face, async (call) => {
        const { output } = await call('vault.breakGlassEnd', { emergency });
        answer(face, output, ['It is over.']);
      });
    },
  );

  withPlace(group.command('review <emergency>').description('File what another person found of it afterwards.'))
    .requiredOption('--finding <text>', 'what was done, whether it was right, and what follows')
    .requiredOption('--operations <number>', 'how many rows under it were looked at, as status tells')
    .action(async (emergency: string, face: VaultFace & { finding: string; operations: string }) => {
      await withVault(face, async (call) => {
        const { finding, operations } = face;
        const { output } = await call('vault.breakGlassReview', { emergency, finding, operations: Number(operations) });
        answer(face, output, ['The review is filed.']);
      });
    });

  withPlace(
    vault
      .command('outside-password <notifier>')
      .description('The password by which the vault logs in elsewhere: it is kept as a secret, and never comes back.'),
  )
    .option('--password-file <file>', 'the password; else it is asked for')
    .action(async (of: string, face: VaultFace & { passwordFile?: string }) => {
      await withVault(face, async (call) => {
        const { passwordFile } = face;
        const password =
          passwordFile === undefined
            ? await chooseSecret(`The password of ${of}: `, say)
            : await readPinSource({ file: passwordFile }, 'password');
        try {
          const { output } = await call('vault.setOutsidePassword', { of }, { password });
          answer(face, output, [`The password of ${of} is kept.`]);
        } finally {
          wipe(password);
        }
      });
    });
}

function linesOf(view: EmergencyView): string[] {
  const { id, principal, scope, rights, reason, openedAt, expiresAt, remainingSeconds, ended, endedBy } = view;
  const countdown = `${Math.floor(remainingSeconds / 60)} min ${remainingSeconds % 60} s left`;
  const over = `${ended === 'revoked' ? `ended by ${endedBy ?? ''}` : 'ended by itself'} ${view.endedAt ?? ''}`;
  const told = view.notices.map(({ notifier, event, state }) => `${notifier} (${event}): ${state}`).join(', ');
  return [
    `${id}  ${principal}: ${rights.join(',')} ${scope.owner}/${scope.environment}/${scope.name}`,
    `    ${ended === null ? countdown : over}; opened ${openedAt} until ${expiresAt}`,
    `    ${reason}`,
    `    ${view.operations} operations; ${view.review ? `reviewed by ${view.review.by}: ${view.review.finding}` : 'not reviewed'}`,
    ...(told === '' ? [] : [`    told: ${told}`]),
  ];
}
