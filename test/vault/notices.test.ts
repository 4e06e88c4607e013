import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { DEFAULT_POLICY, vaultPolicySchema } from '../../core/contract/vault.ts';
import type { Notifier } from '../../core/contract/vault-emergency-policy.ts';
import { alertsFor } from '../../core/vault/health.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { REASON, bodies, listed, withNotifiers } from './sample-emergency.ts';
import { DATABASE, type SampleVault, bytes, refusal, sampleVault } from './sample-vault.ts';

/** Who is told of an emergency, by a real mail server, real programs and files; and that it goes its way whoever is not. */

async function opened(notifiers: Notifier[]): Promise<{ sample: SampleVault; open: () => Promise<string> }> {
  const sample = await sampleVault(temporaryFolder());
  onTestFinished(async () => {
    await sample.vault.notices.settled();
    await sample.close();
  });
  const mira = await listed(sample, 'mira');
  await withNotifiers(sample, notifiers);
  const open = async () => {
    const caller = await mira.caller();
    const { id } = await sample.vault.emergencies.open(caller, { reason: REASON, code: mira.code() });
    expect((await mira.caller()).emergency).toBe(id);
    return id;
  };
  return { sample, open };
}

const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

function program(text: string): string {
  const path = join(temporaryFolder(), 'program');
  writeFileSync(path, `#!/bin/bash\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

test('a file has a line of each, its owner’s alone; a program is given the same, and none of this process’s environment', async () => {
  const folder = temporaryFolder();
  const [file, given] = [join(folder, 'notices'), join(folder, 'given')];
  process.env['OF_THIS_PROCESS'] = 'x';
  const { sample, open } = await opened([
    { kind: 'file', name: 'journal', path: file },
    {
      kind: 'command',
      name: 'pager',
      program: program(`cat >> "$1"; echo >> "$1"; env > "$1.env"`),
      arguments: [given],
    },
  ]);
  const id = await open();
  await sample.vault.notices.settled();
  await sample.vault.emergencies.end(await sample.caller('ada'), id);
  await sample.vault.notices.settled();
  for (const lines of [linesOf(file), linesOf(given)]) {
    expect(lines).toMatchObject([
      {
        event: 'opened',
        emergency: id,
        principal: 'mira',
        reason: REASON,
        scope: '*/*/*',
        rights: 'READ, WRITE',
        endedAt: null,
      },
      { event: 'ended', emergency: id, principal: 'mira' },
    ]);
  }
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(`${given}.env`, 'utf8')).not.toContain('OF_THIS_PROCESS');
  expect(await bodies(sample, 'vault.notified')).toMatchObject(
    ['opened', 'ended'].flatMap((event) =>
      ['journal', 'pager'].map(() => ({ emergency: id, event, attempt: 1, ok: true, detail: null })),
    ),
  );
});

test('mail goes over TLS with a password that the vault keeps, and is in no row and no policy', async () => {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder, name);
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-days', '1'],
      ...['-subj', '/CN=mail', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', at('key'), '-out', at('crt')],
    ],
    { stdio: 'pipe' },
  );
  const server = spawn(
    '/usr/bin/python3',
    [join(import.meta.dirname, 'smtp-server.py'), at('crt'), at('key'), 'vault', 'pass-of-the-mail', at('mailbox')],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  onTestFinished(() => void server.kill());
  const port = await new Promise<number>((told) => {
    createInterface({ input: server.stdout }).once('line', (line) => {
      told(Number(line));
    });
  });
  const mail: Notifier = {
    ...({ kind: 'smtp', name: 'mail', host: '127.0.0.1', port, tls: 'starttls' } as const),
    ...{ user: 'vault', from: 'vault@example.org', to: ['security@example.org', 'lead@example.org'] },
  };
  const ca = readFileSync(at('crt'), 'utf8');
  const { sample, open } = await opened([
    { ...mail, name: 'mail', ca },
    { ...mail, name: 'untrusted' },
    { ...mail, name: 'without', ca, language: 'de' },
  ]);
  const ada = await sample.caller('ada');
  for (const name of ['mail', 'untrusted']) {
    await sample.vault.notices.setPassword(ada, name, bytes('pass-of-the-mail'));
  }
  const nora = await sample.somebody('nora', ['READ'], { kind: 'person' });
  expect((await refusal(() => sample.vault.notices.setPassword(nora, 'mail', bytes('x')))).code).toBe('VAULT_REFUSED');
  const id = await open();
  await sample.vault.notices.settled();
  const told = async () =>
    Object.fromEntries(
      (await bodies(sample, 'vault.notified')).map(({ notifier, detail }) => [notifier, detail] as [string, unknown]),
    );
  expect(await told()).toEqual({ mail: null, untrusted: 'ESOCKET', without: 'no password' });
  expect(linesOf(at('mailbox'))).toMatchObject([{ from: mail.from, to: mail.to, user: 'vault', tls: true }]);
  const [english] = linesOf(at('mailbox'));
  expect(english?.['content']).toMatch(/^Subject: Claviger: mira has broken the glass$/m);
  expect(String(english?.['content']).replaceAll(/=\r?\n/g, '')).toContain(`Reason: ${REASON}`);
  await sample.vault.notices.setPassword(ada, 'without', bytes('a wrong one'));
  await sample.vault.keep();
  await sample.vault.notices.settled();
  expect((await told())['without']).toBe('EAUTH');
  // What failed is tried again, and goes in its own language once it can.
  await sample.vault.notices.setPassword(ada, 'without', bytes('pass-of-the-mail'));
  await sample.vault.keep();
  await sample.vault.notices.settled();
  expect((await told())['without']).toBeNull();
  const [, german] = linesOf(at('mailbox'));
  expect(german?.['content']).toMatch(/Subject: Claviger: mira hat einen Notzugriff begonnen/);
  expect((await sample.vault.emergencies.status(ada)).emergencies[0]?.notices.map(({ state }) => state)).toEqual([
    ...['sent', 'pending', 'sent'],
  ]);
  const rows = JSON.stringify(await sample.vault.parts.ledger.read());
  expect(rows).toContain(id);
  expect(rows).not.toMatch(/pass-of-the-mail|a wrong one/);
});

test('whoever cannot be told keeps nobody out: each attempt is a row, it is given up after five with an alert, and a slow one delays no other', async () => {
  const folder = temporaryFolder();
  const good = join(folder, 'good');
  const link = join(folder, 'link');
  symlinkSync(good, link);
  // It ends once the last of them has told.
  const slow = program('until [ -s "$1" ]; do sleep 0.05; done');
  const { sample, open } = await opened([
    { kind: 'command', name: 'slow', program: slow, arguments: [good] },
    { kind: 'file', name: 'nowhere', path: join(folder, 'missing/notices') },
    { kind: 'file', name: 'link', path: link },
    { kind: 'command', name: 'failing', program: program('cat > /dev/null; echo "what it says" >&2; exit 3') },
    { kind: 'command', name: 'deaf', program: '/bin/true' },
    { kind: 'command', name: 'absent', program: '/no/such/program' },
    { kind: 'file', name: 'good', path: good },
  ]);
  const id = await open();
  const service = await sample.somebody('billing', ['WRITE']);
  await sample.vault.secrets.put(service, { identity: DATABASE, category: 'session-key' }, bytes('x'));
  for (let turn = 0; turn < 7; turn += 1) {
    await sample.vault.notices.settled();
    await sample.vault.keep();
  }
  await sample.vault.notices.settled();
  const rows = await bodies(sample, 'vault.notified');
  const of = (name: string) => rows.filter(({ notifier }) => notifier === name);
  for (const [name, detail] of [
    ['nowhere', 'OUTPUT_MISSING'],
    ['link', 'OUTPUT_UNWRITABLE'],
    ['failing', 'exit 3'],
    ['absent', 'ENOENT'],
  ] as const) {
    expect(of(name)).toMatchObject([1, 2, 3, 4, 5].map((attempt) => ({ emergency: id, attempt, ok: false, detail })));
  }
  for (const name of ['slow', 'deaf', 'good']) expect(of(name)).toMatchObject([{ attempt: 1, ok: true }]);
  expect(linesOf(good)).toHaveLength(1);
  const alerts = (await alertsFor(sample.vault.parts, await sample.caller('ada'), { limit: 20 }))
    .filter(({ alert }) => alert === 'notifier')
    .map(({ secret }) => secret.name);
  expect(alerts.toSorted()).toEqual(['absent', 'failing', 'link', 'nowhere'].map((name) => `notifier/${name}`));
  expect(JSON.stringify(rows)).not.toContain('what it says');
});

test('what a process had not told before it ended is told by the next', async () => {
  const file = join(temporaryFolder(), 'notices');
  const { sample, open } = await opened([{ kind: 'file', name: 'journal', path: file }]);
  // As if it had been killed in between: nothing is sent in this process.
  sample.vault.notices.sendSoon = () => undefined;
  await open();
  expect(existsSync(file)).toBe(false);
  Object.assign(sample, await sample.again());
  await sample.vault.keep();
  await sample.vault.notices.settled();
  expect(linesOf(file)).toMatchObject([{ event: 'opened', principal: 'mira' }]);
});

test('programs and files are named from the holder’s machine alone, and names come once', async () => {
  const { sample } = await opened([]);
  const ada = await sample.caller('ada');
  const { version } = await sample.vault.policies.present();
  const policy = (notifiers: Notifier[]) => ({
    ...DEFAULT_POLICY,
    emergency: { minutes: 60, rights: ['READ' as const], notifiers },
  });
  const remote = { ...ada, address: '192.0.2.7' };
  const pager: Notifier = { kind: 'command', name: 'pager', program: '/bin/true' };
  const work = () => sample.vault.policies.change(remote, version + 1, policy([pager]));
  expect((await refusal(work)).code).toBe('VAULT_REFUSED');
  await sample.vault.policies.change(ada, version + 1, policy([pager]));
  // Anything else may be changed from elsewhere, with what is there as it is.
  await sample.vault.policies.change(remote, version + 2, { ...policy([pager]), approvalMinutes: 5 });
  for (const wrong of [
    [pager, { ...pager, program: '/bin/false' }],
    [{ ...pager, program: 'true' }],
    [{ kind: 'file', name: 'x', path: 'notices' }],
    [{ kind: 'smtp', name: 'x', host: 'h', port: 25, tls: 'none', from: 'a@example.org', to: ['b@example.org'] }],
  ]) {
    expect(vaultPolicySchema.safeParse(policy(wrong as Notifier[])).success).toBe(false);
  }
});
