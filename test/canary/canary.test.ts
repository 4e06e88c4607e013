import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sampleAnswers } from '../crash/shipped.ts';
import { REPOSITORY } from '../shipped.ts';
import { REHEARSAL, ROOT, WALKS, cheaply, walkAll, withoutRepeats } from './ceremonies.ts';
import type { Canary, CanaryKind } from './forms.ts';
import { Ground } from './ground.ts';
import { softwareTokenKeys, typedSecrets } from './known.ts';
import { searchAll } from './leaks.ts';
import { drawn, drawnDice } from './marked.ts';
import type { Mistakes } from './mistakes.ts';

function makeGround(): Ground {
  const ground = new Ground();
  onTestFinished(() => {
    ground.remove();
  });
  return ground;
}

const bytesOf = (canaries: Canary[], kind: CanaryKind, part = '') =>
  canaries.filter((canary) => canary.kind === kind && canary.name.includes(part)).map(({ bytes }) => hexOf(bytes));
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('every shipped ceremony is walked by npm run test:canary', () => {
  const shipped = readdirSync(join(REPOSITORY, 'resources/ceremonies')).filter((name) => name.endsWith('.yaml'));
  const walked = WALKS.flat().map(({ script }) => `${script}.yaml`);
  expect(shipped.filter((name) => !walked.includes(name))).toEqual([]);
});

test(
  'root-and-issuing and a rehearsal on the software token: no PIN, passphrase, share or key is in what they leave or say',
  { timeout: 300_000 },
  async () => {
    const ground = makeGround();
    const canaries = await walkAll(ground, [ROOT, REHEARSAL]);

    // What is searched for is what was there: paper and passphrases give the master key of the token, backups its keys.
    expect(bytesOf(canaries, 'master key')).toEqual(bytesOf(canaries, 'key', 'master-key-2026 in the token'));
    for (const label of ['root-2026', 'issuing-2026']) {
      expect(bytesOf(canaries, 'key', `${label}.kwp`)).toEqual(bytesOf(canaries, 'key', `${label} in the token`));
    }
    const count = (kind: CanaryKind) => new Set(bytesOf(canaries, kind)).size;
    expect(count('plain share')).toBe(5);
    expect(count('passphrase key')).toBe(5);
    expect(count('sealed share')).toBe(5);
    // That of the token, and of both rehearsal tokens, whose PINs core made up.
    expect(count('PIN key')).toBe(3);
    const heard = ground.heard.map(hexOf);
    const { pin, passphrases, dice } = ground.marked;
    for (const typed of [pin, ...passphrases, dice]) expect(heard).toContain(Buffer.from(typed).toString('hex'));

    const { leaks, allowed, files } = searchAll(ground, canaries);
    expect(leaks).toEqual([]);
    expect(ground.temporary).toEqual([]);
    // The search does see them where they may be.
    expect(files).toBeGreaterThan(100);
    const seen = (place: string) => allowed.filter((one) => one.place.endsWith(place)).map(({ view }) => view);
    expect(seen('out-root-and-issuing/passphrases.txt')).toContain('bytes');
    expect(seen('out-root-and-issuing/recipient.key')).toContain('bytes');
    for (const sheet of [1, 2, 3, 4, 5]) {
      const views = seen(`out-root-and-issuing-copy/sheets/share-${sheet}.pdf`);
      expect(views).toEqual(expect.arrayContaining(['typed lines', 'codes']));
    }
    expect(seen('store/claviger.db-wal')).toContain('bytes');
    expect(seen('data/claviger.db')).toEqual([]);
  },
);

