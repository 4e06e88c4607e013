import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import {
  certificatesIssuedIn,
  issuersOf,
  keysMadeIn,
  keysWrappedIn,
  listsIssuedIn,
  masterKeyOf,
  resultsOf,
  x509Of,
} from '../ceremony/records.ts';
import type { Certificate } from '../ceremony/results.ts';
import type { CeremonyState } from '../ceremony/state.ts';
import type { VaultKeyLine } from '../contract/compliance.ts';
import type { Inventory, InventoryCertificate, InventoryKey } from '../contract/reports.ts';
import { wordsOf } from '../contract/words.ts';

/** Part of what core/ceremony/actions/destroy-keys.ts leaves. */
const destroyed = z.object({ destroyed: z.array(z.object({ label: z.string(), id: z.string() })) });

/** Every key and certificate that the ledger tells of, in the order in which they were made; a chain stands together. */
export function inventoryOf(states: CeremonyState[]): Inventory {
  const made = states.filter(({ status }) => status !== 'aborted');
  return { keys: made.flatMap((state) => keysOf(state, made)), certificates: certificatesOf(made) };
}

/** One line of a table for each key and certificate. `origin`: a ceremony, or what provides a key of the vault. */
export function inventoryLines({ keys, certificates, vaultKeys }: Inventory & { vaultKeys: VaultKeyLine[] }) {
  return [
    ...keys.map((key) => ({
      ...{ what: key.purpose, name: key.label, id: key.id, algorithm: key.algorithm, from: key.madeAt },
      ...{ to: key.destroyedAt ?? '', state: key.destroyedAt === null ? 'stands' : 'destroyed', origin: key.ceremony },
      ...{ mode: key.mode, token: key.token, backups: key.backups.length, serial: '' },
    })),
    ...certificates.map((certificate) => ({
      ...{ what: 'certificate', name: certificate.name, id: certificate.sha256, algorithm: certificate.algorithm },
      ...{ from: certificate.notBefore, to: certificate.notAfter, origin: certificate.ceremony },
      state: certificate.revoked ? 'revoked' : certificate.replaced ? 'replaced' : 'stands',
      ...{ mode: '', token: '', backups: '', serial: certificate.serial },
    })),
    ...vaultKeys.map(({ key, provider, state, at }) => ({
      ...{ what: 'vault key', name: key, id: key, algorithm: 'AES-256-GCM', from: at, to: '', state },
      ...{ origin: provider, mode: '', token: '', backups: '', serial: '' },
    })),
  ];
}

function keysOf(state: CeremonyState, states: CeremonyState[]): InventoryKey[] {
  const { mode, id: ceremony, token } = state;
  const told = { mode, ceremony, token };
  const split = resultsOf(state, 'make-master-key').length > 0 ? masterKeyOf(state) : null;
  const master = split
    ? [{ label: split.label, id: split.manifest.masterKeyId, algorithm: 'AES-256', purpose: 'master-key' as const }]
    : [];
  return [...master, ...keysMadeIn(state)].map(({ label, id, algorithm, purpose }) => ({
    ...{ label, id, algorithm, purpose, ...told },
    madeAt: timeIn(state, ['generate-key', 'make-master-key'], label) ?? state.begunAt,
    backups: states.flatMap((other) => backupsIn(other, state, label)),
    destroyedAt: destroyedAt(states, state, label),
  }));
}

/** Backups of a label, made while that label was this key's. */
function backupsIn(other: CeremonyState, made: CeremonyState, label: string): InventoryKey['backups'] {
  if (other.begunAt < made.begunAt) return [];
  const at = other.records.findLast(({ step }) => step.action === 'backup-keys')?.at ?? other.begunAt;
  return keysWrappedIn(other)
    .filter((wrapped) => wrapped.label === label)
    .map(({ mechanism, sha256 }) => ({ mechanism, at, sha256 }));
}

/** A label is free again once its key is destroyed: the first destruction after its making was this key's. */
function destroyedAt(states: CeremonyState[], made: CeremonyState, label: string): string | null {
  const after = states.filter(({ begunAt }) => begunAt >= made.begunAt);
  const ends = after.flatMap(({ records }) =>
    records.filter(({ step, result }) => {
      if (step.action !== 'destroy-keys') return false;
      return destroyed.parse(result).destroyed.some((key) => key.label === label);
    }),
  );
  return ends[0]?.at ?? null;
}

function timeIn(state: CeremonyState, actions: string[], label: string): string | null {
  const made = state.records.find(({ step, result }) => {
    return actions.includes(step.action) && (result as { label?: unknown } | null)?.label === label;
  });
  return made?.at ?? null;
}

function certificatesOf(states: CeremonyState[]): InventoryCertificate[] {
  const issued = states.flatMap((state) =>
    certificatesIssuedIn(state).map((certificate) => ({ certificate, ceremony: state.id })),
  );
  const all = issued.map(({ certificate }) => certificate);
  const lists = states.flatMap(listsIssuedIn);
  const told = issued.map(({ certificate, ceremony }, index): InventoryCertificate => {
    const { sha256, subject, file } = certificate;
    const x509 = x509Of(certificate);
    const above = issuersOf(certificate, all);
    const serial = x509.serialNumber.toLowerCase().replace(/^0+(?=.)/, '');
    const revoked = lists.flatMap((list) => list.revoked).find((row) => row.serial === serial);
    return {
      ...{ sha256, subject, file, ceremony, serial },
      words: wordsOf(Buffer.from(sha256, 'hex').subarray(0, 8)),
      algorithm: algorithmOf(x509.publicKey),
      name: [x509.toLegacyObject().subject.CN ?? subject].flat().join(', '),
      issuedBy: above[0]?.sha256 ?? null,
      depth: above.length,
      notBefore: x509.validFromDate.toISOString(),
      notAfter: x509.validToDate.toISOString(),
      ca: x509.ca,
      revoked: revoked ? { at: revoked.at, reason: revoked.reason } : null,
      replaced: all.slice(index + 1).some((later) => later.subject === subject),
    };
  });
  return inChains(told, all);
}

const CURVES: Record<string, string> = { prime256v1: 'EC-P256', secp384r1: 'EC-P384', secp521r1: 'EC-P521' };

/** As keys in a token are called; one that none of them could be, as OpenSSL calls it. */
function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string {
  if (type === 'rsa') return `RSA-${details?.modulusLength ?? 0}`;
  if (type === 'ed25519') return 'Ed25519';
  const curve = details?.namedCurve ?? type ?? '';
  return CURVES[curve] ?? curve;
}

/** Below each certificate what it issued, the roots in the order they were made. */
function inChains(told: InventoryCertificate[], all: Certificate[]): InventoryCertificate[] {
  const known = new Set(all.map(({ sha256 }) => sha256));
  const below = (sha256: string | null): InventoryCertificate[] =>
    told
      .filter(({ issuedBy }) => (issuedBy !== null && known.has(issuedBy) ? issuedBy : null) === sha256)
      .flatMap((certificate) => [certificate, ...below(certificate.sha256)]);
  return below(null);
}
