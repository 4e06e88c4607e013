import { createHash } from 'node:crypto';
import type { Fact } from '../../core/contract/ceremony.ts';
import type { Participant } from '../../core/contract/script.ts';
import { wordsOf } from '../../core/contract/words.ts';
import type { BagLabels } from '../../core/print/bag-labels.ts';
import type { BackupSheet } from '../../core/print/backup-sheet.ts';
import type { CustodySheet } from '../../core/print/custody-sheet.ts';
import type { ManifestSheet } from '../../core/print/manifest-sheet.ts';
import type { ShareSheet } from '../../core/print/share-sheet.ts';
import type { Transcript } from '../../core/print/transcript.ts';
import type { ShareSetManifest } from '../../core/shares/manifest.ts';

/** Invented people and figures for the paper. The texts only have a share's shape; core/shares makes real ones. */

const ALPHABET = 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L';

/** Bytes that look random and are the same in every run. */
export function sampleBytes(seed: string, length: number): Uint8Array {
  const blocks: Buffer[] = [];
  for (let counter = 0; blocks.length * 32 < length; counter++) {
    blocks.push(createHash('sha256').update(`${seed} ${counter}`).digest());
  }
  return new Uint8Array(Buffer.concat(blocks).subarray(0, length));
}

export function sampleShareText(seed: string): string {
  return `CLV1${Array.from(sampleBytes(seed, 151), (byte) => ALPHABET[byte % 32]).join('')}`;
}

export function sampleLines(text: string): ShareSheet['lines'] {
  return (text.match(/.{1,20}/g) ?? []).map((line, index) => ({
    number: index + 1,
    groups: line.match(/.{1,4}/g) ?? [],
    check: Array.from(sampleBytes(`check ${line}`, 2), (byte) => ALPHABET[byte % 32]).join(''),
  }));
}

export function sampleHex(seed: string, length: number): string {
  return Buffer.from(sampleBytes(seed, length)).toString('hex');
}

export const MADE_AT = new Date('2026-11-21T14:31:07Z');

export function sampleShareSheet(changes: Partial<ShareSheet> = {}): ShareSheet {
  const text = changes.text ?? sampleShareText('share 3');
  return {
    language: 'en',
    organisation: 'Example Trust Services',
    ceremony: 'Root and issuing CA 2026',
    ceremonyId: '2026-11-21-root-and-issuing',
    custodian: 'Ines Duarte',
    number: 3,
    shareCount: 5,
    threshold: 3,
    setId: sampleHex('set', 16),
    epoch: 0,
    madeAt: MADE_AT,
    rootWords: ['glucose', 'cellulose', 'snapshot', 'almighty', 'ringbolt', 'upcoming', 'absurd', 'corporate'],
    text,
    lines: sampleLines(text),
    scriptSha256: sampleHex('script', 32),
    training: false,
    paper: 'A4',
    ...changes,
  };
}

/** `length` 200 is about a wrapped P-384 key, 2384 an RSA-4096 key. */
export function sampleBackupSheet(length: number, changes: Partial<BackupSheet> = {}): BackupSheet {
  const blob = sampleBytes('blob', length);
  return {
    language: 'en',
    organisation: 'Example Trust Services',
    ceremony: 'Root and issuing CA 2026',
    ceremonyId: '2026-11-21-root-and-issuing',
    label: 'root-2026',
    algorithm: length > 1000 ? 'RSA-4096' : 'EC-P384',
    mechanism: 'RFC5649',
    masterKeyId: sampleHex('master key', 16),
    setId: sampleHex('set', 16),
    blob,
    blobSha256: createHash('sha256').update(blob).digest('hex'),
    certificateWords: ['glucose', 'cellulose', 'snapshot', 'almighty', 'ringbolt', 'upcoming', 'absurd', 'corporate'],
    madeAt: MADE_AT,
    training: false,
    paper: 'A4',
    ...changes,
  };
}

