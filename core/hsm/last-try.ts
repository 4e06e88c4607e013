import type { TokenInfo } from './token.ts';

/**
 * The PIN that a login would try for the last time; null if there is none. At a pad, the security officer may be asked for theirs
 * at any time.
 */
export function lastTryOf(info: TokenInfo, asOfficerToo: boolean): 'PIN' | 'officer' | null {
  if (info.pinState === 'final-try') return 'PIN';
  const officerToo = asOfficerToo || (info.protectedAuthenticationPath && info.needsSecurityOfficer);
  return officerToo && info.securityOfficerPinState === 'final-try' ? 'officer' : null;
}