test('root-and-issuing on SoftHSM 2, its PIN typed in two parts: the same', { timeout: 300_000 }, async () => {
  const ground = makeGround();
  const canaries = await walkAll(ground, [ROOT], ground.softHsm());
  expect(bytesOf(canaries, 'key', '.kwp')).toHaveLength(2);
  const heard = ground.heard.map(hexOf);
  const { pin, securityOfficerPin } = ground.marked;
  for (const typed of [pin, securityOfficerPin]) expect(heard).toContain(Buffer.from(typed).toString('hex'));
  const { leaks, files } = searchAll(ground, canaries);
  expect(leaks).toEqual([]);
  expect(ground.temporary).toEqual([]);
  expect(files).toBeGreaterThan(100);
});

test('what is typed wrongly is in no refusal, view or ledger row', { timeout: 300_000 }, async () => {
  const ground = makeGround();
  const { marked } = ground;
  const wrong = {
    'master-key/dice': [`${drawnDice(110)}x`, drawnDice(60)],
    // Too short; given up with the dice; then the one of another custodian.
    'master-key/passphrase-2': [drawn(12), drawn(30), marked.passphrases[0] ?? ''],
    'rehearsal/passphrase-3': [drawn(30)],
  };
  const again = { 'token/main-pin': [drawn(20)], 'rehearsal/passphrase-5': [`${drawn(20)}\u00ff`] };
  const born = {
    'initialise/security-officer-pin': [drawn(11)],
    'initialise/user-pin': [drawn(7), marked.securityOfficerPin],
    'after/main-pin': [drawn(20)],
  };
  const canaries: Canary[] = [];
  const make = async (name: string, mistakes: Record<string, string[]>, more: Partial<Mistakes> = {}) => {
    const hex = Object.entries(mistakes).map(([ask, typed]) => [
      ask,
      // The last character of one is a byte that no UTF-8 has alone.
      typed.map((text) => hexOf(Buffer.from(text, text.endsWith('\u00ff') ? 'latin1' : 'utf8'))),
    ]);
    const { pin, passphrases, dice, securityOfficerPin } = marked;
    const input: Mistakes = {
      ...{
        data: ground.data,
        out: ground.out(name),
        script: ground.script(name, name === 'root-and-issuing' ? cheaply : undefined),
      },
      answers: { ...sampleAnswers(name), pin, passphrases, dice, securityOfficerPin },
      wrong: Object.fromEntries(hex) as Mistakes['wrong'],
      until: null,
      ...more,
    };
    canaries.push(
      ...Object.entries(input.wrong).flatMap(([ask, typed]) =>
        typed.map((bytes): Canary => ({ kind: 'PIN', name: `wrong ${ask}`, bytes: Buffer.from(bytes, 'hex') })),
      ),
    );
    const file = ground.bring(`mistakes-${name}.json`, JSON.stringify(input));
    const { status, stdout, stderr } = await ground.run([file], join(import.meta.dirname, 'mistakes.ts'));
    expect(status, stderr).toBe(0);
    const said = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { refused?: string; left?: number });
    expect(said.at(-1)).toEqual({ left: 0 });
    return said.flatMap(({ refused }) => refused ?? []);
  };

  expect(await make('root-and-issuing', wrong)).toEqual([
    ...['PASSPHRASE_WEAK', 'DICE_INVALID', 'DICE_INVALID', 'PASSPHRASE_REPEATED', 'SHARE_PASSPHRASE_WRONG'],
  ]);
  expect(await make('recovery-rehearsal', again)).toEqual(['PIN_WRONG', 'SHARE_PASSPHRASE_WRONG']);
  expect(await make('token-initialisation', born, { token: ground.newToken() })).toEqual([
    ...['PIN_SHORT', 'PIN_SHORT', 'PIN_REPEATED', 'PIN_WRONG'],
  ]);

  const heard = ground.heard.map(hexOf);
  for (const { bytes } of canaries) expect(heard).toContain(hexOf(bytes));
  const typed = [...typedSecrets(ground), ...softwareTokenKeys([ground.left, ground.said], ground.heard)];
  expect(searchAll(ground, withoutRepeats([...canaries, ...typed])).leaks).toEqual([]);
});
