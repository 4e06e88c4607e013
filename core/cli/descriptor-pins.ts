import { type PinSource, readPinSource } from '../hsm/pin-source.ts';
import { readTokenFile } from '../hsm/token-file.ts';
import type { Responder } from './responder.ts';

/**
 * PINs that a token file takes from a file descriptor: the descriptor is this process's, so it is read here, once,
 * when the ask comes. Every other ask goes on to the responder.
 */
export function withDescriptorPins(responder: Responder, tokenFile: string | null): Responder {
  if (tokenFile === null) return responder;
  const { pin, securityOfficerPin, rehearsal } = readTokenFile(tokenFile);
  const sources: Record<string, PinSource | null> = {
    'main-pin': pin,
    'main-security-officer-pin': securityOfficerPin,
    'rehearsal-pin': rehearsal?.pin ?? null,
    'rehearsal-security-officer-pin': rehearsal?.securityOfficerPin ?? null,
  };
  return {
    ...responder,
    secret: (ask) => {
      const source = sources[ask.id];
      const fromDescriptor = typeof source === 'object' && source !== null && 'fd' in source;
      return fromDescriptor ? readPinSource(source) : responder.secret(ask);
    },
  };
}
