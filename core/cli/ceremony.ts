import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { CeremonyView } from '../contract/ceremony.ts';
import { Refusal } from '../contract/errors.ts';
import { LOCALES, type Locale } from '../contract/messages/locale.ts';
import { valueOf } from '../process/rpc.ts';
import { CoreProcess } from '../service/client.ts';
import { defaultDataFolder } from '../service/paths.ts';
import { readFileOrRefuse, writeFileDurably } from '../store/files.ts';
import { type Answers, answersResponder, holdsSecrets, readAnswers } from './answers.ts';
import { withDescriptorPins } from './descriptor-pins.ts';
import { type Face, answer, say, withCore } from './report.ts';
import { lineOf, runCeremony } from './run-ceremony.ts';
import { line } from './terminal-line.ts';
import { terminalResponder } from './terminal.ts';

type RunOptions = {
  out: string;
  copy?: string;
  token?: string;
  language: Locale;
  checkpoint?: string;
  checkpointLost?: string;
  answers?: string;
};
type ScriptOptions = { out: string; paper: 'A4' | 'Letter'; language: Locale; force: boolean };
type DataFace = Face & { data: string };

/** `claviger ceremony check | script | run | resume | pause | abort | deviation | reprint | list | show` */
export function addCeremonyCommands(program: Command): void {
  const ceremony = program.command('ceremony').description('Check, run and look at ceremonies.');
  const withData = (command: Command) =>
    command
      .option('--data <dir>', 'folder of the store', defaultDataFolder())
      .option('--json', 'one JSON value', false);

  withData(ceremony.command('check').description('Validate a script; nothing is touched.').argument('<file>'))
    .option('--token <token.yaml>', 'check the token file as well')
    .option('--out <dir>', 'check as well that nothing stands where the ceremony would write')
    .option('--copy <dir>', 'the same, on the second medium')
    .action(async (file: string, options: DataFace & { token?: string; out?: string; copy?: string }) => {
      await withCore(options, CoreProcess.start(options), async (core) => {
        const token = options.token === undefined ? {} : { token: options.token };
        const out = options.out === undefined ? {} : { out: options.out };
        const copy = options.copy === undefined ? {} : { copy: options.copy };
        const checked = valueOf(await core.call('ceremony.check', { script: file, ...token, ...out, ...copy }));
        answer(options, checked, [
          `${checked.title}: ${checked.steps.length} steps, valid`,
          `SHA-256 ${checked.sha256}`,
          checked.words.join(' '),
        ]);
      });
    });

  withData(ceremony.command('script').description('Print the paper script, a PDF.').argument('<file>'))
    .requiredOption('-o, --out <script.pdf>', 'the file to write')
    .addOption(new Option('--paper <size>', 'what is in the printer').choices(['A4', 'Letter']).default('A4'))
    .addOption(new Option('--language <language>', 'of all but the script’s own words').choices(LOCALES).default('en'))
    .option('--force', 'replace the file if it is there', false)
    .action(async (file: string, options: DataFace & ScriptOptions) => {
      await withCore(options, CoreProcess.start(options), async (core) => {
        const { out, paper, language, force: overwrite } = options;
        const printed = valueOf(await core.call('ceremony.script', { script: file, out, paper, language, overwrite }));
        answer(options, printed, [
          `${printed.path}: ${printed.pages} pages`,
          `SHA-256 ${printed.sha256}`,
          printed.words.join(' '),
        ]);
      });
    });

  withData(ceremony.command('run').description('Run a script.').argument('<file>'))
    .requiredOption('--out <dir>', 'new folder for what the ceremony makes')
    .option('--copy <dir>', 'new folder on a second medium, which gets a copy of every file')
    .option('--token <token.yaml>', 'the token; without it, a software token in training')
    .addOption(new Option('--language <language>', 'in which Claviger speaks in it').choices(LOCALES).default('en'))
    .option('--answers <answers.yaml>', 'answers every question; without it, the terminal asks')
    .option('--checkpoint <text|file>', 'from the last transcript: its three lines, or its size and 32 words')
    .option('--checkpoint-lost <reason>', 'why nobody has the last checkpoint; it goes into the record')
    .action(async (file: string, options: DataFace & RunOptions) => {
      await withCore(options, CoreProcess.start(options), async (core) => {
        const token = options.token === undefined ? {} : { token: options.token };
        const answers = options.answers === undefined ? null : await readAnswers(options.answers);
        const { mode } = valueOf(await core.call('ceremony.check', { script: file, ...token }));
        if (mode === 'live' && answers && holdsSecrets(answers)) throw new Refusal('ANSWERS_REFUSED_LIVE');
        const copy = options.copy === undefined ? {} : { copy: options.copy };
        const checkpoint = await checkpointFrom(options, core, answers === null);
        const { out, language } = options;
        const wanted = { script: file, out, language, ...copy, ...token, ...checkpoint };
        const begun = valueOf(await core.call('ceremony.begin', wanted));
        await finish(options, core, begun, answers);
      });
    });

  withData(ceremony.command('resume').description('Go on after an interruption or a pause.'))
    .option('--person <name>', 'who continues a ceremony that is paused')
    .option('--answers <answers.yaml>', 'answers every question; without it, the terminal asks')
    .action(async (options: DataFace & { answers?: string; person?: string }) => {
      await withCore(options, CoreProcess.start(options), async (core) => {
        const answers = options.answers === undefined ? null : await readAnswers(options.answers);
        const ceremony = await unfinished(core);
        let view = valueOf(await core.call('ceremony.view', { ceremony }));
        if (view.paused) {
          if (options.person === undefined) throw new Refusal('CEREMONY_PAUSED');
          view = valueOf(await core.call('ceremony.continue', { ceremony, person: options.person }));
        }
        if (view.mode === 'live' && answers && holdsSecrets(answers)) throw new Refusal('ANSWERS_REFUSED_LIVE');
        await finish(options, core, view, answers);
      });
    });

  for (const [name, says, option] of [
    ['pause', 'Nothing goes on until somebody resumes by name.', 'reason'],
    ['abort', 'End the ceremony that is not finished, for good.', 'reason'],
    ['deviation', 'Record that something was not as the script says.', 'text'],
  ] as const) {
    withData(ceremony.command(name).description(says))
      .requiredOption('--person <name>', 'who says so')
      .requiredOption(`--${option} <words>`, 'what goes into the transcript')
      .action(async (options: DataFace & { person: string; reason: string; text: string }) => {
        await withCore(options, CoreProcess.start(options), async (core) => {
          const open = await unfinished(core);
          const { person, reason, text } = options;
          const view = valueOf(
            name === 'deviation'
              ? await core.call('ceremony.deviation', { ceremony: open, person, text })
              : await core.call(`ceremony.${name}`, { ceremony: open, person, reason }),
          );
          answer(options, view, [`${view.id}  ${view.status}`]);
        });
      });
  }

  withData(ceremony.command('reprint').description('Print a share sheet again, in the step that reads the paper back.'))
    .requiredOption('--sheet <number>', 'the number of the share')
    .requiredOption('--person <name>', 'who asks for it')
    .requiredOption('--reason <words>', 'why; it goes into the transcript')
    .requiredOption('--seen-by <name>', 'who saw the copy before destroyed')
    .action(async (options: DataFace & { sheet: string; person: string; reason: string; seenBy: string }) => {
      await withCore(options, CoreProcess.start(options), async (core) => {
        const open = await unfinished(core);
        const { current } = valueOf(await core.call('ceremony.view', { ceremony: open }));
        const { person, reason, seenBy } = options;
        const asked = { ceremony: open, step: current?.id ?? '', sheet: Number(options.sheet), person, reason, seenBy };
        const view = valueOf(await core.call('ceremony.reprint', asked));
        answer(options, view, (view.current?.facts ?? []).map(lineOf));
      });
    });

  withData(ceremony.command('list').description('What was done.')).action(async (options: DataFace) => {
    await withCore(options, CoreProcess.start(options), async (core) => {
      const listed = valueOf(await core.call('ceremony.list', {}));
      answer(
        options,
        listed,
        listed.ceremonies.map(
          ({ id, title, mode, status, step, steps, out }) =>
            `${id}  ${mode}  ${status}  ${step} of ${steps}  ${title}  ${out}`,
        ),
      );
    });
  });

  withData(ceremony.command('show').description('One ceremony, step by step.').argument('<id>')).action(
    async (id: string, options: DataFace) => {
      await withCore(options, CoreProcess.start(options), async (core) => {
        const view = valueOf(await core.call('ceremony.view', { ceremony: id }));
        answer(options, view, describe(view));
      });
    },
  );
}

