import type { Fact } from '../../contract/ceremony.ts';
import type { YubiHsmAttestation } from './yubihsm.ts';

/** What is known of where a key lives: a vendor's certificate for it, or else what the token answers when it is asked. */
export type KeyEvidence =
  { kind: 'yubihsm'; attestation: YubiHsmAttestation } | { kind: 'attributes'; attributes: Record<string, boolean> };

/** The evidence as facts for ledger and transcript. */
export function evidenceFacts(label: string, evidence: KeyEvidence): Fact[] {
  return evidence.kind === 'yubihsm'
    ? yubiHsmFacts(label, evidence.attestation)
    : attributeFacts(label, evidence.attributes);
}

function yubiHsmFacts(label: string, attestation: YubiHsmAttestation): Fact[] {
  const { firmware, serial, origins, domains, capabilities, objectId } = attestation;
  const made = origins.length === 1 && origins[0] === 'generated';
  const leaves = capabilities.includes('exportable-under-wrap');
  return [
    {
      kind: 'check',
      label: `${label}: attested by its device`,
      verdict: made ? 'go' : 'warning',
      detail: made ? 'generated in it' : `origin: ${origins.join(', ') || 'none'}`,
    },
    { kind: 'row', label: 'YubiHSM serial number', value: serial, mono: true },
    { kind: 'row', label: 'Firmware', value: firmware, mono: true },
    {
      kind: 'row',
      label: 'Object',
      value: `0x${objectId.toString(16).padStart(4, '0')} ${attestation.label}`,
      mono: true,
    },
    { kind: 'row', label: 'Domains', value: domains.join(', ') },
    { kind: 'row', label: 'It may', value: capabilities.join(', ') || 'nothing' },
    { kind: 'row', label: 'It leaves the device', value: leaves ? 'wrapped only' : 'never' },
  ];
}

/** The token's own word: no vendor signs it. */
function attributeFacts(label: string, attributes: Record<string, boolean>): Fact[] {
  const made =
    attributes['local'] === true && attributes['sensitive'] === true && attributes['alwaysSensitive'] === true;
  const set = Object.entries(attributes).flatMap(([name, value]) => (value ? [name] : []));
  return [
    {
      kind: 'check',
      label: `${label}: by its attributes alone`,
      verdict: 'warning',
      detail: made
        ? 'the token says that it was generated there; no vendor attests it'
        : 'the token does not say that it was generated there',
    },
    { kind: 'row', label: 'In the token', value: set.join(', ') },
  ];
}
