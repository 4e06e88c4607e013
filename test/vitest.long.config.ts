import { defineConfig } from 'vitest/config';
import config from './vitest.config.ts';

/** What takes minutes each, and is run before a release: `npm run test:long`. */
export default defineConfig({ test: { ...config.test, include: ['test/**/*.long.ts'] } });
