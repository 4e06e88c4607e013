import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type TOTP, URI } from 'otpauth';
import { expect, onTestFinished, test } from 'vitest';
import { TokenProcess } from '../../core/hsm/process/client.ts';
import { guardedCopy } from '../../core/process/guarded.ts';
import { SecretBox } from '../../core/process/secret-channel.ts';
import { Changes } from '../../core/service/changes.ts';
import { handlersOf } from '../../core/service/handlers.ts';
import type { Credential, Peer } from '../../core/service/vault.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { SECURITY_OFFICER_PIN, SOFTHSM_MODULE, USER_PIN, makeSoftHsm } from '../hsm/softhsm.ts';
import { openPipe } from './open-pipe.ts';
import { Clock, DATABASE, PASSWORD, bytes, refusal, textOf } from './sample-vault.ts';

/** A vault whose KEK lies in a token, as the ceremony `vault-initialisation` leaves it: the master key is there too. */

async function inToken<T>(work: (token: TokenProcess) => Promise<T>): Promise<T> {
  const token = TokenProcess.start();
  try {
    await token.call('open', { location: { kind: 'pkcs11', module: SOFTHSM_MODULE, token: 'vault' } });
    const [pin, securityOfficerPin] = [
      await token.sendSecret(bytes(USER_PIN)),
      await token.sendSecret(bytes(SECURITY_OFFICER_PIN)),
    ];
    await token.call('login', { pin, securityOfficerPin });
    return await work(token);
  } finally {
    await token.close();
  }
}

const labels = () =>
  inToken(async (token) => (await token.call('inventory', {})).keys.map(({ label }) => label).toSorted());

function coreOf(data: string, clock: Clock) {
  const box = new SecretBox(openPipe());
  const parts = { data, box, changes: new Changes(), clock: clock.read, random: () => new Uint8Array(4) };
  const core = handlersOf(parts);
  const keep = (text: string) => box.keep(guardedCopy(bytes(text)));
  const taken = async (ticket: string) => textOf(await box.take(ticket));
  return { ...core, keep, taken };
}

test('a KEK in a token: the new one is made there, backed up under the master key by nobody, and the old one is destroyed there', async () => {
  const { remove } = makeSoftHsm(['vault']);
  onTestFinished(remove);
  const folder = temporaryFolder();
  const [data, token] = [join(folder, 'data'), join(folder, 'token.yaml')];
  writeFileSync(join(folder, 'pin'), USER_PIN, { mode: 0o600 });
  writeFileSync(token, `module: ${SOFTHSM_MODULE}\ntoken: vault\npin: { file: pin }\n`);
  await inToken((process) => process.call('generateKey', { label: 'kek', algorithm: 'AES-256', purpose: 'kek' }));

  const clock = new Clock();
  const { handlers, keep, taken, close } = coreOf(data, clock);
  const ada: Peer = { address: 'pipe', agent: 'test', credential: null };
  const made = await handlers['vault.initialise'](
    { key: { token, label: 'kek' }, administrator: 'ada', password: keep(PASSWORD) },
    ada,
  );
  const code = (URI.parse(await taken(made.ticket)) as TOTP).generate({ timestamp: clock.read().getTime() });
  await handlers['vault.login']({ name: 'ada', password: keep(PASSWORD), code }, ada);
  await handlers['vault.addPrincipal']({ name: 'billing', kind: 'service', system: true }, ada);
  const bearer = bytes(await taken((await handlers['vault.issueToken']({ name: 'billing' }, ada)).ticket));
  const credential = (): Credential => ({ token: guardedCopy(bearer) });
  const service = (): Peer => ({ address: 'unix:1000', agent: 'test', credential: credential() });
  const scope = { owner: 'billing', environment: '*', name: '*' } as const;
  await handlers['vault.grant']({ name: 'billing', scope, rights: ['READ', 'WRITE'] }, ada);
  await handlers['vault.put']({ ...DATABASE, category: 'database-password', value: keep('hush-hush') }, service());

  // No master key, no backup: no key is made.
  expect((await refusal(() => handlers['vault.rotateKey']({}, ada))).code).toBe('ROTATION_NO_MASTER_KEY');
  expect(await labels()).toEqual(['kek']);
  await inToken(async (process) => {
    await process.call('makeMasterKey', {
      ...{ label: 'master', masterKeyId: '00'.repeat(16), ceremony: 'test', epoch: 0, dice: null },
      ...{ threshold: 2, shareCount: 2, scryptLog2N: 10 },
      passphrases: [
        await process.sendSecret(bytes('anvil birch cedar')),
        await process.sendSecret(bytes('dune ember flint')),
      ],
    });
  });

  const ended = async () => {
    for (;;) {
      const { rotation } = await handlers['vault.rotation']({}, ada);
      if (!rotation?.running) return rotation;
      await nextTurn();
    }
  };
  const { rotation: begun } = await handlers['vault.rotateKey']({ graceHours: 1 }, ada);
  const label = `vault-kek-${begun.id.slice(0, 8)}`;
  const rotated = await ended();
  expect(rotated).toMatchObject({ phase: 'grace', stopped: null, backup: { masterKey: 'master' } });
  expect(await labels()).toEqual(['kek', 'master', label].toSorted());
  const blob = readFileSync(join(data, `kek-backup/${label}.kwp`));
  expect(createHash('sha256').update(blob).digest('hex')).toBe(rotated?.backup?.sha256);
  const rows = await handlers['ledger.list']({ kind: 'vault.rotation', limit: 100 }, ada);
  expect(rows.rows.find(({ body }) => (body as { event: string }).event === 'prepared')?.body).toMatchObject({
    backup: { label, masterKey: 'master', mechanism: 'RFC5649', blob: blob.toString('base64') },
  });

  await handlers['vault.finishRotation']({ now: true }, ada);
  expect(await ended()).toMatchObject({ phase: 'finished', stopped: null });
  expect(await labels()).toEqual(['master', label].toSorted());
  expect(await taken((await handlers['vault.get'](DATABASE, service())).ticket)).toBe('hush-hush');
  await close();

  const later = coreOf(data, clock);
  expect(await later.handlers['vault.unlock']({}, ada)).toMatchObject({ state: 'open', keyId: rotated?.to });
  expect(await later.taken((await later.handlers['vault.get'](DATABASE, service())).ticket)).toBe('hush-hush');
  await later.close();
});
