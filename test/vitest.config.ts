import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    // Child processes, native modules and locked memory: one process a file.
    pool: 'forks',
    // Most of them wait for other processes and for disks now and then: three keep two processors busy.
    maxWorkers: 3,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Not the second that it is by itself: a machine may be slow.
    expect: { poll: { timeout: 60_000 } },
  },
});
