import { randomBytes, randomFillSync, randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TokenProcess } from '../../core/hsm/process/client.ts';
import { checkDice, deriveMasterKey, drawChecked } from '../../core/hsm/process/entropy.ts';
import { makeMasterKey } from '../../core/hsm/process/master-key.ts';
import { SoftwareToken } from '../../core/hsm/software/software-token.ts';
import { recoverMasterKey } from '../../core/shares/recover.ts';
import { scanMemory } from './process-memory.ts';
import { refused } from './refused.ts';

const folder = mkdtempSync(join(tmpdir(), 'claviger-entropy-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const ascii = (text: string) => new TextEncoder().encode(text);
const roll = (times: number) => Array.from({ length: times }, () => String(randomInt(1, 7))).join('');

describe('known answers: HKDF-SHA-256 over length || source, computed with Python hmac and hashlib', () => {
  const token = Uint8Array.from({ length: 32 }, (_, index) => index);
  const system = Uint8Array.from({ length: 32 }, (_, index) => 0xe0 + index);
  test.each([
    ['token and system', [token, system], '09ab1e2af6557cfc9893fa5df68a7b4b50273604d0e0c20f041ca05825c60207'],
    [
      'with 105 dice rolls',
      [token, system, ascii('1234562'.repeat(15))],
      '3bf93b725afe3a868b2de48ad6d7783323ac6e7b48b5ca3c409043208e335a9d',
    ],
  ])('%s', (_, sources, answer) => {
    const into = new Uint8Array(32);
    deriveMasterKey(sources, into);
    expect(Buffer.from(into).toString('hex')).toBe(answer);
  });

  test('a byte that moves from one source to the next is another key', () => {
    const [one, other] = [new Uint8Array(32), new Uint8Array(32)];
    deriveMasterKey([Uint8Array.of(1, 2), Uint8Array.of(3)], one);
    deriveMasterKey([Uint8Array.of(1), Uint8Array.of(2, 3)], other);
    expect(one).not.toEqual(other);
  });
});

describe('a source that is obviously stuck', () => {
  const steady = () => {
    let last = 0;
    return (into: Uint8Array) => {
      for (const index of into.keys()) into[index] = last++;
    };
  };
  test.each<[string, (into: Uint8Array) => void]>([
    ['zeros', (into) => into.fill(0)],
    ['one byte over and over', (into) => into.fill(0xa5)],
    [
      'the same 32 bytes twice',
      (into) => {
        into.set(Uint8Array.from({ length: 32 }, (_, index) => index));
      },
    ],
    ['five equal bytes in a row', (into) => randomFillSync(into).fill(into[9] ?? 0, 10, 14)],
    ['bytes that it does not fill', () => undefined],
  ])('%s', async (_, draw) => {
    const params = await refused('ENTROPY_STUCK', () => {
      drawChecked('token', draw, new Uint8Array(32));
    });
    expect(params).toEqual({ source: 'token' });
  });

  test('four equal bytes in a row are within chance', () => {
    const count = steady();
    const into = new Uint8Array(32);
    drawChecked(
      'token',
      (bytes) => {
        count(bytes);
        bytes.fill(0xff, 10, 14);
      },
      into,
    );
    expect(into.subarray(9, 15)).toEqual(Uint8Array.of(9, 255, 255, 255, 255, 14));
  });

  test('the operating system, a thousand times, is not', () => {
    for (let draw = 0; draw < 1000; draw += 1) {
      drawChecked('operating system', (into) => randomFillSync(into), new Uint8Array(32));
    }
  });
});

describe('dice', () => {
  test('a hundred rolls and more, counted', () => {
    expect(checkDice(ascii(roll(100)))).toBe(100);
    expect(checkDice(ascii(roll(431)))).toBe(431);
    // Twelve in a row are within chance.
    expect(checkDice(ascii(`${'6'.repeat(12)}1${roll(99)}`))).toBe(112);
  });
  test.each([
    ['99 rolls', roll(99), '99 rolls, and at least 100 are needed'],
    ['nothing', '', '0 rolls, and at least 100 are needed'],
    ['a seven', `${roll(100)}7`, 'something else than the digits 1 to 6'],
    ['a zero', `0${roll(100)}`, 'something else than the digits 1 to 6'],
    ['spaces', `${roll(60)} ${roll(60)}`, 'something else than the digits 1 to 6'],
    ['thirteen in a row', `${roll(50)}${'4'.repeat(13)}${roll(50)}`, '13 rolls in a row are the same'],
    ['a die with one face', '3'.repeat(120), '13 rolls in a row are the same'],
    ['a pattern typed in', '123456'.repeat(20), 'the rolls are one pattern over and over'],
    ['fifty rolls typed twice', '12345661'.repeat(6).concat('25').repeat(2), 'the rolls are one pattern over and over'],
  ])('%s', async (_, rolls, detail) => {
    expect(await refused('DICE_INVALID', () => checkDice(ascii(rolls)))).toMatchObject({ detail });
  });
});

describe('in the making of a master key', () => {
  const PIN = ascii('a training PIN');
  const cost = { memoryKiB: 7168, passes: 5, parallelism: 1 };
  const passphrases = ['anvil', 'birch', 'cedar'].map((word) => ascii(`${word}-${randomBytes(9).toString('hex')}`));
  const input = (dice: Uint8Array | null) => ({
    ...{ label: 'master', masterKeyId: randomBytes(16).toString('hex'), ceremony: 'test', epoch: 0, dice },
    ...{ threshold: 2, shareCount: 3, passphrases, scryptLog2N: 10 },
  });

  test('a stuck token makes nothing', async () => {
    class StuckToken extends SoftwareToken {
      override random(into: Uint8Array): void {
        into.fill(7);
      }
    }
    const token = new StuckToken(join(folder, 'stuck'), 'stuck', cost);
    token.login(PIN, null);
    expect(await refused('ENTROPY_STUCK', () => makeMasterKey(token, input(null)))).toEqual({ source: 'token' });
    expect(token.inventory()).toEqual([]);
    token.close();
  });

  describe('in a token process', () => {
    let process: TokenProcess;
    const send = (secret: Uint8Array) => process.sendSecret(secret);
    const make = async (dice: Uint8Array | null) => {
      const tickets: string[] = [];
      for (const passphrase of passphrases) tickets.push(await send(passphrase));
      return process.call('makeMasterKey', {
        ...input(null),
        passphrases: tickets,
        dice: dice && (await send(dice)),
      });
    };

    beforeAll(async () => {
      process = TokenProcess.start();
      await process.call('open', { location: { kind: 'software', folder: join(folder, 'dice'), token: 'dice' } });
      await process.call('login', { pin: await send(PIN), securityOfficerPin: null });
    });
    afterAll(() => process.close());

    test('bad rolls make nothing, and are not told on', async () => {
      const typed = `${roll(99)}x`;
      const params = await refused('DICE_INVALID', () => make(ascii(typed)));
      expect(params).toMatchObject({ detail: 'something else than the digits 1 to 6' });
      await refused('DICE_INVALID', () => make(ascii(roll(99))));
      expect((await process.call('inventory', {})).keys).toEqual([]);
    });

    test('good rolls are a third source: counted, and neither stored nor left in memory', async () => {
      const dice = ascii(roll(120));
      const made = await make(dice);
      expect(made.entropySources).toEqual(['operating system', '120 dice rolls']);
      const masterKey = new Uint8Array(32);
      const shares = made.shares.slice(1).map(({ text }, index) => ({
        text,
        passphrase: passphrases[index + 1] as Uint8Array,
      }));
      await recoverMasterKey({ manifest: made.manifest, shares, into: masterKey });
      const halves = { 'first rolls': dice.subarray(0, 40), 'last rolls': dice.subarray(80) };
      const { bytesRead, found } = scanMemory(process.pid as number, { ...halves, 'master key': masterKey });
      expect(bytesRead).toBeGreaterThan(50_000_000);
      expect(found).toEqual([]);
      for (const name of readdirSync(join(folder, 'dice'))) {
        expect(readFileSync(join(folder, 'dice', name), 'latin1')).not.toContain(
          Buffer.from(dice.subarray(0, 40)).toString('latin1'),
        );
      }
    });
  });
});
