import { describe } from 'vitest';
import { onPostgres } from './on-postgres.ts';

/** What of the vault's tests is about its doors, its memory and what stands beside it, on PostgreSQL as well. */

await onPostgres();

describe('handlers', () => import('./handlers.test.ts').then(() => undefined));
describe('holder', () => import('./holder.test.ts').then(() => undefined));
describe('client', () => import('./client.test.ts').then(() => undefined));
describe('key loss', () => import('./key-loss.test.ts').then(() => undefined));
describe('cache', () => import('./cache.test.ts').then(() => undefined));
describe('redis cache', () => import('./redis-cache.test.ts').then(() => undefined));
describe('rotators', () => import('../rotators/clients.test.ts').then(() => undefined));
describe('retention under load', () => import('./retention-load.test.ts').then(() => undefined));
