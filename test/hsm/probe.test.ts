import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import type { ProbedSlot } from '../../core/contract/token.ts';
import { needsOf } from '../../core/hsm/probe/needs.ts';
import { TokenProcess } from '../../core/hsm/process/client.ts';
import type { TokenCallInput } from '../../core/hsm/process/protocol.ts';
import { temporaryFolder } from '../cli/claviger.ts';
import { compileModule } from './compile-module.ts';
import { compileFaultyModule, setFault } from './faulty-module.ts';
import { refused } from './refused.ts';
import { SECURITY_OFFICER_PIN, SOFTHSM_MODULE, USER_PIN, makeSoftHsm, pkcs11Tool, pkcs11ToolAs } from './softhsm.ts';

function softHsm(labels: string[], mechanisms?: string): void {
  const { remove } = makeSoftHsm(labels, mechanisms);
  onTestFinished(remove);
}

const running: TokenProcess[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((process) => process.close()));
});

function start(): TokenProcess {
  const process = TokenProcess.start();
  running.push(process);
  return process;
}

const probe = (module = SOFTHSM_MODULE, parameters?: string) => start().call('probe', { module, parameters });

const of = (slots: ProbedSlot[], label: string) => {
  const slot = slots.find(({ token }) => token?.label === label);
  if (!slot?.token) throw new Error(`no token ${label}`);
  return { ...slot, token: slot.token };
};

const verdicts = ({ needs }: Pick<ProbedSlot, 'needs'>) =>
  Object.fromEntries(needs.map(({ need, verdict }) => [need, verdict]));

/** A PKCS#11 library of one's own, in C, that does what is asked of it and dies. */
function library(body: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'module.c'), body);
  execFileSync('cc', ['-shared', '-fPIC', '-o', join(folder, 'module.so'), join(folder, 'module.c')]);
  return join(folder, 'module.so');
}

