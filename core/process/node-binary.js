import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

// Plain JavaScript: an older Node reads it too, to find the one that it must start.

/**
 * The Node 24 binary for core and token processes: this process's own if it is one (Electron's is not: its OpenSSL is
 * BoringSSL, without AES-KW), else the one that a packaged application carries, else the one in node_modules.
 * @returns {string}
 */
export function nodeBinary() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= 24 && process.versions['electron'] === undefined) return process.execPath;
  const executable = process.platform === 'win32' ? 'node.exe' : 'node';
  const resources = /** @type {{ resourcesPath?: string }} */ (process).resourcesPath;
  if (resources !== undefined && existsSync(join(resources, executable))) return join(resources, executable);
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const require = createRequire(import.meta.url);
  return join(require.resolve(`node-${system}-${process.arch}/package.json`), '..', 'bin', executable);
}
