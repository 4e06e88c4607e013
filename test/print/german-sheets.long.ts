import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkScript, scriptSha256 } from '../../core/ceremony/check.ts';
import { paperScriptOf } from '../../core/ceremony/foreseen.ts';
import { printBackupSheet } from '../../core/print/backup-sheet.ts';
import { printBagLabels } from '../../core/print/bag-labels.ts';
import { type CustodySheet, printCustodySheet } from '../../core/print/custody-sheet.ts';
import { printManifestSheet } from '../../core/print/manifest-sheet.ts';
import type { PaperName } from '../../core/print/page.ts';
import { printPaperScript } from '../../core/print/paper-script.ts';
import { type PrintedRehearsals, printRehearsalReport } from '../../core/print/rehearsal-report.ts';
import { printShareSheet } from '../../core/print/share-sheet.ts';
import { printTestPage } from '../../core/print/test-page.ts';
import { printTranscript } from '../../core/print/transcript.ts';
import type { Script } from '../../core/contract/script.ts';
import { REPOSITORY } from '../shipped.ts';
import { englishIn } from './english.ts';
import { fontsOf, overlaps, textOf, wordsOnPages } from './poppler.ts';
import {
  MADE_AT,
  sampleBackupSheet,
  sampleBagLabels,
  sampleCustodySheet,
  sampleHex,
  sampleManifestSheet,
  sampleShareSheet,
  sampleTranscript,
} from './samples.ts';

/** Every sheet in German: the same layout must hold longer words, and nothing on it may have stayed English. */

const PAPERS: PaperName[] = ['A4', 'Letter'];
const CEREMONIES = join(REPOSITORY, 'resources/ceremonies');
/** Between them they have every form that a paper script can have. */
const SCRIPTS = ['root-and-issuing', 'token-initialisation', 'disaster-recovery', 'issue-intermediate', 'crl'];

const head = {
  language: 'de',
  organisation: 'Beispiel Vertrauensdienste GmbH',
  ceremony: 'Wurzel und ausstellende CA 2026',
} as const;

function sampleReport(changes: Partial<PrintedRehearsals>): PrintedRehearsals {
  const [at, setId] = [MADE_AT.toISOString(), sampleHex('set', 16)];
  const proof = (by: 'made' | 'attestation' | 'recovery') => ({ by, at, ceremony: '2026-11-21-attest' });
  const ceremony = { ceremony: '2026-11-21-attest', title: 'Jährlicher Nachweis', mode: 'live' as const };
  return {
    ...{ organisation: head.organisation, mode: 'live', language: 'de', madeAt: MADE_AT, paper: 'A4' },
    rehearsals: (['completed', 'aborted', 'under way'] as const).map((outcome, index) => ({
      ...{ kind: index === 0 ? ('attestation' as const) : ('recovery' as const), ...ceremony, at, setId, outcome },
      ...{ scriptSha256: sampleHex('script', 32), shares: [1, 2, 3] },
      absent: index === 0 ? [{ share: 4, custodian: 'Omar Hadid', reason: 'im Krankenhaus' }] : [],
      people: [
        { role: 'ceremonyAdministrator', name: 'Ruth Okafor' },
        { role: 'newCustodian', name: 'Ines Duarte' },
      ],
      keys: [{ label: 'root-2026', shown: (['backup', 'opened', 'signed'] as const)[index] ?? 'signed' }],
    })),
    sets: (['none', 'thin', 'broken'] as const).map((alert) => ({
      ...{ setId, epoch: 0, masterKey: 'master-key-2026', masterKeyId: sampleHex('key', 16), mode: 'live' },
      ...{ ceremony: '2025-11-21-root', madeAt: at, threshold: 3, valid: 3, alert, register: null },
      shares: (['made', 'attestation', 'recovery'] as const).map((by, index) => ({
        ...{ share: index + 1, x: index + 1, custodian: 'Ines Duarte', sheet: null, card: null },
        ...{ proof: proof(by), due: at, counts: true },
      })),
      ...{
        stillValid: [],
        papers: [],
        survivesPeople: 0,
        survivesPlaces: null,
        placeLosses: [],
        placesForQuorum: null,
      },
    })),
    due: [
      { kind: 'attestation', label: 'master-key-2026', number: null, at, since: at, standing: 'overdue' },
      { kind: 'recovery', label: 'master-key-2026', number: null, at, since: at, standing: 'soon' },
      { kind: 'rotation', label: 'master-key-2026', number: null, at, since: at, standing: 'later' },
      { kind: 'revocation list', label: 'root-2026', number: 7, at, since: at, standing: 'soon' },
      { kind: 'certificate', label: 'Beispiel Root CA 2026', number: null, at, since: at, standing: 'soon' },
    ],
    source: { origin: 'claviger/ledger/0123456789abcdef', rows: 120, root: sampleHex('root', 32), signed: 118 },
    checkpoint: { text: 'claviger/ledger/0123456789abcdef\n118\nq83vEjRWeJA=\n', at: MADE_AT },
    ...changes,
  };
}