/** Share 2 was handed over, share 3 sealed anew. */
export function sampleCustodySheet(shareCount: number, changes: Partial<CustodySheet> = {}): CustodySheet {
  const bag = (number: number, place: string) => ({ place, bag: `A-${number}`, seal: `S-${number}` });
  const names = ['Amara Diallo', 'Lena Fischer', 'Anna-Magdalena von Hohenstein-Lichtenberg zu Bad Salzungen'];
  const both: ('sheet' | 'card')[] = ['sheet', 'card'];
  return {
    language: 'en',
    organisation: 'Example Trust Services',
    ceremony: 'Custody change 2026',
    register: {
      ...{
        format: 'claviger-custody-1',
        number: 2,
        previous: sampleHex('register 1', 32),
        setId: sampleHex('set', 16),
      },
      ...{ mode: 'live', ceremony: '2026-11-21-custody-change', at: MADE_AT.toISOString() },
      shares: Array.from({ length: shareCount }, (_, index) => ({
        share: index + 1,
        x: index + 1,
        custodian: names[index] ?? `Custodian Number ${index + 1}`,
        sheet: bag(1001 + index, 'Oslo, deposit box 12'),
        card: bag(2001 + index, 'Bergen, the notary’s safe in the cellar of the old house by the harbour, box 5'),
      })),
      papers: [{ item: 'backup-root-2026', what: 'Backup sheet of root-2026', ...bag(3001, 'Turku, safe 1') }],
      changes: [
        {
          ...{ item: 'share-2', handOver: { from: 'Chen Wei', to: 'Lena Fischer' }, moved: both, sealedAnew: both },
          reason: 'Chen Wei leaves',
        },
        { item: 'share-3', handOver: null, moved: [], sealedAnew: both, reason: 'opened for the rehearsal' },
      ],
    },
    fileSha256: sampleHex('register 2', 32),
    changes: [
      { item: 'share-2', text: 'handed over by Chen Wei to Lena Fischer, sheet and card sealed anew: Chen Wei leaves' },
      { item: 'share-3', text: 'sheet and card sealed anew: opened for the rehearsal' },
    ],
    scriptSha256: sampleHex('script', 32),
    paper: 'A4',
    ...changes,
  };
}

/** Two bags a share, and two papers. */
export function sampleBagLabels(shareCount: number, changes: Partial<BagLabels> = {}): BagLabels {
  const { register } = sampleCustodySheet(shareCount);
  return {
    language: 'en',
    organisation: 'Example Trust Services',
    ceremony: 'Root and issuing CA 2026',
    ceremonyId: '2026-11-21-root-and-issuing',
    setId: register.setId,
    labels: [
      ...register.shares.flatMap(({ share, custodian, sheet, card }) => [
        { what: `Share ${share} of ${shareCount}`, inside: 'Share sheet', custodian, ...sheet },
        { what: `Card of share ${share}`, inside: 'Passphrase by hand', custodian, ...card },
      ]),
      ...register.papers.map(({ what, item: _, ...bag }) => ({ what, inside: 'Not a share', custodian: null, ...bag })),
    ],
    at: MADE_AT,
    scriptSha256: sampleHex('script', 32),
    training: false,
    paper: 'A4',
    ...changes,
  };
}

export function sampleManifestSheet(shareCount: number, changes: Partial<ManifestSheet> = {}): ManifestSheet {
  const manifest: ShareSetManifest = {
    format: 'CLV1',
    masterKeyId: sampleHex('master key', 16),
    ceremony: '2026-11-21-root-and-issuing',
    threshold: 3,
    shareCount,
    epoch: 0,
    setId: sampleHex('set', 16),
    keyCheckValue: sampleHex('key check', 16),
    shares: Array.from({ length: shareCount }, (_, index) => ({
      x: index + 1,
      commitment: sampleHex(`share ${index + 1}`, 32),
    })),
  };
  const file = new TextEncoder().encode(JSON.stringify(manifest));
  return {
    language: 'en',
    organisation: 'Example Trust Services',
    ceremony: 'Root and issuing CA 2026',
    ceremonyId: manifest.ceremony,
    manifest,
    file,
    fileSha256: createHash('sha256').update(file).digest('hex'),
    ledgerWords: wordsOf(sampleBytes('ledger', 8)),
    rootWords: wordsOf(sampleBytes('root', 8)),
    madeAt: MADE_AT,
    scriptSha256: sampleHex('script', 32),
    training: false,
    paper: 'A4',
    ...changes,
  };
}

