import type { Fact } from '../contract/ceremony.ts';
import { tellAttributes } from '../contract/tell.ts';
import type { YubiHsmAttestation } from '../hsm/attestation/yubihsm.ts';
import { say } from './say.ts';
import type { CeremonyState } from './state.ts';

/** What is known of where a key lives: a vendor's certificate for it, or else what the token answers when it is asked. */
export type KeyEvidence =
  { kind: 'yubihsm'; attestation: YubiHsmAttestation } | { kind: 'attributes'; attributes: Record<string, boolean> };

type Ceremony = Pick<CeremonyState, 'language'>;

/** The evidence as facts for ledger and transcript. */
export function evidenceFacts(ceremony: Ceremony, label: string, evidence: KeyEvidence): Fact[] {
  return evidence.kind === 'yubihsm'
    ? yubiHsmFacts(ceremony, label, evidence.attestation)
    : attributeFacts(ceremony, label, evidence.attributes);
}

/** Origins and capabilities are the device's own names. */
function yubiHsmFacts(ceremony: Ceremony, label: string, attestation: YubiHsmAttestation): Fact[] {
  const { firmware, serial, origins, domains, capabilities, objectId } = attestation;
  const made = origins.length === 1 && origins[0] === 'generated';
  const leaves = capabilities.includes('exportable-under-wrap');
  const none = say(ceremony, 'fact.none');
  return [
    {
      kind: 'check',
      label: say(ceremony, 'evidence.byDevice', { label }),
      verdict: made ? 'go' : 'warning',
      detail: made
        ? say(ceremony, 'evidence.generated')
        : say(ceremony, 'evidence.origin', { origins: origins.join(', ') || none }),
    },
    { kind: 'row', label: say(ceremony, 'evidence.serial'), value: serial, mono: true },
    { kind: 'row', label: say(ceremony, 'token.firmware'), value: firmware, mono: true },
    {
      kind: 'row',
      label: say(ceremony, 'evidence.object'),
      value: `0x${objectId.toString(16).padStart(4, '0')} ${attestation.label}`,
      mono: true,
    },
    { kind: 'row', label: say(ceremony, 'evidence.domains'), value: domains.join(', ') },
    { kind: 'row', label: say(ceremony, 'evidence.may'), value: capabilities.join(', ') || none },
    {
      kind: 'row',
      label: say(ceremony, 'evidence.leaves'),
      value: say(ceremony, leaves ? 'evidence.wrappedOnly' : 'evidence.never'),
    },
  ];
}

/** The token's own word: no vendor signs it. */
function attributeFacts(ceremony: Ceremony, label: string, attributes: Record<string, boolean>): Fact[] {
  const made =
    attributes['local'] === true && attributes['sensitive'] === true && attributes['alwaysSensitive'] === true;
  return [
    {
      kind: 'check',
      label: say(ceremony, 'evidence.byAttributes', { label }),
      verdict: 'warning',
      detail: say(ceremony, made ? 'evidence.saysGenerated' : 'evidence.saysNothing'),
    },
    { kind: 'row', label: say(ceremony, 'fact.inToken'), value: tellAttributes(ceremony, attributes) },
  ];
}
