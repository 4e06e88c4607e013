import { z } from 'zod';

/** Which values a holder keeps for the next read, and how long (story 04.2, secret access patterns). Each is encrypted wherever it is kept. */

/** `memory`: frequently used. `none`: sensitive keys. `encrypted`: system configuration. `distributed`: session keys, in Redis where there is one. */
export const CACHE_CLASSES = ['none', 'memory', 'encrypted', 'distributed'] as const;
export type CacheClass = (typeof CACHE_CLASSES)[number];

/** Minutes. */
export const CACHE_MINUTES = { none: 0, memory: 5, encrypted: 60, distributed: 15 } as const satisfies Record<
  CacheClass,
  number
>;

/** The password is a secret of the vault's own: `vault.setOutsidePassword`, of `redis`. */
export const redisSchema = z.union([
  z.strictObject({
    socket: z
      .string()
      .regex(/^\/[^\0]*$/, 'an absolute path')
      .max(4096),
    user: z.string().min(1).max(254).optional(),
  }),
  /** Over TLS alone. `ca`: PEM, where it is none that everybody knows. */
  z.strictObject({
    host: z.string().min(1).max(255),
    port: z.int().min(1).max(65_535),
    ca: z.string().max(16_384).optional(),
    user: z.string().min(1).max(254).optional(),
  }),
]);
export type RedisPlace = z.infer<typeof redisSchema>;

/** Of the vault's health. `joined`: reads that another one's decryption served. `distributed`: of Redis, where policy names one. */
export type CacheHealth = {
  classes: { cache: CacheClass; hits: number; joined: number; misses: number }[];
  entries: number;
  distributed: 'none' | 'ready' | 'away';
};