function custody(paper: PaperName, number: 1 | 2, training: boolean): CustodySheet {
  const sheet = sampleCustodySheet(5, { ...head, paper });
  const [row] = sheet.register.shares;
  if (!row) throw new Error('the register is empty');
  const place = 'Bergen, Safe des Notars im Keller des alten Hauses am Hafen, Fach 5';
  const shares = sheet.register.shares.map((share) => ({ ...share, card: { ...share.card, place } }));
  const sheets = [
    {
      ...{ masterKeyId: sampleHex('key', 16), setId: sampleHex('set', 16), epoch: 0, share: 2, x: 2 },
      ...{ custodian: 'Chen Wei', why: 'verloren; derselbe Anteil wurde für Lena Fischer noch einmal gemacht' },
    },
  ];
  const again = {
    item: 'share-1',
    handOver: null,
    replaced: { from: 'Ada', to: row.custodian },
    moved: [],
    sealedAnew: [],
  };
  const changes = [...sheet.register.changes, { ...again, reason: 'verloren' }];
  return {
    ...sheet,
    register: {
      ...{
        ...sheet.register,
        mode: training ? 'training' : 'live',
        shares,
        stillValid: { says: 'the file says it', sheets },
      },
      ...(number === 1 ? { number: 1, previous: null, changes: [] } : { changes }),
    },
    changes: number === 1 ? [] : [{ item: 'share-2', text: 'von Chen Wei an Lena Fischer übergeben: Chen Wei geht' }],
  };
}

