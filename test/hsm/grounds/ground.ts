import type { Token } from '../../../core/hsm/token.ts';
import type { TokenLocation } from '../../../core/hsm/process/protocol.ts';

/** Something to run the conformance suite on: a real module, with a fresh token `first` of the suite's own. */
export type Ground = {
  open: (label: string) => Token;
  /** Null for what has no PKCS#11 module. */
  location: TokenLocation;
  pin: Uint8Array;
  securityOfficerPin: Uint8Array | null;
  /** Whether there is a token `second` as well; else it is refused as TOKEN_MISSING. */
  hasSecond: boolean;
  remove: () => void;
};

export const PIN = '739182';
