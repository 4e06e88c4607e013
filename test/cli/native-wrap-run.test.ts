import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileModule } from '../hsm/compile-module.ts';
import { SOFTHSM_MODULE, makeSoftHsm, pkcs11Tool } from '../hsm/softhsm.ts';
import { ANSWERS } from '../shipped.ts';
import { cheapScript, claviger, temporaryFolder } from './claviger.ts';
import { writeTokenFile } from './token-file.ts';

type View = {
  status: string;
  records: { step: string; facts: { label?: string; value?: string; detail?: string }[] }[];
};

test('the whole ceremony on a fake YubiHSM 2: backups by its native wrap, and recovery rehearsed on a second one', async () => {
  const softHsm = makeSoftHsm(['ceremony', 'rehearsal']);
  const fake = compileModule('fake-yubihsm.c');
  const folder = temporaryFolder();
  const out = join(folder, 'out');
  const token = writeTokenFile(folder, (text) => text.replace(SOFTHSM_MODULE, fake.path));
  try {
    const finished = await claviger([
      ...['ceremony', 'run', cheapScript(folder), '--data', join(folder, 'data'), '--out', out, '--token', token],
      ...['--answers', ANSWERS, '--json'],
    ]);
    expect(finished.stderr).not.toContain('unexpected');
    expect(finished.status, finished.stdout).toBe(0);
    const view = JSON.parse(finished.stdout) as View;
    const said = JSON.stringify(view.records);
    for (const label of ['root-2026', 'issuing-2026']) {
      expect(existsSync(join(out, `backup/${label}.kwp`))).toBe(true);
      // The originals stay on the one, and nothing is left on the other.
      expect(pkcs11Tool('ceremony', '--list-objects', '--type', 'privkey')).toContain(label);
    }
    expect(said).toContain('wrapped by YUBIHSM-AES-CCM');
    expect(said).toContain('the recovered key signed a fresh challenge that verifies under the certificate');
    expect(pkcs11Tool('rehearsal', '--list-objects').trim()).toBe('');
    expect(readFileSync(join(out, 'transcript.json'), 'utf8')).toContain('YUBIHSM-AES-CCM');
  } finally {
    fake.remove();
    softHsm.remove();
  }
});
