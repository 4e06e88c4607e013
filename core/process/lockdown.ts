import koffi from 'koffi';

/** prctl(2) and setrlimit(2) of Linux. */
const PR_SET_DUMPABLE = 4;
const PR_GET_DUMPABLE = 3;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_GET_NO_NEW_PRIVS = 39;
const RLIMIT_CORE = 4;

export type Lockdown = { enforced: boolean; dumpable: boolean; coreLimit: number; newPrivileges: boolean };

/**
 * Shuts the ways by which a process that holds secrets could leak them: no core dump, no ptrace and no /proc/PID/mem
 * for other processes of the same user, no set-uid program. First thing in core and in every token process.
 * Elsewhere than on Linux nothing is enforced, and the answer says so: a live ceremony is refused there.
 */
export function lockDown(): Lockdown {
  if (process.platform !== 'linux') {
    return { enforced: false, dumpable: true, coreLimit: -1, newPrivileges: true };
  }
  const libc = koffi.load(null);
  const prctl = libc.func('int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)') as (
    ...words: number[]
  ) => number;
  const limits = koffi.struct({ current: 'uint64', maximum: 'uint64' });
  const setrlimit = libc.func('setrlimit', 'int', ['int', koffi.pointer(limits)]) as (
    resource: number,
    value: { current: number; maximum: number },
  ) => number;
  const getrlimit = libc.func('getrlimit', 'int', ['int', koffi.out(koffi.pointer(limits))]) as (
    resource: number,
    value: { current?: number },
  ) => number;

  setrlimit(RLIMIT_CORE, { current: 0, maximum: 0 });
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

  // Read back: what the kernel says counts, not what was asked.
  const core: { current?: number } = {};
  getrlimit(RLIMIT_CORE, core);
  const dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) !== 0;
  const newPrivileges = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) !== 1;
  const coreLimit = core.current ?? -1;
  if (dumpable || newPrivileges || coreLimit !== 0) throw new Error('the kernel refused the lockdown');
  return { enforced: true, dumpable, coreLimit, newPrivileges };
}