/** The checkpoint as it was given, or as somebody types it where the store has one and a terminal asks. */
async function checkpointFrom(
  { checkpoint, checkpointLost }: RunOptions,
  core: CoreProcess,
  asking: boolean,
): Promise<{ checkpoint?: string; checkpointLost?: string }> {
  if (checkpoint !== undefined) {
    if (!existsSync(checkpoint)) return { checkpoint };
    return { checkpoint: new TextDecoder().decode(await readFileOrRefuse(checkpoint, 4096)) };
  }
  if (checkpointLost !== undefined) return { checkpointLost };
  const { checkpoint: newest } = valueOf(await core.call('app.info', {}));
  if (!newest || !asking) return {};
  say(`The ceremony before left a checkpoint of ${newest.size} rows on its transcript.`);
  const typed = await line('  Its size and 32 words (empty: nobody has it): ');
  return typed === '' ? { checkpointLost: await line('  Why nobody has it: ') } : { checkpoint: typed };
}

/** The one ceremony that is not over. CEREMONY_NONE. */
async function unfinished(core: CoreProcess): Promise<string> {
  const { ceremonies } = valueOf(await core.call('ceremony.list', {}));
  const open = ceremonies.find(({ status }) => status !== 'completed' && status !== 'aborted');
  if (!open) throw new Refusal('CEREMONY_NONE');
  return open.id;
}

