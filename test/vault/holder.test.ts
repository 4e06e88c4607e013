import { createHash, X509Certificate, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Transport } from '../../core/client/transport.ts';
import { framePieces, readFrame } from '../../core/contract/vault-frame.ts';
import { HolderProcess } from '../../core/service/holder-client.ts';
import { PASSPHRASE, type SampleHolder, adaOf, makeHolder, open, overTls } from './sample-holder.ts';
import { DATABASE, bytes, refusal, textOf } from './sample-vault.ts';

const CATEGORY = 'system-configuration';
const EVERYWHERE = { owner: '*', environment: '*', name: '*' } as const;

let folder: string;
let sample: SampleHolder;
/** Known by the user that this test runs as. */
let local: Transport;
let token: Uint8Array;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'claviger-holder-'));
  sample = await makeHolder(folder);
  const { ada } = sample;
  for (const name of ['batch', 'web', 'api']) {
    await ada('vault.addPrincipal', { name, kind: 'service', system: false });
    await ada('vault.grant', { name, scope: EVERYWHERE, rights: ['READ', 'WRITE'], expiresAt: null });
  }
  await ada('vault.bind', { name: 'batch', to: { uid: process.getuid?.() ?? -1 } });
  const { raw } = new X509Certificate(readFileSync(join(folder, 'web.crt')));
  await ada('vault.bind', { name: 'web', to: { certificate: createHash('sha256').update(raw).digest('hex') } });
  token = (await ada('vault.issueToken', { name: 'api' })).secret ?? bytes('');
  local = new Transport({ socket: sample.socket }, 'test');
  await local.call('vault.put', { ...DATABASE, category: CATEGORY }, { value: bytes('the value') });
});

afterAll(async () => {
  local.close();
  await sample.holder.close();
  rmSync(folder, { recursive: true });
});

test('a certificate is bound from a file of this machine, and from no other one', async () => {
  const to = { file: join(folder, 'web.crt') };
  await sample.ada('vault.bind', { name: 'web', to });
  const elsewhere = overTls(folder, sample.port, 'other');
  const bearer = { bearer: sample.session };
  expect((await refusal(() => elsewhere.call('vault.bind', { name: 'web', to }, bearer))).code).toBe('VAULT_REFUSED');
  const missing = { file: join(folder, 'missing.crt') };
  expect((await refusal(() => sample.ada('vault.bind', { name: 'web', to: missing }))).code).toBe('FILE_MISSING');
  elsewhere.close();
});

test('a service is known by its user, its token or its certificate', async () => {
  const web = overTls(folder, sample.port, 'web');
  const remote = overTls(folder, sample.port, 'other');
  for (const [transport, secrets, name] of [
    [local, {}, 'batch'],
    [local, { bearer: token }, 'api'],
    [web, {}, 'web'],
    [remote, { bearer: token }, 'api'],
    [local, { bearer: sample.session }, 'ada'],
  ] as const) {
    expect((await transport.call('vault.whoami', {}, secrets)).output).toMatchObject({ name });
  }
  const got = await web.call('vault.get', DATABASE);
  expect(textOf(got.secret ?? bytes(''))).toBe('the value');
  expect(got.output).toMatchObject({ version: 1, secret: DATABASE });
  web.close();
  remote.close();
});

test('another certificate, none, one of another CA, a wrong token and an old session let nobody in', async () => {
  const code = async (transport: Transport, secrets = {}) => {
    const { code: said } = await refusal(() => transport.call('vault.get', DATABASE, secrets));
    transport.close();
    return said;
  };
  expect(await code(overTls(folder, sample.port, 'other'))).toBe('LOGIN_REFUSED');
  expect(await code(overTls(folder, sample.port, 'stranger'))).toBe('VAULT_UNREACHABLE');
  const wrong = Uint8Array.from(token);
  wrong[token.length - 1] = (wrong[token.length - 1] ?? 0) ^ 1;
  // The user is known on this socket: a bearer is tried all the same, and nothing after it.
  for (const bearer of [wrong, bytes('clv_nonsense')]) {
    expect(await code(new Transport({ socket: sample.socket }), { bearer })).toBe('LOGIN_REFUSED');
  }
  for (const bearer of [randomBytes(32), bytes('')]) {
    expect(await code(new Transport({ socket: sample.socket }), { bearer })).toBe('SESSION_OVER');
  }
  // No certificate at all: TLS ends before a byte of HTTP.
  const heard = await new Promise<string>((tell) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: '127.0.0.1', port: sample.port, ca: readFileSync(join(folder, 'clients.crt')) });
    socket.on('secureConnect', () =>
      socket.write('POST /rpc/vault.status HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n'),
    );
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      tell(Buffer.concat(chunks).toString());
    });
  });
  expect(heard).toBe('');
});

