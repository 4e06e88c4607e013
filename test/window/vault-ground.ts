import { type TOTP, URI } from 'otpauth';
import type { Page } from 'playwright/test';
import type { VaultAnswer, VaultInput } from '../../core/client/transport.ts';
import type { CommandName } from '../../core/contract/commands.ts';
import type { Right, Scope, SecretIdentity } from '../../core/contract/vault.ts';
import { HolderProcess } from '../../core/service/holder-client.ts';
import { PASSPHRASE } from '../vault/sample-holder.ts';
import { PASSWORD, bytes, textOf } from '../vault/sample-vault.ts';
import { type Place, expect, test as base } from './application.ts';

/** A vault that was made and filled by a holder of its own before the window opens. */
export type VaultGround = Place & {
  /** The next code of somebody: one that they have not used. */
  code: (person: string) => string;
  /** The token of the service billing. */
  token: Uint8Array;
};

type Call = <C extends Extract<CommandName, `vault.${string}`>>(
  command: C,
  input: VaultInput<C>,
  secrets?: { [name: string]: Uint8Array },
) => Promise<VaultAnswer<C>>;

const PERIOD_MS = 30_000;
const EVERYWHERE: Scope = { owner: '*', environment: '*', name: '*' };
export const GUARDED: SecretIdentity = { owner: 'pki', environment: 'isolated', name: 'root-2026/backup' };

const SECRETS: [SecretIdentity, string, string, string[]][] = [
  [of('billing', 'production', 'db/main'), 'database-password', 'Main database of the invoices', ['database']],
  [of('billing', 'production', 'env/SMTP_PASSWORD'), 'system-configuration', 'Mail server', ['mail']],
  [of('billing', 'production', 'api/payments'), 'api-token', 'What the payment service calls with', []],
  [of('billing', 'staging', 'db/main'), 'database-password', '', ['database']],
  [of('shop', 'production', 'tls/www'), 'node-certificate-key', 'Private key of www.example.com', []],
  [of('shop', 'production', 'session/signing'), 'session-key', 'Signs what a browser brings back', []],
  [of('shop', 'development', 'db/main'), 'database-password', '', ['database']],
  [GUARDED, 'root-ca-key', 'Wrapped backup of the root CA key', []],
];

function of(owner: string, environment: SecretIdentity['environment'], name: string): SecretIdentity {
  return { owner, environment, name };
}

/** What ada does for a test before the window opens, and the others with her. */
type Prepare = (ada: Call, others: { bob: Call; cleo: Call }) => Promise<void>;

