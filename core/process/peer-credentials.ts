import type { Socket } from 'node:net';
import koffi from 'koffi';

/** getsockopt(2) and unix(7) of Linux. */
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;

/** The user (uid) of the process at the other end of a Unix socket, as the kernel saw it connect; null where it is none, or elsewhere than on Linux. */
export function uidOfPeer(socket: Socket): number | null {
  // Node has no public name for a socket's descriptor.
  const { _handle: handle } = socket as { _handle?: { fd?: number } };
  if (process.platform !== 'linux' || handle?.fd === undefined || handle.fd < 0) return null;
  const credentials = { pid: 0, uid: 0, gid: 0 };
  return getsockopt()(handle.fd, SOL_SOCKET, SO_PEERCRED, credentials, [12]) === 0 ? credentials.uid : null;
}

type Getsockopt = (descriptor: number, level: number, name: number, value: object, length: [number]) => number;
let bound: Getsockopt | null = null;

function getsockopt(): Getsockopt {
  if (bound) return bound;
  const ucred = koffi.struct({ pid: 'int32', uid: 'uint32', gid: 'uint32' });
  bound = koffi
    .load(null)
    .func('getsockopt', 'int', [
      'int',
      'int',
      'int',
      koffi.out(koffi.pointer(ucred)),
      koffi.inout('uint32 *'),
    ]) as Getsockopt;
  return bound;
}
