import { enableCompileCache } from 'node:module';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type InlineConfig, build } from 'vite';
import { PROGRAMS } from '../core/process/programs.ts';
import { BUILDS, CACHE, isFresh, noteMadeOf, sourcesOf } from '../core/process/made-of.js';
import { LIST, listShipped } from '../core/service/shipped-list.ts';

/**
 * `npm run build`: builds what is not made of the sources as they are. The window is three pages; each of the programs is one file
 * and what it shares with others, for a process that finds and reads hundreds of modules has done little else by then.
 */
const ROOT = join(import.meta.dirname, '..');

const BUILT = join(ROOT, BUILDS.programs.folder);

/** Native code, and packages that read files of their own, stay where they are. */
const OUTSIDE = [
  ...['better-sqlite3', 'koffi', 'pkcs11js', 'sodium-native', 'electron', 'playwright-core'],
  ...['pdfkit', '@hyzyla/pdfium', 'zxing-wasm'],
];

const CONFIGS: Record<keyof typeof BUILDS, InlineConfig> = {
  window: { root: join(ROOT, 'renderer'), configFile: join(ROOT, 'renderer/vite.config.ts') },
  programs: {
    configFile: false,
    root: ROOT,
    ssr: { noExternal: true, external: OUTSIDE },
    build: {
      ssr: true,
      outDir: BUILT,
      emptyOutDir: true,
      target: 'node24',
      minify: false,
      rolldownOptions: {
        checks: { bundlerTimings: false },
        input: Object.fromEntries(Object.entries(PROGRAMS).map(([name, source]) => [name, join(ROOT, source)])),
        // All in one folder, as deep as the folders of core: places are named from there.
        output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
      },
    },
  },
};

for (const name of Object.keys(BUILDS) as (keyof typeof BUILDS)[]) {
  if (isFresh(ROOT, name)) continue;
  const sources = sourcesOf(ROOT, BUILDS[name].parts);
  // What is built is what people use, whoever builds it: a test has another NODE_ENV, which would make React's slower half.
  process.env['NODE_ENV'] = 'production';
  await build({ ...CONFIGS[name], logLevel: 'warn' });
  if (name === 'programs') writeFileSync(join(BUILT, LIST), await listShipped());
  noteMadeOf(ROOT, name, sources);
}

// What a start has to read most of is the browser's driver: read once here, so that no start compiles it again.
enableCompileCache(join(BUILT, CACHE));
await import(join(BUILT, 'chromium-shell.js'));
