import type { SealedBundle } from '../../core/bundle/seal.ts';
import { sealBundle } from '../../core/bundle/seal.ts';
import { type Authority, NOW, daysFrom } from '../pki/sample-authority.ts';

export const ITEMS: Parameters<typeof sealBundle>[0]['items'] = [
  { path: 'issuing.crt', type: 'certificate', target: 'vault', bytes: Buffer.from('a certificate') },
  { path: 'backup/issuing.kwp', type: 'wrapped-key', target: 'vault', bytes: Buffer.from([0, 1, 2, 255]) },
  { path: 'empty', type: 'document', target: 'vault', bytes: new Uint8Array() },
];

/** A bundle for a recipient (PEM), sealed now for thirty days unless `changes` says otherwise. */
export function sampleBundle(
  authority: Authority,
  recipient: string,
  changes: Partial<Parameters<typeof sealBundle>[0]> = {},
): Promise<SealedBundle> {
  return sealBundle({
    ceremony: 'Wurzel-Zeremonie 2026',
    mode: 'training',
    sequence: 1,
    previous: null,
    created: NOW,
    expires: daysFrom(NOW, 30),
    items: ITEMS,
    signer: authority.exportSigner,
    exportCertificate: authority.exporter.der,
    rootCertificate: authority.root.der,
    recipientCertificate: Buffer.from(recipient),
    recipientPath: 'recipient.crt',
    ...changes,
  });
}
