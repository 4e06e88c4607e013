import type { Mode } from './ceremony.ts';
import type { Bag, SheetAtLarge } from './custody.ts';
import type { Participant } from './script.ts';

/** What the ledger tells of shares, rehearsals and due dates, for people who were not in the room. Times are ISO 8601, UTC. */

/** How a share was last shown to be readable: its sheet was scanned back when it was made, attested, or used in a recovery. */
export type Proof = { by: 'made' | RehearsalKind; at: string; ceremony: string };

export type ShareStanding = {
  /** The number on its sheet, and its point. */
  share: number;
  x: number;
  custodian: string;
  /** Null before the first custody register. */
  sheet: Bag | null;
  card: Bag | null;
  proof: Proof;
  /** When it is to be proven again. */
  due: string;
  /** It counts until then. */
  counts: boolean;
};

/** One place: the shares whose sheets and whose cards lie there, and how many that count are left without it. */
export type PlaceLoss = { place: string; sheets: number[]; cards: number[]; left: number; quorum: boolean };

export type ShareSetStanding = {
  setId: string;
  epoch: number;
  /** Label of the master key, and its id (hex). */
  masterKey: string;
  masterKeyId: string;
  mode: Mode;
  ceremony: string;
  madeAt: string;
  threshold: number;
  shares: ShareStanding[];
  /** How many shares count. `thin`: fewer than the threshold and one more; `broken`: fewer than the threshold. */
  valid: number;
  alert: 'none' | 'thin' | 'broken';
  /** The newest custody register; null if none was written. */
  register: { number: number; at: string } | null;
  /** Sheets in no bag that still open, as far as the register knows, and those that aborted ceremonies printed. */
  stillValid: SheetAtLarge[];
  /** `manifest`, `backup-root-2026`. */
  papers: ({ item: string } & Bag)[];
  /** So many custodians, whoever they are, may be lost with their shares; and so many places. */
  survivesPeople: number;
  survivesPlaces: number | null;
  placeLosses: PlaceLoss[];
  /** The fewest places in which a whole quorum lies, sheets and cards. */
  placesForQuorum: string[] | null;
};

export const REHEARSALS = ['attestation', 'recovery'] as const;
export type RehearsalKind = (typeof REHEARSALS)[number];

/** One rehearsal as the ledger tells it. */
export type Rehearsal = {
  kind: RehearsalKind;
  mode: Mode;
  ceremony: string;
  title: string;
  scriptSha256: string;
  at: string;
  setId: string;
  /** Names and roles of all who took part. */
  people: Participant[];
  /** Numbers of the shares that were opened. */
  shares: number[];
  /** Shares that were to be opened and whose custodians did not come, with the reason that was given. */
  absent: { share: number; custodian: string; reason: string }[];
  /** What was shown for each key: it signed a challenge or opened one, or its backup opened in the token. */
  keys: { label: string; shown: 'signed' | 'opened' | 'backup' }[];
  /** How the ceremony around it ended. */
  outcome: 'completed' | 'aborted' | 'under way';
};

export type DueKind = RehearsalKind | 'revocation list' | 'certificate' | 'rotation';
/** `soon`: within the notice that its kind is given. */
export type Due = {
  kind: DueKind;
  /** Of a master key or a vault's key, of the issuer of a list, or a certificate's common name. */
  label: string;
  /** Of a revocation list: the next one's. */
  number: number | null;
  at: string;
  standing: 'overdue' | 'soon' | 'later';
  /** Its last time, or when it was made. */
  since: string;
};

export type CustodyOverview = { sets: ShareSetStanding[]; due: Due[] };

/** A key that ceremonies made in a token. */
export type InventoryKey = {
  label: string;
  /** Hex. */
  id: string;
  algorithm: string;
  purpose: 'ca' | 'service' | 'vault-kek' | 'master-key';
  mode: Mode;
  ceremony: string;
  madeAt: string;
  token: string;
  /** Backups that were made of it. */
  backups: { mechanism: string; at: string; sha256: string }[];
  /** When it was destroyed; null while it stands. */
  destroyedAt: string | null;
};

export type InventoryCertificate = {
  /** SHA-256 of the certificate, hex, and its first bytes as words. */
  sha256: string;
  words: string[];
  name: string;
  subject: string;
  /** Of the key that is certified. */
  algorithm: string;
  /** SHA-256 of the certificate above; null for a root, or where it is not in the ledger. */
  issuedBy: string | null;
  /** How many stand above it. */
  depth: number;
  serial: string;
  notBefore: string;
  notAfter: string;
  ca: boolean;
  ceremony: string;
  file: string;
  revoked: { at: string; reason: string } | null;
  /** Another one of its subject was issued later. */
  replaced: boolean;
};

export type Inventory = { keys: InventoryKey[]; certificates: InventoryCertificate[] };

/** A bundle that a ceremony made. */
export type MadeBundle = {
  sequence: number;
  sha256: string;
  /** Subject of the recipient's certificate, and its SHA-256. */
  recipient: string;
  recipientSha256: string;
  at: string;
  /** Null where the ledger does not tell it. */
  expires: string | null;
  ceremony: string;
  title: string;
  mode: Mode;
  /** Its ceremony was; the bundle may have left the room all the same. */
  aborted: boolean;
  /** On every medium. */
  files: string[];
};

/** A bundle whose import into a folder stands in the ledger. */
export type ReceivedBundle = {
  seq: number;
  at: string;
  sequence: number;
  sha256: string;
  issuer: string;
  recipient: string;
  expires: string;
  rootSha256: string;
  rootWords: string[];
  trust: 'given' | 'remembered' | 'first';
  directory: string;
  written: { path: string; type: string; sha256: string }[];
};

export type Bundles = { made: MadeBundle[]; received: ReceivedBundle[] };
