import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** A CUPS of the test's own: a real cupsd with its spool in a temporary folder, and a printer that is cups-pdf, which leaves PDF files. */
export type Cups = {
  spool: string;
  /** The newest file that the printer has made. */
  printed: () => string;
  /** Every file that it has made of jobs whose title begins so, the oldest first. */
  papers: (title: string) => string[];
  remove: () => Promise<void>;
};

const PPD = 'lsb/usr/cups-pdf/CUPS-PDF_opt.ppd';
const PROGRAMS = '/usr/lib/cups';
/** Where cups-pdf puts what root prints (PDF in the home folder): one tray for every CUPS of this machine. */
const PAPER_TRAY = join(process.env['HOME'] ?? '/root', 'PDF');

/** Starts it, with printers of these names. Sets CUPS_SERVER until it is removed. */
export async function startCups(printers: string[]): Promise<Cups> {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-cups-'));
  const at = (name: string) => join(folder, name);
  // cupsd's filters run as lp.
  execFileSync('chmod', ['755', folder]);
  for (const name of ['etc', 'etc/ppd', 'spool', 'spool/tmp', 'cache', 'run']) mkdirSync(at(name));
  const mark = basename(folder);
  markPapers(at('programs'), mark);
  const socket = at('cups.sock');
  writeFileSync(
    at('etc/cupsd.conf'),
    [
      `Listen ${socket}`,
      ...['Browsing Off', 'WebInterface No', 'LogLevel warn', 'DefaultAuthType None', 'PreserveJobFiles Yes'],
      ...['<Location />', '  Order allow,deny', '  Allow all', '</Location>'],
      ...['<Policy default>', '  <Limit All>', '    Order deny,allow', '    Allow all', '  </Limit>', '</Policy>'],
      '',
    ].join('\n'),
  );
  writeFileSync(
    at('etc/cups-files.conf'),
    [
      ...[`ServerRoot ${at('etc')}`, `RequestRoot ${at('spool')}`, `TempDir ${at('spool/tmp')}`],
      ...[`CacheDir ${at('cache')}`, `StateDir ${at('run')}`, `ServerBin ${at('programs')}`, 'DataDir /usr/share/cups'],
      ...[`AccessLog ${at('access_log')}`, `ErrorLog ${at('error_log')}`, `PageLog ${at('page_log')}`],
      ...['User lp', 'Group lp', 'SystemGroup root', ''],
    ].join('\n'),
  );
  const words = ['-f', '-c', at('etc/cupsd.conf'), '-s', at('etc/cups-files.conf')];
  const daemon = spawn('/usr/sbin/cupsd', words, { stdio: ['ignore', 'ignore', 'inherit'] });
  await appeared(folder, 'cups.sock', daemon);
  process.env['CUPS_SERVER'] = socket;
  // Where cups-files.conf says which folder the spool is.
  process.env['CUPS_SERVERROOT'] = at('etc');
  for (const name of printers) {
    execFileSync('lpadmin', ['-p', name, '-E', '-v', 'cups-pdf:/', '-m', PPD], { stdio: ['ignore', 'ignore', 'pipe'] });
  }
  const made = () => (existsSync(PAPER_TRAY) ? readdirSync(PAPER_TRAY) : []).filter((name) => name.startsWith(mark));
  return {
    spool: at('spool'),
    printed: () => {
      const [name, ...more] = made();
      if (name === undefined || more.length > 0) throw new Error(`${made().length} papers lie in the tray`);
      return join(PAPER_TRAY, name);
    },
    papers: (title) =>
      made()
        // cups-pdf writes what is no letter or digit as a line.
        .filter((name) => name.startsWith(`${mark}_${title.replaceAll(/[^a-zA-Z0-9-]/g, '_')}`))
        .sort((one, other) => jobOf(one) - jobOf(other))
        .map((name) => join(PAPER_TRAY, name)),
    remove: async () => {
      delete process.env['CUPS_SERVER'];
      delete process.env['CUPS_SERVERROOT'];
      // It writes its cache at its end.
      const ended = once(daemon, 'exit');
      daemon.kill();
      await ended;
      for (const name of made()) rmSync(join(PAPER_TRAY, name));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** CUPS' own programs, but cups-pdf is told titles that begin with this mark: other tests print into the same tray at the same time. */
function markPapers(programs: string, mark: string): void {
  mkdirSync(join(programs, 'backend'), { recursive: true });
  for (const name of readdirSync(PROGRAMS).filter((name) => name !== 'backend')) {
    symlinkSync(join(PROGRAMS, name), join(programs, name));
  }
  const backend = join(PROGRAMS, 'backend/cups-pdf');
  // Job, user, title, copies, options and file; without them it tells which printers there are. The title inside the file is not to count.
  const told = `"$1" "$2" "${mark} $3" "$4" "TitlePref=1 $5" \${6+"$6"}`;
  const script = `#!/bin/sh\n[ $# -lt 5 ] && exec ${backend}\nexec ${backend} ${told}\n`;
  // Who may not be read by others runs as root.
  writeFileSync(join(programs, 'backend/cups-pdf'), script, { mode: 0o700 });
}

function jobOf(name: string): number {
  return Number(/job_(\d+)/.exec(name)?.[1]);
}

function appeared(folder: string, name: string, daemon: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((resolve, reject) => {
    const watcher = watch(folder, () => {
      if (!existsSync(join(folder, name))) return;
      watcher.close();
      resolve();
    });
    daemon.once('exit', (status) => {
      watcher.close();
      reject(new Error(`cupsd ended with ${String(status)}`));
    });
    if (existsSync(join(folder, name))) {
      watcher.close();
      resolve();
    }
  });
}
