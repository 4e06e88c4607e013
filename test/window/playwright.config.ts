import { defineConfig } from 'playwright/test';

export default defineConfig({
  testDir: '.',
  // These look into Chromium's processes, give it a camera, or kill the core of a shell that runs inside the test. What they
  // ask of Electron's shell is asked in test/electron.
  testIgnore:
    process.env['CLAVIGER_SHELL'] === 'electron'
      ? ['lockdown.spec.ts', 'shut.spec.ts', 'core-dies.spec.ts', 'share-entry.spec.ts', 'private-memory.spec.ts']
      : [],
  outputDir: '../../.test/window',
  // Each spec starts a whole application; two of them share the machine's two cores.
  workers: 2,
  fullyParallel: true,
  timeout: 600_000,
  expect: { timeout: 60_000 },
  forbidOnly: true,
  retries: 0,
  reporter: [['list']],
});
