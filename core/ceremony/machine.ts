import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statfsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import type { Fact } from '../contract/ceremony.ts';
import { guarded, wipe } from '../process/guarded.ts';
import { atRest, sameDevice } from './disk.ts';
import { selfTest } from './self-test.ts';

export type Check = Extract<Fact, { kind: 'check' }>;

/** Room that a ceremony needs, with plenty to spare (MB). */
const STORE_MEGABYTES = 200;
const OUTPUT_MEGABYTES = 16;

/** The system's clock and the machine's own may differ by so much (seconds). */
const CLOCKS_DIFFER = 60;

export type Machine = { live: boolean; data: string; out: string; copy: string | null; now: Date };

/** What a ceremony wants of its machine, each a go, a warning or a no-go. What is only a warning in training stops a live one. */
export async function inspectMachine(machine: Machine): Promise<Check[]> {
  const strict = machine.live ? 'no-go' : 'warning';
  const linux = process.platform === 'linux';
  const status = linux ? readFileSync('/proc/self/status', 'utf8') : '';
  const swaps = linux ? readFileSync('/proc/swaps', 'utf8').trim().split('\n').length - 1 : 0;
  const online = Object.entries(networkInterfaces())
    .filter(([, addresses]) => addresses?.some(({ internal }) => !internal))
    .map(([name]) => name);
  return [
    check('Operating system', linux, strict, 'Linux', `${process.platform} locks no memory`),
    check('Core dumps and tracing', isLockedDown(status), strict, 'off, and no new privileges', 'not switched off'),
    check('Memory for secrets', memoryLocks(status), strict, 'locked', 'cannot be locked: raise the memlock limit'),
    check('Swap', linux && swaps === 0, 'warning', 'none', linux ? `${swaps} in use` : 'not known here'),
    check('Network', online.length === 0, 'warning', 'no interface is up', `up: ${online.join(', ')}`),
    check('User', process.getuid?.() !== 0, 'warning', 'not root', 'running as root'),
    storeCheck(machine.data),
    room('Room for the store', machine.data, STORE_MEGABYTES),
    room('Room for the output', machine.out, OUTPUT_MEGABYTES),
    ...(machine.copy === null ? [] : [room('Room for the copy', machine.copy, OUTPUT_MEGABYTES)]),
    mediaCheck(machine, strict),
    await cryptographyCheck(),
    clockCheck(machine.now),
    await printerCheck(),
    cameraCheck(),
  ];
}

function check(label: string, fine: boolean, otherwise: Check['verdict'], good: string, bad: string): Check {
  return { kind: 'check', label, verdict: fine ? 'go' : otherwise, detail: fine ? good : bad };
}

function isLockedDown(status: string): boolean {
  if (status === '') return false;
  const coreLimit = /^Max core file size\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return /^NoNewPrivs:\s*1$/m.test(status) && coreLimit === '0';
}

/** Takes a guarded page and looks whether the kernel counts it as locked: past the limit sodium_malloc succeeds unlocked. */
function memoryLocks(status: string): boolean {
  if (status === '') return false;
  const locked = (text: string) => Number(/^VmLck:\s+(\d+)/m.exec(text)?.[1] ?? 0);
  const page = guarded(4096);
  page.fill(1);
  const after = readFileSync('/proc/self/status', 'utf8');
  const grew = locked(after) > locked(status);
  wipe(page);
  return grew;
}

function storeCheck(data: string): Check {
  const state = atRest(data);
  const kept = state === 'encrypted' || state === 'in memory';
  return check('Disk of the store', kept, 'warning', state, state === 'plain' ? 'not encrypted' : 'not known');
}

function room(label: string, path: string, megabytes: number): Check {
  const free = () => {
    try {
      const { bavail, bsize } = statfsSync(existsSync(path) ? path : dirname(path));
      return (bavail * bsize) / 1_000_000;
    } catch {
      // The medium is not there.
      return 0;
    }
  };
  return check(label, free() > megabytes, 'no-go', 'enough', `less than ${megabytes} MB`);
}

/** Every file is written to two media; two folders of one disk are lost together. */
function mediaCheck({ out, copy }: Machine, strict: Check['verdict']): Check {
  const label = 'Two media';
  if (copy === null) return check(label, false, strict, '', 'there is only one');
  const apart = existsSync(out) && existsSync(copy) && !sameDevice(out, copy);
  return check(label, apart, strict, 'two', 'both folders are on the same one');
}

async function cryptographyCheck(): Promise<Check> {
  const { tested, wrong } = await selfTest();
  const good = `${tested} known answers match`;
  return check('Cryptography', wrong.length === 0, 'no-go', good, `wrong: ${wrong.join(', ')}`);
}

/** The time that people compare with a clock in the room, and where the system has it from. */
function clockCheck(now: Date): Check {
  const source = firstLine('/sys/devices/system/clocksource/clocksource0/current_clocksource') ?? 'unknown';
  const machineClock = firstLine('/sys/class/rtc/rtc0/since_epoch');
  const apart = machineClock === null ? 0 : Math.round(Math.abs(now.getTime() / 1000 - Number(machineClock)));
  const shown = `${now.toISOString().slice(0, 16).replace('T', ' ')} UTC, source ${source}`;
  const rtc = machineClock === null ? 'no hardware clock to compare with' : `${apart} s from the hardware clock`;
  return {
    kind: 'check',
    label: 'Clock',
    verdict: apart > CLOCKS_DIFFER ? 'warning' : 'go',
    detail: `${shown}, ${rtc}`,
  };
}

function firstLine(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : null;
}

/** The printers that CUPS knows. Sheets are files: without one they are printed elsewhere. */
async function printerCheck(): Promise<Check> {
  const listed = await new Promise<string>((resolve) => {
    execFile('lpstat', ['-e'], { timeout: 5000 }, (error, stdout) => {
      resolve(error ? '' : stdout.trim());
    });
  });
  return check('Printer', listed !== '', 'warning', listed.replaceAll('\n', ', '), 'none: sheets are files only');
}

/** Video devices (V4L2). Sheets can be read back from their files without one. */
function cameraCheck(): Check {
  const cameras = existsSync('/dev') ? readdirSync('/dev').filter((name) => /^video\d+$/.test(name)) : [];
  const paths = cameras.map((name) => join('/dev', name)).join(', ');
  return check('Camera', cameras.length > 0, 'warning', paths, 'none: sheets are read back from their files');
}