const PEOPLE: Participant[] = [
  { role: 'ceremonyAdministrator', name: 'Ruth Okafor' },
  { role: 'operator', name: 'Bengt Åkesson' },
  { role: 'witness', name: 'Şükrü Yıldız' },
  { role: 'auditor', name: 'Ελένη Παππά' },
  { role: 'custodian', name: 'Ines Duarte' },
  { role: 'custodian', name: 'Ђорђе Петровић' },
  { role: 'custodian', name: 'Mary-Anne Featherstonehaugh-Cholmondeley of Woolfardisworthy' },
];

export function sampleTranscript(changes: Partial<Transcript> = {}): Transcript {
  const [administrator, operator, witness] = PEOPLE as [Participant, Participant, Participant];
  const facts: Fact[] = [
    { kind: 'row', label: 'Key label', value: 'root-2026', mono: true },
    {
      kind: 'row',
      label: 'Subject of the certificate',
      value: 'CN=Example Root CA 2026, O=Example Trust Services, C=PT',
    },
    {
      kind: 'check',
      label: 'Read back from the token',
      verdict: 'go',
      detail: 'sensitive, not extractable in the clear',
    },
    { kind: 'check', label: 'Swap', verdict: 'warning', detail: 'swap is on; accepted by Ruth Okafor' },
    { kind: 'check', label: 'Network', verdict: 'no-go', detail: 'an interface is up' },
    { kind: 'words', label: 'Fingerprint', words: wordsOf(sampleBytes('root', 8)), hex: sampleHex('root', 32) },
    { kind: 'file', path: 'sheets/backup-root-2026.pdf', sha256: sampleHex('file', 32) },
  ];
  return {
    language: 'en',
    organisation: 'Example Trust Services',
    title: 'Root and issuing CA 2026',
    ceremonyId: '2026-11-21-root-and-issuing',
    purpose:
      'Makes the root CA and the issuing CA, splits the master key three of five and proves that it can be recovered.',
    mode: 'live',
    outcome: 'Completed, with 1 deviation.',
    begunAt: new Date('2026-11-21T09:02:11Z'),
    endedAt: MADE_AT,
    scriptSha256: sampleHex('script', 32),
    scriptWords: wordsOf(sampleBytes('script', 8)),
    machine: [
      { label: 'Claviger', value: '0.1.0 on Node v24.21.0' },
      { label: 'Machine', value: 'Debian GNU/Linux 12, x64, no network interface up' },
      { label: 'Token', value: 'SoftHSM v2, serial 6c1f20a77fd3, firmware 2.6' },
    ],
    participants: PEOPLE,
    steps: Array.from({ length: 12 }, (_, index) => ({
      number: index + 1,
      section: index < 4 ? 'Before' : index < 9 ? 'Keys' : 'After',
      title:
        index === 5
          ? 'Make the root CA key in the token and read back what it holds'
          : `Step ${index + 1} of the sample`,
      at: new Date(MADE_AT.getTime() - (12 - index) * 600_000),
      acted: [operator],
      confirmed: index % 2 === 0 ? [administrator, witness] : [],
      facts: index % 3 === 0 ? facts.slice(0, 2) : facts,
    })),
    deviations: [
      {
        at: MADE_AT,
        step: 7,
        person: 'Şükrü Yıldız',
        text: 'The seal of bag 12 was torn while opening it; bag 14 was taken instead.',
      },
    ],
    fileSha256: Buffer.from(sampleBytes('transcript', 32)).toString('hex'),
    fileWords: wordsOf(sampleBytes('transcript', 8)),
    checkpoint: {
      text: `claviger/ledger/0123456789abcdef\n118\n${Buffer.from(sampleBytes('root', 32)).toString('base64')}\n`,
      size: 118,
      words: wordsOf(sampleBytes('root', 32)),
    },
    paper: 'A4',
    ...changes,
  };
}