/** ada administers and stores, cleo administers, bob reads and asks; billing is a service. `also`: so many secrets of a catalogue's. `newcomers` have no rights, and were never in. */
export async function makeVault(
  { data }: { data: string },
  also = 0,
  newcomers: string[] = [],
  prepare: Prepare = () => Promise.resolve(),
): Promise<Pick<VaultGround, 'code' | 'token'>> {
  const holder = HolderProcess.start({ data });
  const { transport } = holder;
  const codes = new Map<string, { totp: TOTP; used: number }>();
  const authenticator = (person: string, uri: Uint8Array | null) => {
    codes.set(person, { totp: URI.parse(textOf(uri ?? bytes(''))) as TOTP, used: 0 });
  };
  const code = (person: string) => {
    const own = codes.get(person);
    if (!own) throw new Error(`${person} has no authenticator`);
    own.used = Math.max(own.used + 1, Math.floor(Date.now() / PERIOD_MS));
    return own.totp.generate({ timestamp: own.used * PERIOD_MS });
  };
  const login = async (name: string): Promise<Call> => {
    const { secret } = await transport.call('vault.login', { name, code: code(name) }, { password: bytes(PASSWORD) });
    return (command, input, secrets) => transport.call(command, input, { bearer: secret ?? bytes(''), ...secrets });
  };
  const made = await transport.call(
    'vault.initialise',
    { key: { keystore: true }, administrator: 'ada' },
    { secret: bytes(PASSPHRASE), password: bytes(PASSWORD) },
  );
  authenticator('ada', made.secret);
  const ada = await login('ada');
  const newcomer = async (name: string) => {
    await ada('vault.addPrincipal', { name, kind: 'person' });
    await ada('vault.setPassword', { name }, { password: bytes(PASSWORD) });
    authenticator(name, (await ada('vault.setTotp', { name })).secret);
  };
  for (const name of newcomers) await newcomer(name);
  const person = async (name: string, rights: Right[]) => {
    await newcomer(name);
    await ada('vault.grant', { name, scope: EVERYWHERE, rights });
    return login(name);
  };
  const cleo = await person('cleo', ['ADMIN']);
  const bob = await person('bob', ['READ', 'WRITE']);
  await cleo('vault.grant', { name: 'ada', scope: EVERYWHERE, rights: ['READ', 'WRITE', 'ROTATE'] });
  await ada('vault.addPrincipal', { name: 'billing', kind: 'service', system: true });
  const scope: Scope = { owner: 'billing', environment: 'production', name: '*' };
  await ada('vault.grant', { name: 'billing', scope, rights: ['READ', 'WRITE'] });
  const { secret: token } = await ada('vault.issueToken', { name: 'billing' });
  for (const [identity, category, description, tags] of SECRETS) {
    const input = {
      ...identity,
      category,
      description,
      tags,
      ...(category === 'session-key' ? { rotationDays: 20 } : {}),
    };
    await bob('vault.put', input, { value: bytes(`what ${identity.name} is in a test`) });
  }
  for (let number = 1; number <= also; number += 1) {
    const name = `item/${String(number).padStart(3, '0')}`;
    const input = { ...of('catalogue', 'testing', name), category: 'system-configuration' };
    await bob('vault.put', input, { value: bytes(name) });
  }
  await bob('vault.request', { ...GUARDED, action: 'get', purpose: 'The yearly proof of the backup' });
  await prepare(ada, { bob, cleo });
  await holder.close();
  return { code, token: token ?? bytes('') };
}

export const test = base.extend<{ ground: VaultGround }>({
  ground: async ({ place }, use) => {
    await use({ ...place, ...(await makeVault(place)) });
  },
});

/** The frame in which somebody types. */
export const entryOf = (page: Page, person: string) => page.frameLocator(`iframe[title="Private entry for ${person}"]`);

export async function openVaultView(page: Page): Promise<void> {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Vault' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Vault' })).toBeFocused();
}

export async function unlock(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Type the passphrase' }).click();
  const frame = entryOf(page, 'The operator');
  await frame.getByLabel('Passphrase').fill(PASSPHRASE);
  await frame.getByRole('button', { name: 'Give it' }).click();
  await expect(page.getByRole('heading', { level: 2, name: 'Log in' })).toBeFocused();
}

export async function login(page: Page, ground: VaultGround, name: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('button', { name: 'Type password and code' }).click();
  const frame = entryOf(page, name);
  await frame.getByLabel('Password').fill(PASSWORD);
  await frame.getByLabel('One-time code').fill(ground.code(name));
  await frame.getByRole('button', { name: 'Give it' }).click();
  await expect(page.getByRole('button', { name: 'Log out' })).toBeVisible();
}

/** What a service is given afterwards, by a holder of its own. */
export async function valueAfter({ data, token }: VaultGround, identity: SecretIdentity): Promise<string> {
  const { transport, close } = await reopened(data);
  try {
    const { secret } = await transport.call('vault.get', identity, { bearer: token });
    return textOf(secret ?? bytes(''));
  } finally {
    await close();
  }
}

export async function reopened(data: string) {
  const holder = HolderProcess.start({ data });
  await holder.transport.call('vault.unlock', {}, { secret: bytes(PASSPHRASE) });
  return { transport: holder.transport, close: () => holder.close() };
}
