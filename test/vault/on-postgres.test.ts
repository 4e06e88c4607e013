import { describe } from 'vitest';
import { onPostgres } from './on-postgres.ts';

/** The vault's own tests once more, where they use the store in ways of their own; the others are in on-postgres.long.ts. */

await onPostgres();

describe('secrets', () => import('./secrets.test.ts').then(() => undefined));
describe('approvals', () => import('./approvals.test.ts').then(() => undefined));
describe('login', () => import('./login.test.ts').then(() => undefined));
describe('backup', () => import('./backup.test.ts').then(() => undefined));
describe('carry', () => import('./carry.test.ts').then(() => undefined));
describe('health', () => import('./health.test.ts').then(() => undefined));
describe('emergency', () => import('./emergency.test.ts').then(() => undefined));
describe('notices', () => import('./notices.test.ts').then(() => undefined));
describe('renewal', () => import('./renewal.test.ts').then(() => undefined));
describe('rotation', () => import('./rotation.test.ts').then(() => undefined));
describe('keeping', () => import('./keeping.test.ts').then(() => undefined));
describe('retention', () => import('./retention.test.ts').then(() => undefined));
