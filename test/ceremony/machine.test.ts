import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isEncrypted } from '../../core/ceremony/disk.ts';
import { inspectMachine } from '../../core/ceremony/machine.ts';
import { selfTest } from '../../core/ceremony/self-test.ts';
import { temporaryFolder } from '../cli/claviger.ts';

/** A /sys with block devices: each its number, its device-mapper uuid if it has one, and what lies below it. */
function fakeSys(devices: { number: string; uuid?: string; on?: string[] }[]): string {
  const sys = temporaryFolder();
  for (const { number, uuid, on = [] } of devices) {
    const folder = join(sys, 'dev/block', number);
    mkdirSync(join(folder, 'slaves'), { recursive: true });
    writeFileSync(join(folder, 'dev'), `${number}\n`);
    if (uuid !== undefined) {
      mkdirSync(join(folder, 'dm'));
      writeFileSync(join(folder, 'dm/uuid'), `${uuid}\n`);
    }
    for (const below of on) symlinkSync(join(sys, 'dev/block', below), join(folder, 'slaves', `disk-${below}`));
  }
  return sys;
}

describe('the disk of the store', () => {
  const LUKS = 'CRYPT-LUKS2-0123';
  test.for([
    ['a partition', '8:1', 'plain'],
    ['LUKS on it', '254:0', 'encrypted'],
    ['a volume on LUKS', '254:1', 'encrypted'],
    ['a volume on LUKS and on a plain partition', '254:2', 'plain'],
    ['no device of this machine', '9:9', 'unknown'],
  ] as const)('%s', ([, device, expected]) => {
    const sys = fakeSys([
      { number: '8:1' },
      { number: '254:0', uuid: LUKS, on: ['8:1'] },
      { number: '254:1', uuid: 'LVM-1', on: ['254:0'] },
      { number: '254:2', uuid: 'LVM-2', on: ['254:0', '8:1'] },
    ]);
    expect(isEncrypted(device, sys)).toBe(expected);
  });
});

test('every primitive gives its known answer', async () => {
  const { tested, wrong } = await selfTest();
  expect(wrong).toEqual([]);
  expect(tested).toBeGreaterThanOrEqual(16);
});

test('what is a warning in training stops a live ceremony', async () => {
  const folder = temporaryFolder();
  const verdict = async (live: boolean, copy: string | null) => {
    const checks = await inspectMachine({ language: 'en', live, data: folder, out: folder, copy, now: new Date() });
    return checks.find(({ label }) => label === 'Two media')?.verdict;
  };
  expect(await verdict(false, null)).toBe('warning');
  expect(await verdict(true, null)).toBe('no-go');
  // Two folders of one disk are lost together.
  expect(await verdict(true, temporaryFolder())).toBe('no-go');
});
