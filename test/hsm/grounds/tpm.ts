import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pkcs11Token } from '../../../core/hsm/pkcs11/pkcs11-token.ts';
import { freePorts } from '../../process/free-ports.ts';
import { type Ground, PIN } from './ground.ts';

const MODULE = '/usr/lib/x86_64-linux-gnu/pkcs11/libtpm2_pkcs11.so';
const TRIES = 500;

const BUS = (socket: string) => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${socket}</listen>
  <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
`;

/** `pull`: the TPM is gone, in the middle of whatever it did. `plugIn`: it is back, with the keys that it had. */
export type TpmGround = Ground & { pull: () => Promise<void>; plugIn: () => void };

/** A TPM 2.0 made of software (swtpm) behind its resource manager, on a bus of their own, and tpm2-pkcs11 over it. */
export async function prepareTpm(): Promise<TpmGround> {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-tpm-'));
  for (const name of ['state', 'store']) mkdirSync(join(folder, name));
  const started: ChildProcess[] = [];
  const start = (program: string, ...words: string[]) => {
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'ignore'] });
    started.push(child);
    return child;
  };

  writeFileSync(join(folder, 'bus.conf'), BUS(join(folder, 'bus')));
  const bus = start('dbus-daemon', `--config-file=${join(folder, 'bus.conf')}`, '--nofork', '--print-address');
  const [address] = (await once(bus.stdout, 'data')) as [Buffer];
  // The TSS looks for the control channel at the next port.
  const port = await freePorts(2);
  const pidFile = join(folder, 'swtpm.pid');
  Object.assign(process.env, {
    DBUS_SESSION_BUS_ADDRESS: address.toString().trim(),
    TPM2_PKCS11_STORE: join(folder, 'store'),
    TPM2_PKCS11_TCTI: 'tabrmd:bus_type=session',
    TPM2TOOLS_TCTI: 'tabrmd:bus_type=session',
    // It writes what it refuses to standard error.
    TPM2_PKCS11_LOG_LEVEL: '0',
    TSS2_LOG: 'all+none',
  });
  let manager: ChildProcess;
  const plugIn = () => {
    // With --daemon it returns when it listens.
    execFileSync('swtpm', [
      ...['socket', '--tpm2', '--daemon', '--pid', `file=${pidFile}`, '--tpmstate', `dir=${join(folder, 'state')}`],
      ...['--server', `type=tcp,port=${port}`, '--ctrl', `type=tcp,port=${port + 1}`],
      ...['--flags', 'not-need-init,startup-clear'],
    ]);
    manager = start('tpm2-abrmd', '--session', '--allow-root', `--tcti=swtpm:host=127.0.0.1,port=${port}`);
    for (let tries = 1; !isOnBus('com.intel.tss2.Tabrmd'); tries += 1) {
      if (tries === TRIES) throw new Error('the resource manager of the TPM does not come up');
    }
  };
  const pull = async () => {
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
    // It does not outlive its TPM for long.
    const gone = once(manager, 'exit');
    manager.kill('SIGKILL');
    await gone;
  };
  plugIn();
  const ptool = (...words: string[]) => execFileSync('tpm2_ptool', [...words, '--path', join(folder, 'store')]);
  ptool('init');
  for (const label of ['first', 'second']) {
    ptool('addtoken', '--pid', '1', '--label', label, '--userpin', PIN, '--sopin', '4407195523');
  }
  return {
    open: (label) => new Pkcs11Token(MODULE, label),
    location: { kind: 'pkcs11', module: MODULE, token: 'first' },
    pin: Buffer.from(PIN),
    securityOfficerPin: null,
    hasSecond: true,
    pull,
    plugIn,
    remove: () => {
      // At once: whoever ends in its own time still writes in the folder that goes.
      process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
      for (const child of started.reverse()) child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    },
  };
}

function isOnBus(name: string): boolean {
  const asked = spawnSync('dbus-send', [
    ...['--session', '--print-reply', '--dest=org.freedesktop.DBus', '/org/freedesktop/DBus'],
    ...['org.freedesktop.DBus.NameHasOwner', `string:${name}`],
  ]);
  return asked.stdout.toString().includes('boolean true');
}