const SHEETS: [string, (paper: PaperName, training: boolean) => Promise<Uint8Array>][] = [
  ['share', (paper, training) => printShareSheet(sampleShareSheet({ ...head, paper, training }))],
  ['share, all needed', (paper) => printShareSheet(sampleShareSheet({ ...head, paper, threshold: 5 }))],
  [
    'share, dummy or copy',
    (paper, exercise) => printShareSheet(sampleShareSheet({ ...head, paper, exercise, copy: 2 })),
  ],
  ['manifest', (paper, training) => printManifestSheet(sampleManifestSheet(5, { ...head, paper, training }))],
  ['manifest, many', (paper, exercise) => printManifestSheet(sampleManifestSheet(15, { ...head, paper, exercise }))],
  ['backup', (paper, training) => printBackupSheet(sampleBackupSheet(200, { ...head, paper, training }))],
  ['backup, many', (paper, training) => printBackupSheet(sampleBackupSheet(2384, { ...head, paper, training }))],
  ['custody, first', (paper, training) => printCustodySheet(custody(paper, 1, training))],
  ['custody', (paper, training) => printCustodySheet(custody(paper, 2, training))],
  [
    'labels',
    (paper, training) => {
      const labels = sampleBagLabels(5, { ...head, paper, training });
      const place = 'Oslo, Schließfach 12';
      const said = labels.labels.map((label) => ({ ...label, what: 'Anteil 1 von 5', inside: 'Anteilbogen', place }));
      return printBagLabels({ ...labels, labels: said });
    },
  ],
  [
    'transcript',
    (paper, training) => {
      const mode = training ? 'training' : 'live';
      const { steps, ...rest } = sampleTranscript({ paper, language: 'de', mode, deviations: [] });
      const facts = steps[0]?.facts.filter(({ kind }) => kind === 'file') ?? [];
      const said = {
        purpose: 'Die Wurzel.',
        outcome: 'Fertig.',
        organisation: head.organisation,
        title: head.ceremony,
      };
      const shown = steps.map((step) => ({ ...step, facts, section: 'Schlüssel', title: 'Ein Schritt' }));
      const people = rest.participants.filter(({ name }) => !name.includes(' of '));
      return printTranscript({ ...rest, ...said, participants: people, machine: [], steps: shown });
    },
  ],
  ['report', (paper, training) => printRehearsalReport(sampleReport({ paper, mode: training ? 'training' : 'live' }))],
  ['report of nothing', (paper) => printRehearsalReport(sampleReport({ paper, rehearsals: [], checkpoint: null }))],
  [
    'test page',
    (paper) => printTestPage({ printer: 'hp', text: `TEST${'Q'.repeat(151)}`, madeAt: MADE_AT, paper, language: 'de' }),
  ],
];

/** A shipped script whose own words are German ones: what is left is what the paper script says. */
function inGerman(script: Script): Script {
  return {
    ...script,
    ...{ organisation: head.organisation, title: head.ceremony, purpose: 'Wozu die Zeremonie dient, steht hier.' },
    steps: script.steps.map((step, index) => ({
      ...step,
      ...{ section: `Abschnitt ${step.section.length}`, title: `Tun, was Nummer ${index + 1} sagt`, primary: 'Es tun' },
      instruction: 'Der Satz sagt, was jetzt zu tun ist.',
      ...(step.readAloud === undefined ? {} : { readAloud: 'Dies wird vorgelesen.' }),
      parameters: {},
    })),
  };
}

/** Nothing outside the margins or over something else, every font embedded. */
function expectSound(pdf: Uint8Array): void {
  expect(fontsOf(pdf).filter(({ embedded, subset }) => !embedded || !subset)).toEqual([]);
  for (const page of wordsOnPages(pdf)) {
    const outside = page.words.filter(
      ({ left, right, top, bottom }) => left < 36 || right > page.width - 36 || top < 18 || bottom > page.height - 10,
    );
    expect(outside).toEqual([]);
    expect(overlaps(page)).toEqual([]);
  }
}

describe.each(PAPERS)('in German, on %s', (paper) => {
  test.each(SHEETS)('%s: sound pages, no English, the same bytes again', async (_, print) => {
    for (const marked of [true, false]) {
      const pdf = await print(paper, marked);
      expect(englishIn(textOf(pdf))).toEqual([]);
      // The mark lies behind everything.
      if (!marked) expectSound(pdf);
      expect(Buffer.from(pdf).includes('/Lang (de)')).toBe(true);
      expect(Buffer.from(await print(paper, marked)).equals(Buffer.from(pdf))).toBe(true);
    }
  });

  test.each(SCRIPTS)('the paper script of %s', async (name) => {
    const path = join(CEREMONIES, `${name}.yaml`);
    const text = readFileSync(path, 'utf8');
    const paperScript = paperScriptOf(checkScript(text, path), text, {
      sha256: scriptSha256(text),
      paper,
      language: 'de',
    });
    const { pdf } = await printPaperScript({ ...paperScript, script: inGerman(paperScript.script) });
    expect(englishIn(textOf(pdf))).toEqual([]);
    expectSound(pdf);
  });
});
