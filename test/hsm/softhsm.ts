import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const SOFTHSM_MODULE = '/usr/lib/softhsm/libsofthsm2.so';
export const USER_PIN = '739182';
export const SECURITY_OFFICER_PIN = '4407195523';

/** A SoftHSM 2 of the test's own, with freshly initialised tokens. Sets SOFTHSM2_CONF until it is removed. */
export function makeSoftHsm(labels: string[], mechanisms = 'ALL'): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-softhsm-'));
  const configuration = join(folder, 'softhsm2.conf');
  mkdirSync(join(folder, 'tokens'));
  writeFileSync(
    configuration,
    `directories.tokendir = ${join(folder, 'tokens')}\nobjectstore.backend = file\nlog.level = ERROR\nslots.mechanisms = ${mechanisms}\n`,
  );
  process.env.SOFTHSM2_CONF = configuration;
  for (const label of labels) {
    execFileSync('softhsm2-util', [
      ...['--init-token', '--free', '--label', label],
      ...['--pin', USER_PIN, '--so-pin', SECURITY_OFFICER_PIN],
    ]);
  }
  return {
    folder,
    remove: () => {
      delete process.env.SOFTHSM2_CONF;
      rmSync(folder, { recursive: true });
    },
  };
}

/** OpenSC's own view of, and hand on, a token: a second opinion beside ours. */
export function pkcs11Tool(label: string, ...args: string[]): string {
  const login = ['--module', SOFTHSM_MODULE, '--token-label', label, '--login', '--pin', USER_PIN];
  return execFileSync('pkcs11-tool', [...login, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

/** The same with a login of one's own, or none. */
export function pkcs11ToolAs(label: string, login: string[], ...args: string[]): string {
  const words = ['--module', SOFTHSM_MODULE, '--token-label', label, ...login, ...args];
  return execFileSync('pkcs11-tool', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}
