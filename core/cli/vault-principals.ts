import { createHash, X509Certificate } from 'node:crypto';
import { type Command, Option } from 'commander';
import { Refusal } from '../contract/errors.ts';
import { readPinSource } from '../hsm/pin-source.ts';
import { wipe } from '../process/guarded.ts';
import { readFileOrRefuse } from '../store/files.ts';
import { answer, say } from './report.ts';
import { chooseSecret } from './terminal-secret.ts';
import { type VaultFace, withPlace, withVault } from './vault-connection.ts';
import { type Delivery, checkDelivery, deliver, withDelivery } from './vault-value.ts';

const CERTIFICATE_LIMIT = 64 * 1024;

/** `claviger vault whoami` and `claviger vault principal …` */
export function addVaultPrincipalCommands(vault: Command): void {
  withPlace(vault.command('whoami').description('Who the vault takes one for.')).action(async (face: VaultFace) => {
    await withVault(face, async (call) => {
      const { output } = await call('vault.whoami', {});
      answer(face, output, [`${output.name}, a ${output.kind}${output.administers ? ', administers everything' : ''}`]);
    });
  });

  const principal = vault.command('principal').description('People and services.');
  const on = (name: string, says: string) => withPlace(principal.command(`${name} <name>`).description(says));

  withPlace(principal.command('list').description('Everybody, and how they come in.')).action(
    async (face: VaultFace) => {
      await withVault(face, async (call) => {
        const { output } = await call('vault.principals', {});
        const lines = output.principals.map(({ name, kind, system, disabled, locked, certificate, uid }) =>
          [
            ...[
              name,
              kind,
              ...(system ? ['system'] : []),
              ...(disabled ? ['disabled'] : []),
              ...(locked ? ['locked'] : []),
            ],
            ...[
              ...(uid === null ? [] : [`uid ${uid}`]),
              ...(certificate === null ? [] : [`certificate ${certificate}`]),
            ],
          ].join('  '),
        );
        answer(face, output, lines);
      });
    },
  );

  on('add', 'A new one, who may do nothing yet.')
    .addOption(new Option('--kind <kind>', 'what they are').choices(['person', 'service']).makeOptionMandatory())
    .option('--system', 'may have what policy keeps for systems', false)
    .action(async (name: string, face: VaultFace & { kind: 'person' | 'service'; system: boolean }) => {
      await withVault(face, async (call) => {
        const { output } = await call('vault.addPrincipal', { name, kind: face.kind, system: face.system });
        answer(face, output, [`${name}  ${output.id}`]);
      });
    });

  on('password', 'Give a person a password.')
    .option('--password-file <file>', 'the new one; else it is asked for')
    .action(async (name: string, face: VaultFace & { passwordFile?: string }) => {
      await withVault(face, async (call) => {
        const { passwordFile } = face;
        const password =
          passwordFile === undefined
            ? await chooseSecret(`A new password for ${name}: `, say)
            : await readPinSource({ file: passwordFile }, 'password');
        try {
          const { output } = await call('vault.setPassword', { name }, { password });
          answer(face, output, [`${name} has a new password.`]);
        } finally {
          wipe(password);
        }
      });
    });

  withDelivery(on('totp', 'Give a person a new key of one-time codes.'), 'its URI, which is shown once,').action(
    async (name: string, face: VaultFace & Delivery) => {
      await withVault(face, async (call) => {
        checkDelivery(face);
        await deliver(face, (await call('vault.setTotp', { name })).secret, { name });
      });
    },
  );

  withDelivery(on('token', 'Give a service a new token; the one before ends.'), 'it, which is shown once,').action(
    async (name: string, face: VaultFace & Delivery) => {
      await withVault(face, async (call) => {
        checkDelivery(face);
        await deliver(face, (await call('vault.issueToken', { name })).secret, { name });
      });
    },
  );

  on('bind', 'Know a service by its client certificate, or by the user it runs as.')
    .option('--certificate <file.crt>', 'PEM')
    .option('--uid <number>', 'as id -u tells it')
    .action(async (name: string, face: VaultFace & { certificate?: string; uid?: string }) => {
      await withVault(face, async (call) => {
        const { certificate, uid } = face;
        if ((certificate === undefined) === (uid === undefined)) {
          throw new Refusal('INPUT_INVALID', { detail: 'bind takes --certificate or --uid' });
        }
        const to = certificate === undefined ? { uid: Number(uid) } : { certificate: await fingerprintOf(certificate) };
        const { output } = await call('vault.bind', { name, to });
        answer(face, output, [`${name} is known by ${'uid' in to ? `uid ${to.uid}` : to.certificate}.`]);
      });
    });

  for (const [word, disabled] of [
    ['disable', true],
    ['enable', false],
  ] as const) {
    on(word, disabled ? 'End every way in at once.' : 'Let somebody in again, who sets new credentials.').action(
      async (name: string, face: VaultFace) => {
        await withVault(face, async (call) => {
          const { output } = await call('vault.disable', { name, disabled });
          answer(face, output, [`${name} is ${word}d.`]);
        });
      },
    );
  }

  on('unblock', 'Take off what failures have locked.').action(async (name: string, face: VaultFace) => {
    await withVault(face, async (call) => {
      const { output } = await call('vault.unblock', { name });
      answer(face, output, [`${name} is not locked any more.`]);
    });
  });
}

/** SHA-256 of its DER, hex. */
async function fingerprintOf(path: string): Promise<string> {
  const bytes = await readFileOrRefuse(path, CERTIFICATE_LIMIT);
  try {
    return createHash('sha256').update(new X509Certificate(bytes).raw).digest('hex');
  } catch {
    throw new Refusal('CERTIFICATE_INVALID', { path, detail: 'not a certificate in PEM' });
  }
}
