import { wipe } from '../process/guarded.ts';
import type { Origin } from '../vault/login.ts';

/** How a caller proves who they are; the holder's faces find it, and a command never carries it. */
export type Credential = { session: Uint8Array } | { token: Uint8Array } | { certificate: string } | { uid: number };
/** Where a call comes from, and as whom; null is nobody. Where the peer is a connection, a login changes it. */
export type Peer = Origin & { credential: Credential | null };

/** What is secret of it. */
export function wipeCredential({ credential }: Peer): void {
  if (credential && 'session' in credential) wipe(credential.session);
  if (credential && 'token' in credential) wipe(credential.token);
}