async function finish(face: Face, core: CoreProcess, begun: CeremonyView, answers: Answers | null): Promise<void> {
  const responder = answers ? answersResponder(answers) : terminalResponder();
  const view = await runCeremony(core, begun, withDescriptorPins(responder, begun.tokenFile));
  if (view.status !== 'completed') process.exitCode = 1;
  if (view.status === 'completed' && view.mode === 'training' && answers?.passphrases) {
    const path = join(view.out, 'passphrases.txt');
    await writeFileDurably(path, new TextEncoder().encode(`${answers.passphrases.join('\n')}\n`), {
      mode: 0o600,
      overwrite: false,
    });
  }
  if (view.mode === 'training') say('\nTRAINING: nothing that was made here may be trusted.');
  answer(face, view, [
    `${view.status}: ${view.out}`,
    ...view.records.flatMap(({ facts }) => facts.flatMap((fact) => (fact.kind === 'file' ? [`  ${fact.path}`] : []))),
  ]);
}

function describe(view: CeremonyView): string[] {
  return [
    `${view.id}  ${view.title}`,
    `${view.mode}, ${view.status}, ${view.token}`,
    `script ${view.scriptSha256}`,
    ...view.records.flatMap(({ number, title, at, facts }) => [
      `${number}  ${at}  ${title}`,
      ...facts.map((fact) => `    ${lineOf(fact)}`),
    ]),
    ...view.deviations.map(({ at, person, text }) => `deviation  ${at}  ${person}: ${text}`),
    ...(view.aborted ? [`aborted  ${view.aborted.at}  ${view.aborted.person}: ${view.aborted.reason}`] : []),
  ];
}