test('what the starter of a holder may do, no caller may; and what is no command of the vault, nobody', async () => {
  for (const command of ['vault.unlock', 'vault.initialise', 'vault.serve', 'vault.nothing', 'vault.constructor']) {
    const { code } = await refusal(() => local.send(command, {}, { secret: bytes(PASSPHRASE) }));
    expect([command, code]).toEqual([command, 'COMMAND_UNKNOWN']);
  }
  for (const path of ['/rpc/app.info', '/rpc/ledger.list', '/rpc/token.show', '/', '/rpc/vault.get/../app.info']) {
    expect((await raw({ path, body: Buffer.concat(framePieces({}, [])) })).status).toBe(404);
  }
});

test('a message that is not one, to its last byte, is refused before it is a call', async () => {
  const whole = Buffer.concat(framePieces({ ...DATABASE }, [['value', bytes('x')]]));
  const head = (json: string, rest = '') => {
    const text = Buffer.from(json);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    return Buffer.concat([length, text, Buffer.from(rest)]);
  };
  for (const body of [
    Buffer.alloc(0),
    Buffer.alloc(3),
    whole.subarray(0, -1),
    Buffer.concat([whole, Buffer.alloc(1)]),
    head('{'),
    head('{"content":1,"secrets":[]}'),
    head('{"content":{},"secrets":[["value",1],["value",1]]}', 'xx'),
    head('{"content":{},"secrets":[["__proto__",1]]}', 'x'),
    head('{"content":{"value":"x"},"secrets":[["value",1]]}', 'x'),
    head('{"content":{},"secrets":[["value",-1]]}', ''),
    head('{"content":{},"secrets":[],"more":1}'),
  ]) {
    const { frame } = await raw({ path: '/rpc/vault.put', body });
    expect(frame?.content).toMatchObject({ ok: false, error: { code: 'INPUT_INVALID' } });
  }
  const endless = await raw({ path: '/rpc/vault.put', body: whole, headers: { 'transfer-encoding': 'chunked' } });
  expect(endless.frame?.content).toMatchObject({ ok: false, error: { code: 'INPUT_INVALID' } });
});

test('values come back byte for byte up to 1 MiB, and never in JSON, a header or an address', async () => {
  for (const length of [1, 255, 65_536, 1024 * 1024]) {
    const value = randomBytes(length);
    const identity = { ...DATABASE, name: `blob/${length}` };
    await local.call('vault.put', { ...identity, category: CATEGORY }, { value });
    expect(value.equals((await local.call('vault.get', identity)).secret ?? bytes(''))).toBe(true);
  }
  const { code } = await refusal(() =>
    local.call('vault.put', { ...DATABASE, name: 'blob/more' }, { value: new Uint8Array(1024 * 1024 + 1) }),
  );
  expect(code).toBe('VALUE_SIZE');
  const { headers, frame } = await raw({ path: '/rpc/vault.get', body: Buffer.concat(framePieces(DATABASE, [])) });
  expect(frame?.secrets.map(([name, secret]) => [name, textOf(secret)])).toEqual([['ticket', 'the value']]);
  expect(JSON.stringify([headers, frame?.content])).not.toContain('the value');
});

test('64 callers at once each get what is theirs', async () => {
  const callers = Array.from({ length: 64 }, () => new Transport({ socket: sample.socket }));
  const values = await Promise.all(
    callers.map(async (transport, index) => {
      const identity = { ...DATABASE, name: `many/${index}` };
      await transport.call('vault.put', { ...identity, category: CATEGORY }, { value: bytes(`value ${index}`) });
      const { secret } = await transport.call('vault.get', identity);
      transport.close();
      return textOf(secret ?? bytes(''));
    }),
  );
  expect(values).toEqual(callers.map((_, index) => `value ${index}`));
});

