/** glibc, "Memory Allocation Tunables": what is freed is overwritten with 0xff and what is given out with zeros (`perturb`), which what waits for the same thread is not (`tcache_count`). */
const TUNABLES = 'glibc.malloc.tcache_count=0:glibc.malloc.perturb=255';

/**
 * The environment of a process of ours that holds secrets. Options for this process are not for that one; a module's own variables are. Libraries free copies of a key as they are (pkcs11js, each value
 * of a template): glibc overwrites them, where it is the C library.
 */
export function environmentBelow(): NodeJS.ProcessEnv {
  const given = Object.entries(process.env).filter(([name]) => !name.startsWith('NODE_') && name !== 'GLIBC_TUNABLES');
  return { ...Object.fromEntries(given), GLIBC_TUNABLES: TUNABLES };
}
