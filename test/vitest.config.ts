import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    // Child processes, native modules and locked memory: one process a file.
    pool: 'forks',
    // Most of them wait for other processes and for disks now and then: three keep two processors busy.
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
