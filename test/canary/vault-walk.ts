import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { URI } from 'otpauth';
import { connect } from '../../core/client/claviger.ts';
import { HolderProcess } from '../../core/service/holder-client.ts';
import { type Walked, walking } from './walking.ts';

/**
 * Carries marked secrets through every way of a vault, with a holder in a process of its own: `vault-walk.ts INPUT.json`. Prints every answer and every refusal with its
 * texts; what the vault drew itself (tokens, sessions, keys of one-time codes, data keys) goes to the file `heard`, a JSON line each, and no further.
 */

export type Walk = Walked<WalkSecret> & {
  /** Paths: a certificate, and its key. */
  recipient: { certificate: string; key: string };
};
export type WalkSecret =
  | 'passphrase'
  | 'password'
  | 'keeper password'
  | 'wrong password'
  | 'value'
  | 'value before'
  | 'large value'
  | 'binary value'
  | 'user password'
  | 'wrong user password'
  | 'api token'
  | 'wrong api token'
  | 'refused value'
  | 'field';

const walk = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Walk;
const { say, secret, hear, place, keepMoment, over, refused, same } = walking(walk);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const holder = HolderProcess.start({ data: walk.data });
const { transport } = holder;
const made = await transport.call(
  'vault.initialise',
  { key: { keystore: true }, administrator: 'ada' },
  { secret: secret('passphrase'), password: secret('password') },
);
const uri = made.secret ?? new Uint8Array(0);
const totp = URI.parse(text(uri));
hear('codes of ada', totp.secret.bytes);
const code = totp.generate();
const login = (password: Uint8Array, typed: string) =>
  transport.call('vault.login', { name: 'ada', code: typed }, { password });
await refused('LOGIN_REFUSED', () => login(secret('wrong password'), code));
const session = (await login(secret('password'), code)).secret ?? new Uint8Array(0);
hear('session', session);
const ada = over(transport, session);
const everything = { owner: '*', environment: '*', name: '*' } as const;

await ada('vault.addPrincipal', { name: 'billing', kind: 'service', system: true });
await ada('vault.addPrincipal', { name: 'keeper', kind: 'person', system: false });
await ada('vault.setPassword', { name: 'keeper' }, { password: secret('keeper password') });
const codes = (await ada('vault.setTotp', { name: 'keeper' })).secret ?? new Uint8Array(0);
hear('codes of keeper', URI.parse(text(codes)).secret.bytes);
const token = (await ada('vault.issueToken', { name: 'billing' })).secret ?? new Uint8Array(0);
// `clv_`, who it is of, and then what is secret.
const SECRET_AT = 4 + 36 + 1;
hear('token', token.subarray(SECRET_AT));
const rights = ['READ', 'WRITE', 'ADMIN', 'ROTATE'] as const;
await ada('vault.grant', { name: 'billing', scope: everything, rights: [...rights] });
await refused('LOGIN_REFUSED', () => {
  const wrong = Uint8Array.from(token).fill(0x41, SECRET_AT, SECRET_AT + 9);
  hear('wrong token', wrong.subarray(SECRET_AT));
  return over(transport, wrong)('vault.whoami', {});
});

const billing = over(transport, token);
const at = (name: string) => ({ owner: 'billing', environment: 'production', name }) as const;
const KINDS = [
  ['db/main', 'database-password', 'value before'],
  ['db/main', 'database-password', 'value'],
  ['large', 'system-configuration', 'large value'],
  ['binary', 'session-key', 'binary value'],
  ['login', 'user-password', 'user password'],
  ['token', 'api-token', 'api token'],
] as const;
for (const [name, category, value] of KINDS) {
  await billing('vault.put', { ...at(name), category, tags: ['canary'] }, { value: secret(value) });
  keepMoment();
}
for (const [name, category, value] of KINDS.slice(1, 4)) {
  same((await billing('vault.get', { ...at(name), purpose: category })).secret, value);
}
same((await billing('vault.get', { ...at('db/main'), version: 1 })).secret, 'value before');
for (const [name, right, wrong] of [
  ['login', 'user password', 'wrong user password'],
  ['token', 'api token', 'wrong api token'],
] as const) {
  await billing('vault.verify', at(name), { value: secret(right) });
  await refused('VAULT_REFUSED', () => billing('vault.verify', at(name), { value: secret(wrong) }));
  await refused('SECRET_NOT_READABLE', () => billing('vault.get', at(name)));
}
const value = secret('refused value');
await refused('CATEGORY_OTHER', () => billing('vault.put', { ...at('db/main'), category: 'api-token' }, { value }));
await refused('CATEGORY_UNKNOWN', () => billing('vault.put', { ...at('none'), category: 'none' }, { value }));
await refused('VAULT_REFUSED', () => ada('vault.put', { ...at('db/main') }, { value }));
await refused('VAULT_REFUSED', () => ada('vault.get', at('db/main')));
await refused('INPUT_INVALID', () => billing('vault.put', { ...at('none'), tags: ['NOT A TAG'] }, { value }));

await holder.transport.send('vault.serve', { socket: process.env['CANARY_SOCKET'] ?? '' });
const library = connect({ place: { socket: process.env['CANARY_SOCKET'] ?? '' }, token });
const got = await library.getSecret('db/main', { owner: 'billing', environment: 'production' });
say({ got, text: String(got) });
process.stderr.write(`${String(got)} ${JSON.stringify(got)}\n`);
const field = { ...at('fields'), context: { table: 'customer', row: '7' } };
const sealedField = await library.encryptField(text(secret('field')), field);
writeFileSync(place('field.txt'), sealedField);
same((await library.decryptField(sealedField, field)).bytes(), 'field');
library.close();
const use = { ...at('fields'), context: { row: '7' } };
hear('data key', (await billing('vault.dataKey', use)).secret ?? new Uint8Array(0));

await billing('vault.health', {});
await billing('vault.alerts', {});
await billing('vault.versions', at('db/main'));
await billing('vault.list', {});
const metrics = await billing('vault.metrics', {});
writeFileSync(place('metrics.txt'), metrics.output.text);

const recipient = readFileSync(walk.recipient.certificate, 'utf8');
const exported = await billing('vault.export', {
  ...{ owner: 'billing', recipient, out: place('billing.cms'), purpose: 'a move' },
});
const bring = { file: place('billing.cms'), sha256: exported.output.sha256, purpose: 'a move', replace: true };
await refused('KEY_FILE_INVALID', () => billing('vault.import', bring, { secret: secret('refused value') }));
await billing('vault.import', bring, { secret: new Uint8Array(readFileSync(walk.recipient.key)) });
await billing('vault.delete', at('binary'));
keepMoment();
await ada('vault.backup', { out: place('vault.backup') });
keepMoment();
await ada('vault.logout', {});
await holder.close();

const second = HolderProcess.start({ data: place('other') });
const keystore = { keystore: join(walk.data, 'vault.keystore') };
const restore = { file: place('vault.backup'), folder: place('restored'), key: keystore };
await refused('KEYSTORE_PASSPHRASE_WRONG', () =>
  over(second.transport)('vault.restore', restore, { secret: secret('wrong password') }),
);
await over(second.transport)('vault.restore', restore, { secret: secret('passphrase') });
await second.close();
const third = HolderProcess.start({ data: place('restored') });
await refused('KEYSTORE_PASSPHRASE_WRONG', () =>
  over(third.transport)('vault.unlock', {}, { secret: secret('wrong password') }),
);
await over(third.transport)('vault.unlock', {}, { secret: secret('passphrase') });
same((await over(third.transport, token)('vault.get', at('db/main'))).secret, 'value');
await third.close();
say('walked');
