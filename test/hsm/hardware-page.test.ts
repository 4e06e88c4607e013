import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hardwarePage } from '../../core/hsm/quirks/hardware-page.ts';
import { DEVICES, deviceOf } from '../../core/hsm/quirks/known-devices.ts';
import { REPOSITORY } from '../shipped.ts';

test('the page is what the table says; node core/hsm/quirks/write-hardware-page.ts writes it', () => {
  expect(readFileSync(join(REPOSITORY, 'docs/tokens-hardware.md'), 'utf8')).toBe(hardwarePage());
});

test('every fact has a source, and every device every part', () => {
  expect(DEVICES).toHaveLength(6);
  for (const { name, libraries, slots, login, mechanisms, limits, ceremony } of DEVICES) {
    for (const part of [libraries, slots, login, mechanisms, limits]) {
      expect(part.length, name).toBeGreaterThan(0);
      for (const { fact, source } of part) {
        expect(fact.length, name).toBeGreaterThan(10);
        expect(source).toMatch(/^https:\/\/[^ ]+$/);
      }
    }
    expect(ceremony).not.toBe('');
  }
});

test('a device is known by what its token says, and by nothing else', () => {
  const known = (manufacturer: string, model: string) => deviceOf({ manufacturer, model })?.name ?? null;
  expect(known('Yubico (www.yubico.com)', 'YubiHSM')).toBe('YubiHSM 2');
  expect(known('www.CardContact.de', 'PKCS#15 emulated')).toBe('Nitrokey HSM 2 (SmartCard-HSM)');
  expect(known('SoftHSM project', 'SoftHSM v2')).toBeNull();
  expect(known('', '')).toBeNull();
});
