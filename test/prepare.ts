import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What the tests run against, and the Debian package each part comes from. A missing part fails the tests; nothing skips. */
const PARTS: { package: string; files?: string[]; program?: string }[] = [
  { package: 'chromium', files: ['/usr/lib/chromium/chromium'] },
  { package: 'xvfb', program: 'xvfb-run' },
  { package: 'softhsm2', files: ['/usr/lib/softhsm/libsofthsm2.so'] },
  { package: 'libnss3', files: ['/usr/lib/x86_64-linux-gnu/libsoftokn3.so'] },
  { package: 'libnss3-tools', program: 'certutil' },
  { package: 'libtpm2-pkcs11-1', files: ['/usr/lib/x86_64-linux-gnu/pkcs11/libtpm2_pkcs11.so'] },
  { package: 'libtpm2-pkcs11-tools', program: 'tpm2_ptool' },
  { package: 'swtpm', program: 'swtpm' },
  { package: 'tpm2-abrmd', files: ['/usr/sbin/tpm2-abrmd'] },
  { package: 'libtss2-tcti-tabrmd0', files: ['/usr/lib/x86_64-linux-gnu/libtss2-tcti-tabrmd.so.0'] },
  { package: 'dbus-bin', program: 'dbus-send' },
  { package: 'dbus-daemon', program: 'dbus-daemon' },
  { package: 'opencryptoki', files: ['/usr/sbin/pkcsslotd'] },
  { package: 'gcc', program: 'gcc' },
  { package: 'libc6-dev', files: ['/usr/include/dlfcn.h'] },
  { package: 'opensc', program: 'pkcs11-tool' },
  { package: 'openssl', program: 'openssl' },
  { package: 'gnutls-bin', program: 'certtool' },
  { package: 'poppler-utils', program: 'pdftoppm' },
  { package: 'qpdf', program: 'qpdf' },
  { package: 'zbar-tools', program: 'zbarimg' },
  { package: 'gcc', program: 'cc' },
  { package: 'libc6-dev', files: ['/usr/include/stdlib.h'] },
  { package: 'strace', program: 'strace' },
  { package: 'cups', files: ['/usr/sbin/cupsd'] },
  { package: 'cups-client', program: 'lp' },
  { package: 'printer-driver-cups-pdf', files: ['/usr/lib/cups/backend/cups-pdf'] },
  { package: 'postgresql', files: ['/usr/lib/postgresql/15/bin/postgres'] },
  { package: 'python3', files: ['/usr/bin/python3'] },
  { package: 'python3-aiosmtpd', files: ['/usr/lib/python3/dist-packages/aiosmtpd/smtp.py'] },
  { package: 'redis-server', program: 'redis-server' },
  { package: 'python3-cryptography', files: ['/usr/lib/python3/dist-packages/cryptography/__init__.py'] },
];

function isThere({ files, program }: (typeof PARTS)[number]): boolean {
  if (files) return files.some((path) => existsSync(path));
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => existsSync(join(folder, program ?? '')));
}

function missing(): string[] {
  return PARTS.filter((part) => !isThere(part)).map((part) => part.package);
}

const needed = missing();
if (needed.length > 0) {
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...needed];
  const say = (text: string) => process.stderr.write(`${text}\n`);
  if (process.getuid?.() === 0) {
    say(`Installing what the tests need: ${needed.join(' ')}`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    for (const words of [['apt-get', 'update', '-qq'], install]) {
      spawnSync(words[0] ?? '', words.slice(1), { stdio: ['ignore', 'ignore', 'inherit'], env });
    }
  }
  if (missing().length > 0) {
    say(`The tests need parts that are not installed. Run:\n  sudo ${install.join(' ')}`);
    process.exit(1);
  }
}
