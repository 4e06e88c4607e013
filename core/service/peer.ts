import type { Origin } from '../vault/login.ts';

/** How a caller proves who they are; the holder's faces find it, and a command never carries it. */
export type Credential = { session: Uint8Array } | { token: Uint8Array } | { certificate: string } | { uid: number };
/** Where a call comes from. `credentials`: tried in this order; the first that is somebody's counts. */
export type Peer = Origin & { credentials: Credential[] };
