import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';
import { REPOSITORY } from '../shipped.ts';

/**
 * Starting processes is most of what a point costs, and finding and reading a thousand modules is most of a start. So core
 * (with its points) and the token process are put into a few files each, as a packager would; modules keep the places that
 * they read resources from.
 */
let made: Promise<string> | null = null;
export function compiled(): Promise<string> {
  return (made ??= compile());
}

async function compile(): Promise<string> {
  // Of this run alone: code that others could write is not to be run.
  const folder = mkdtempSync(join(tmpdir(), 'claviger-compiled-'));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
  await build({
    configFile: false,
    root: REPOSITORY,
    logLevel: 'warn',
    ssr: {
      noExternal: true,
      external: ['better-sqlite3', 'koffi', 'pdfkit', 'pkcs11js', 'sodium-native', '@hyzyla/pdfium', 'zxing-wasm'],
    },
    build: {
      ssr: true,
      outDir: folder,
      emptyOutDir: false,
      target: 'node24',
      minify: false,
      rolldownOptions: {
        input: {
          core: join(import.meta.dirname, 'start.ts'),
          token: join(REPOSITORY, 'core/hsm/process/main.ts'),
        },
      },
    },
    plugins: [
      {
        name: 'places',
        transform: (code, id) =>
          id.startsWith(join(REPOSITORY, 'core'))
            ? code
                .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href))
                .replaceAll('import.meta.dirname', JSON.stringify(dirname(id)))
            : null,
      },
    ],
  });
  return folder;
}