test('who started the holder has one connection, and is not held off as strangers are', async () => {
  for (let login = 0; login < 8; login += 1) {
    const password = bytes('not the password');
    const tried = () => sample.holder.transport.call('vault.login', { name: 'nobody', code: '000000' }, { password });
    expect((await refusal(tried)).code).toBe('LOGIN_REFUSED');
  }
});

test('a socket has one holder, in a folder that is nobody else’s', async () => {
  const third = HolderProcess.start({ data: join(folder, 'other-data') });
  const serve = (socket: string) => refusal(() => third.transport.send('vault.serve', { socket }));
  expect((await serve(sample.socket)).code).toBe('SOCKET_TAKEN');
  expect((await serve(join(folder, 'web.crt'))).code).toBe('SOCKET_TAKEN');
  const shared = join(folder, 'shared');
  mkdirSync(shared);
  chmodSync(shared, 0o777);
  expect((await serve(join(shared, 'vault.sock'))).code).toBe('SOCKET_UNSAFE');
  await third.close();
  expect(statSync(sample.socket).mode & 0o777).toBe(0o600);
  expect((await local.call('vault.status', {})).output.state).toBe('open');
});

test('nothing of a passphrase, token or value is in the arguments or the environment of the holder', () => {
  const of = (file: string) => readFileSync(`/proc/${sample.holder.pid ?? 0}/${file}`, 'latin1');
  for (const secret of [PASSPHRASE, textOf(token), 'the value']) {
    expect(of('cmdline')).not.toContain(secret);
    expect(of('environ')).not.toContain(secret);
  }
});

test('kill -9 of the holder loses nothing that was answered, and the next one replaces its socket', async () => {
  const answered: string[] = [];
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let turn = 0; ; turn += 1) {
      const name = `kept/${writer}/${turn}`;
      await local.call('vault.put', { ...DATABASE, name, category: CATEGORY }, { value: bytes(name) });
      answered.push(name);
      if (answered.length === 40) process.kill(sample.holder.pid ?? 0, 'SIGKILL');
    }
  });
  const ends = await Promise.allSettled(writers);
  expect(ends.every(({ status }) => status === 'rejected')).toBe(true);
  expect(await sample.holder.ended).toBe('SIGKILL');
  expect(existsSync(sample.socket)).toBe(true);

  const holder = HolderProcess.start({ data: join(folder, 'data') });
  const wrong = await refusal(() => holder.transport.call('vault.unlock', {}, { secret: bytes('not the passphrase') }));
  expect(wrong.code).toBe('KEYSTORE_PASSPHRASE_WRONG');
  await holder.transport.call('vault.unlock', {}, { secret: bytes(PASSPHRASE) });
  sample = { ...sample, holder, ...(await open(holder, folder)), ada: adaOf(holder, sample.session) };
  expect(answered.length).toBeGreaterThanOrEqual(40);
  for (const name of answered) {
    const { secret } = await local.call('vault.get', { ...DATABASE, name });
    expect(textOf(secret ?? bytes(''))).toBe(name);
  }
  expect((await refusal(() => sample.ada('vault.whoami', {}))).code).toBe('SESSION_OVER');
});

test('a holder that is told to end answers what has begun, and takes its socket away', async () => {
  const calls = Array.from({ length: 8 }, () => local.call('vault.get', DATABASE));
  const first = await Promise.race(calls);
  expect(textOf(first.secret ?? bytes(''))).toBe('the value');
  process.kill(sample.holder.pid ?? 0, 'SIGTERM');
  expect(await sample.holder.ended).toBe('exit 0');
  for (const { status, ...end } of await Promise.allSettled(calls)) {
    if (status === 'rejected') expect(end).toMatchObject({ reason: { code: 'VAULT_UNREACHABLE' } });
  }
  expect(existsSync(sample.socket)).toBe(false);
  expect((await refusal(() => local.call('vault.status', {}))).code).toBe('VAULT_UNREACHABLE');
});

/** One request as it is on the wire. */
function raw(given: {
  path: string;
  body: Buffer;
  headers?: Record<string, string>;
}): Promise<{ status: number | undefined; headers: IncomingHttpHeaders; frame: ReturnType<typeof readFrame> }> {
  return new Promise((resolve, reject) => {
    const { path, body, headers = { 'content-length': String(body.length) } } = given;
    const asked = request({ socketPath: sample.socket, method: 'POST', path, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const frame = readFrame(new Uint8Array(Buffer.concat(chunks)));
        resolve({ status: answer.statusCode, headers: answer.headers, frame });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
