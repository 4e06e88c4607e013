import { enableCompileCache } from 'node:module';

// Before anything else is loaded: what is kept is what comes after.
enableCompileCache(process.argv[6]);
await import('./core-with-points.ts');