describe('a probe', () => {
  test('tells without a login what OpenSC tells of the same token', async () => {
    softHsm(['ceremony']);
    pkcs11Tool('ceremony', '--keypairgen', '--key-type', 'EC:secp384r1', '--label', 'seen');
    const probed = await probe();
    const slot = of(probed.slots, 'ceremony');
    const told = pkcs11ToolAs('ceremony', [], '--list-slots');
    expect(told).toContain(slot.token.serial);
    expect(slot.token.flags).toContain('TOKEN_INITIALIZED');
    expect(slot.token.pin).toEqual({ minimumLength: 4, maximumLength: 255, user: 'good', securityOfficer: 'good' });
    // The public half is in sight of everybody, the private one is not.
    expect(slot.visible).toEqual(['public key seen']);
    const mechanisms = pkcs11ToolAs('ceremony', [], '--list-mechanisms');
    expect(slot.mechanisms).toHaveLength(mechanisms.trim().split('\n').length - 1);
    expect(slot.mechanisms).toContainEqual({
      name: 'CKM_AES_KEY_WRAP_PAD',
      minimumKey: 1,
      maximumKey: 0x80000000,
      flags: ['WRAP', 'UNWRAP'],
    });
    expect(verdicts(slot)).toMatchObject({
      p384: 'there',
      backup: 'there',
      trusted: 'unknown',
    });
    expect(slot.knownAs).toBeNull();
  });

  test('tells of a token that is not initialised, and of one that lacks what a ceremony needs', async () => {
    softHsm(['poor'], 'CKM_RSA_PKCS_KEY_PAIR_GEN,CKM_SHA384_RSA_PKCS,CKM_AES_KEY_WRAP,CKM_AES_CBC_PAD');
    const { slots } = await probe();
    const poor = of(slots, 'poor');
    expect(verdicts(poor)).toMatchObject({
      initialised: 'there',
      p384: 'missing',
      rsa4096: 'there',
      backup: 'missing',
      vaultKey: 'missing',
    });
    const backup = poor.needs.find(({ need }) => need === 'backup');
    expect(backup?.offer).toEqual({ is: 'otherWraps', names: 'CKM_AES_KEY_WRAP' });
    const blank = slots.find(({ token }) => token?.label === '');
    expect(verdicts(blank ?? { needs: [] })).toMatchObject({
      initialised: 'missing',
      pin: 'missing',
    });
  });

  test('of a fake YubiHSM 2: its native wrap is there, and the one that is only listed is not', async () => {
    softHsm(['ceremony']);
    const fake = compileModule('fake-yubihsm.c');
    onTestFinished(fake.remove);
    const slot = of((await probe(fake.path)).slots, 'ceremony');
    expect(slot.knownAs).toBe('YubiHSM 2');
    expect(slot.mechanisms.map(({ name }) => name)).toContain('CKM_AES_KEY_WRAP_KWP');
    const need = 'backup';
    expect(slot.needs.find((one) => one.need === need)).toEqual({
      need,
      verdict: 'there',
      offer: { is: 'names', names: 'CKM_YUBICO_AES_CCM_WRAP' },
    });
  });

  test('of a file that is not there, or is no library, is refused', async () => {
    await refused('MODULE_MISSING', () => probe('/none/such.so'));
    await refused('MODULE_UNUSABLE', () => probe('/bin/true'));
    await refused('MODULE_UNUSABLE', () => probe('/etc/passwd'));
  });

  test('of a library that crashes is TOKEN_GONE: when it is loaded, and when it is asked', async () => {
    await refused('TOKEN_GONE', () =>
      probe(library('#include <stdlib.h>\n__attribute__((constructor)) static void f() { abort(); }')),
    );
    const asked = '#include <stdlib.h>\nlong C_GetFunctionList(void **list) { abort(); }';
    await refused('TOKEN_GONE', () => probe(library(asked)));
  });

  test('a library that refuses to begin is told with its CKR', async () => {
    softHsm(['one']);
    process.env.SOFTHSM2_CONF = '/none/such.conf';
    const { detail } = await refused('MODULE_UNUSABLE', () => probe());
    expect(detail).toMatch(/^C_Initialize: CKR_/);
  });
});

describe('what a ceremony needs', () => {
  test('follows key sizes and PIN counters', async () => {
    softHsm(['one']);
    const { token, mechanisms } = of((await probe()).slots, 'one');
    const with_ = (change: (mechanism: (typeof mechanisms)[number]) => (typeof mechanisms)[number]) =>
      verdicts({ needs: needsOf(token, mechanisms.map(change)) });
    const need = 'p384';
    expect(with_((one) => one)[need]).toBe('there');
    expect(with_((one) => (one.name === 'CKM_ECDSA' ? { ...one, maximumKey: 256 } : one))[need]).toBe('missing');
    expect(with_((one) => (one.name === 'CKM_ECDSA' ? { ...one, minimumKey: 0, maximumKey: 0 } : one))[need]).toBe(
      'unknown',
    );
    expect(with_((one) => (one.name === 'CKM_ECDSA' ? { ...one, flags: ['VERIFY'] } : one))[need]).toBe('missing');
    // AES sizes in bits, as some modules tell them.
    const bits = with_((one) => (one.name.startsWith('CKM_AES') ? { ...one, minimumKey: 128, maximumKey: 256 } : one));
    expect(bits['vaultKey']).toBe('there');
    const locked = { ...token, pin: { ...token.pin, user: 'locked' as const } };
    expect(verdicts({ needs: needsOf(locked, mechanisms) })['pin']).toBe('missing');
  });
});

