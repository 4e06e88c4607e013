import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statfsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import type { Fact } from '../contract/ceremony.ts';
import { guarded, wipe } from '../process/guarded.ts';
import { atRest, sameDevice } from './disk.ts';
import { selfTest } from './self-test.ts';
import type { Locale } from '../contract/messages/locale.ts';
import { say } from './say.ts';

export type Check = Extract<Fact, { kind: 'check' }>;

/** Room that a ceremony needs, with plenty to spare (MB). */
const STORE_MEGABYTES = 200;
const OUTPUT_MEGABYTES = 16;

/** The system's clock and the machine's own may differ by so much (seconds). */
const CLOCKS_DIFFER = 60;

export type Machine = { language: Locale; live: boolean; data: string; out: string; copy: string | null; now: Date };

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
    check(
      say(machine, 'machine.system'),
      linux,
      strict,
      'Linux',
      say(machine, 'machine.system.bad', { platform: process.platform }),
    ),
    check(
      say(machine, 'machine.dumps'),
      isLockedDown(status),
      strict,
      say(machine, 'machine.dumps.good'),
      say(machine, 'machine.dumps.bad'),
    ),
    check(
      say(machine, 'machine.memory'),
      memoryLocks(status),
      strict,
      say(machine, 'machine.memory.good'),
      say(machine, 'machine.memory.bad'),
    ),
    check(
      say(machine, 'machine.swap'),
      linux && swaps === 0,
      'warning',
      say(machine, 'fact.none'),
      linux ? say(machine, 'machine.swap.used', { count: swaps }) : say(machine, 'machine.unknownHere'),
    ),
    check(
      say(machine, 'machine.network'),
      online.length === 0,
      'warning',
      say(machine, 'machine.network.good'),
      say(machine, 'machine.network.bad', { names: online.join(', ') }),
    ),
    check(
      say(machine, 'machine.user'),
      process.getuid?.() !== 0,
      'warning',
      say(machine, 'machine.user.good'),
      say(machine, 'machine.user.bad'),
    ),
    storeCheck(machine),
    room(machine, 'machine.roomStore', machine.data, STORE_MEGABYTES),
    room(machine, 'machine.roomOutput', machine.out, OUTPUT_MEGABYTES),
    ...(machine.copy === null ? [] : [room(machine, 'machine.roomCopy', machine.copy, OUTPUT_MEGABYTES)]),
    mediaCheck(machine, strict),
    await cryptographyCheck(machine),
    clockCheck(machine),
    await printerCheck(machine),
    cameraCheck(machine),
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

function storeCheck(machine: Machine): Check {
  const state = atRest(machine.data);
  const kept = state === 'encrypted' || state === 'in memory';
  const said = say(machine, `machine.disk.${state}`);
  return check(say(machine, 'machine.disk'), kept, 'warning', said, said);
}

type Room = 'machine.roomStore' | 'machine.roomOutput' | 'machine.roomCopy';

function room(machine: Machine, label: Room, path: string, megabytes: number): Check {
  const free = () => {
    try {
      const { bavail, bsize } = statfsSync(existsSync(path) ? path : dirname(path));
      return (bavail * bsize) / 1_000_000;
    } catch {
      // The medium is not there.
      return 0;
    }
  };
  const bad = say(machine, 'machine.room.bad', { megabytes });
  return check(say(machine, label), free() > megabytes, 'no-go', say(machine, 'machine.room.good'), bad);
}

/** Every file is written to two media; two folders of one disk are lost together. */
function mediaCheck(machine: Machine, strict: Check['verdict']): Check {
  const { out, copy } = machine;
  const label = say(machine, 'machine.media');
  if (copy === null) return check(label, false, strict, '', say(machine, 'machine.media.one'));
  const apart = existsSync(out) && existsSync(copy) && !sameDevice(out, copy);
  return check(label, apart, strict, say(machine, 'machine.media.good'), say(machine, 'machine.media.same'));
}

async function cryptographyCheck(machine: Machine): Promise<Check> {
  const { tested, wrong } = await selfTest();
  const good = say(machine, 'machine.cryptography.good', { count: tested });
  const bad = say(machine, 'machine.cryptography.bad', { names: wrong.join(', ') });
  return check(say(machine, 'machine.cryptography'), wrong.length === 0, 'no-go', good, bad);
}

/** The time that people compare with a clock in the room, and where the system has it from. */
function clockCheck(machine: Machine): Check {
  const { now } = machine;
  const source = firstLine('/sys/devices/system/clocksource/clocksource0/current_clocksource') ?? 'unknown';
  const machineClock = firstLine('/sys/class/rtc/rtc0/since_epoch');
  const apart = machineClock === null ? 0 : Math.round(Math.abs(now.getTime() / 1000 - Number(machineClock)));
  const at = `${now.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const shown = say(machine, 'machine.clock.source', { at, source });
  return {
    kind: 'check',
    label: say(machine, 'machine.clock'),
    verdict: apart > CLOCKS_DIFFER ? 'warning' : 'go',
    detail:
      machineClock === null
        ? say(machine, 'machine.clock.noHardware', { shown })
        : say(machine, 'machine.clock.apart', { shown, seconds: apart }),
  };
}

function firstLine(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : null;
}

/** The printers that CUPS knows. Sheets are files: without one they are printed elsewhere. */
async function printerCheck(machine: Machine): Promise<Check> {
  const listed = await new Promise<string>((resolve) => {
    execFile('lpstat', ['-e'], { timeout: 5000 }, (error, stdout) => {
      resolve(error ? '' : stdout.trim());
    });
  });
  const printers = listed.replaceAll('\n', ', ');
  return check(
    say(machine, 'machine.printer'),
    listed !== '',
    'warning',
    printers,
    say(machine, 'machine.printer.bad'),
  );
}

/** Video devices (V4L2). Sheets can be read back from their files without one. */
function cameraCheck(machine: Machine): Check {
  const cameras = existsSync('/dev') ? readdirSync('/dev').filter((name) => /^video\d+$/.test(name)) : [];
  const paths = cameras.map((name) => join('/dev', name)).join(', ');
  return check(
    say(machine, 'machine.camera'),
    cameras.length > 0,
    'warning',
    paths,
    say(machine, 'machine.camera.bad'),
  );
}
