import { type Command, Option } from 'commander';
import { LOCALES, type Locale } from '../contract/messages/locale.ts';
import type { Due, ShareSetStanding } from '../contract/reports.ts';
import { tell, tellDue, tellPaper } from '../contract/tell.ts';
import { valueOf } from '../process/rpc.ts';
import { CoreProcess } from '../service/client.ts';
import { defaultDataFolder } from '../service/paths.ts';
import { addComplianceCommands } from './compliance.ts';
import { type Face, answer, say, withCore } from './report.ts';

type DataFace = Face & { data: string };
/** What the terminal says. */
const HERE = { language: 'en' } as const;

/** `claviger custody` and `claviger report …` */
export function addReportCommands(program: Command): void {
  const withData = (command: Command) =>
    command
      .option('--data <dir>', 'folder of the store', defaultDataFolder())
      .option('--json', 'one JSON value', false);

  withData(
    program.command('custody').description('Who holds which share, which of them count, which losses are survived.'),
  ).action(async (options: DataFace) => {
    await withCore(options, CoreProcess.start(options), async (core) => {
      const overview = valueOf(await core.call('custody.overview', {}));
      for (const set of overview.sets) for (const warning of warningsOf(set)) say(warning);
      const lines = overview.sets.flatMap((set) => [...describeSet(set), '']);
      const due = overview.due.filter(({ kind }) => kind === 'attestation' || kind === 'recovery');
      answer(options, overview, lines.length === 0 ? ['No share set was made yet.'] : [...lines, ...describeDue(due)]);
    });
  });

  const report = program.command('report').description('What the ledger tells, for people outside the room.');
  addComplianceCommands(report);
  withData(report.command('due').description('What is to be done next and by when.'))
    .option('--calendar <file.ics>', 'write the dates as a calendar file too')
    .addOption(new Option('--language <language>', 'of that file').choices(LOCALES).default('en'))
    .option('--force', 'replace the file if it is there', false)
    .action(async (options: DataFace & { calendar?: string; language: Locale; force: boolean }) => {
      await withCore(options, CoreProcess.start(options), async (core) => {
        const { calendar, language, force: overwrite } = options;
        const written = calendar === undefined ? {} : { calendar, language, overwrite };
        const told = valueOf(await core.call('report.due', written));
        const lines = told.due.length === 0 ? ['Nothing is due.'] : describeDue(told.due);
        answer(options, told, [...lines, ...(told.calendar === null ? [] : [told.calendar])]);
      });
    });
}

function warningsOf(set: ShareSetStanding): string[] {
  if (set.alert === 'none') return [];
  const left = `${set.masterKey}: ${set.valid} of ${set.shares.length} shares count, ${set.threshold} are needed.`;
  return [
    set.alert === 'thin'
      ? `warning: ${left} After one more loss nothing may be lost. Attest the others, replace them or share anew.`
      : `warning: ${left} Attest the shares that are overdue.`,
  ];
}

function describeSet(set: ShareSetStanding): string[] {
  const { mode, masterKey, masterKeyId, setId, epoch, ceremony, madeAt, threshold, shares, valid, register } = set;
  return [
    `${masterKey} (${masterKeyId}), ${threshold} of ${shares.length}, epoch ${epoch}${mode === 'training' ? ', TRAINING' : ''}`,
    `set ${setId}, made ${madeAt.slice(0, 10)} in ${ceremony}`,
    register ? `custody register ${register.number} of ${register.at.slice(0, 10)}` : 'no custody register was written',
    ...shares.flatMap(({ share, custodian, sheet, card, proof, due, counts }) => [
      `  share ${share}  ${custodian}: ${tell(HERE, `proof.${proof.by}`)} ${proof.at.slice(0, 10)}, due ${due.slice(0, 10)}${counts ? '' : ', OVERDUE'}`,
      ...(sheet && card
        ? [
            `    sheet: ${sheet.place}; bag ${sheet.bag}, seal ${sheet.seal}`,
            `    card:  ${card.place}; bag ${card.bag}, seal ${card.seal}`,
          ]
        : []),
    ]),
    ...set.papers.map(({ item, place, bag, seal }) => `  ${tellPaper(HERE, item)}: ${place}; bag ${bag}, seal ${seal}`),
    ...set.stillValid.map(
      ({ share, setId: of, custodian, why }) =>
        `  STILL OPENS: sheet ${share} of set ${of}, ${custodian} had it: ${why}`,
    ),
    `${valid} of ${shares.length} shares count; survived: the loss of any ${set.survivesPeople} custodians${
      set.survivesPlaces === null ? '' : `, of any ${set.survivesPlaces} places`
    }`,
    ...set.placeLosses
      .filter(({ quorum }) => !quorum)
      .map(({ place, left }) => `  if ${place} is lost, ${left} are left: TOO FEW`),
    ...(set.placesForQuorum === null
      ? []
      : [`a whole quorum, sheets and cards, lies in ${set.placesForQuorum.length}: ${set.placesForQuorum.join('; ')}`]),
  ];
}

function describeDue(due: Due[]): string[] {
  return due.map(
    (told) =>
      `${told.at.slice(0, 10)}  ${told.standing === 'later' ? '' : `${told.standing.toUpperCase()}: `}${tellDue(HERE, told)}`,
  );
}