describe('initialising a token', () => {
  async function initialise(change: Partial<TokenCallInput<'initialiseToken'>> & { pins?: [string, string] } = {}) {
    const process = start();
    const { pins = ['officer-2026', 'user-2026'], ...input } = change;
    return process.call('initialiseToken', {
      ...{ module: SOFTHSM_MODULE, label: 'born', wipe: false, at: { slot: '0' } },
      securityOfficerPin: await process.sendSecret(Buffer.from(pins[0])),
      pin: await process.sendSecret(Buffer.from(pins[1])),
      ...input,
    });
  }

  test('sets both PINs and the label as another program reads it, and finds nothing', async () => {
    softHsm([]);
    const born = await initialise({ label: 'née 2026' });
    expect(born).toMatchObject({
      visibleBefore: [],
      objectsAfter: [],
      token: { label: 'née 2026', pin: { user: 'good' } },
    });
    expect(pkcs11ToolAs('née 2026', ['--login', '--pin', 'user-2026'], '--list-objects').trim()).toBe('');
  });

  test('of a token that is in use: refused, and with wipe everything is gone', async () => {
    softHsm(['old']);
    pkcs11Tool('old', '--keypairgen', '--key-type', 'EC:secp256r1', '--label', 'left');
    const before = of((await probe()).slots, 'old');
    const at = { serial: before.token.serial };
    await refused('TOKEN_INITIALISED', () => initialise({ at }));
    await refused('PIN_WRONG', () => initialise({ at, wipe: true }));
    expect(pkcs11Tool('old', '--list-objects')).toContain('left');
    const born = await initialise({ at, wipe: true, pins: [SECURITY_OFFICER_PIN, USER_PIN] });
    expect(born.visibleBefore).toEqual(['public key left']);
    expect(pkcs11Tool('born', '--list-objects').trim()).toBe('');
  });

  test.each<[string, Parameters<typeof initialise>[0]]>([
    ['SLOT_MISSING', { at: { slot: '99' } }],
    ['SLOT_MISSING', { at: { serial: 'nobody' } }],
    ['TOKEN_AMBIGUOUS', { label: 'one', at: { slot: '1' } }],
    ['PIN_REPEATED', { pins: ['the-same-2026', 'the-same-2026'] }],
    ['INPUT_INVALID', { label: 'é'.repeat(20), at: { slot: '1' } }],
    // SoftHSM takes no PIN of fewer than 4 characters.
    ['PIN_WRONG', { pins: ['abc', 'user-2026'], at: { slot: '1' } }],
  ])('is refused with %s for %j', async (code, change) => {
    softHsm(['one']);
    await refused(code as 'SLOT_MISSING', () => initialise(change));
    expect((await probe()).slots.map(({ token }) => token?.label)).toEqual(['one', '']);
  });

  test('is a try of the security officer’s PIN, and the last one needs a second person; a first PIN is no try', async () => {
    softHsm(['old']);
    const faulty = compileFaultyModule();
    setFault('PIN final try');
    onTestFinished(() => {
      setFault(null);
      faulty.remove();
    });
    const module = faulty.path;
    const at = { serial: of((await probe()).slots, 'old').token.serial };
    const again = { module, at, wipe: true, pins: [SECURITY_OFFICER_PIN, USER_PIN] as [string, string] };
    expect(await refused('PIN_LAST_TRY', () => initialise(again))).toEqual({ pin: 'officer' });
    expect(pkcs11ToolAs('old', [], '--list-slots')).toContain('old');
    expect((await initialise({ ...again, lastTryWith: 'Odile Ferrand' })).token.label).toBe('born');
    const free = of((await probe()).slots, '').slot;
    expect((await initialise({ module, at: { slot: free }, label: 'fresh' })).token.label).toBe('fresh');
  });

  test('that stopped between its two PINs is begun again', async () => {
    softHsm([]);
    pkcs11ToolAs('', ['--slot', '0'], '--init-token', '--label', 'born', '--so-pin', 'officer-2026');
    const half = of((await probe()).slots, 'born');
    expect(half.token.pin.user).toBe('not set');
    const born = await initialise({ at: { slot: half.slot } });
    expect(born.token.pin.user).toBe('good');
  });
});
