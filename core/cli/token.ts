import type { Command } from 'commander';
import type { CommandInput, CommandOutput } from '../contract/commands.ts';
import { Refusal } from '../contract/errors.ts';
import { tellAttributes, tellNeed } from '../contract/tell.ts';
import type { Probe, ProbedSlot, ProbedToken } from '../contract/token.ts';
import { type TokenPlace, readPinSource, readTokenFile } from '../hsm/token-file.ts';
import { wipe } from '../process/guarded.ts';
import { valueOf } from '../process/rpc.ts';
import { CoreProcess } from '../service/client.ts';
import { defaultDataFolder } from '../service/paths.ts';
import { type Face, answer, say, withCore } from './report.ts';
import { chooseSecret, readSecret } from './terminal-secret.ts';

/** What the terminal says. */
const HERE = { language: 'en' } as const;
type ModuleFace = Face & { module: string; parameters?: string };

/** Floors of `claviger token init` (bytes); a ceremony sets its own. */
const PIN_MINIMUM = 8;
const SECURITY_OFFICER_PIN_MINIMUM = 10;

/** `claviger token probe | list | show | init` */
export function addTokenCommands(program: Command): void {
  const token = program.command('token').description('Look at tokens, and initialise them.');
  const withModule = (command: Command) =>
    command
      .requiredOption('--module <path>', 'the PKCS#11 library')
      .option('--parameters <text>', 'parameters for C_Initialize')
      .option('--json', 'one JSON value', false);
  const core = () => CoreProcess.start({ data: defaultDataFolder() });
  const probe = async (process: CoreProcess, { module, parameters }: ModuleFace) =>
    valueOf(await process.call('token.probe', { module, ...(parameters === undefined ? {} : { parameters }) }));

  withModule(
    token.command('probe').description('What a device offers against what a ceremony needs; no login.'),
  ).action(async (options: ModuleFace) => {
    await withCore(options, core(), async (process) => {
      const probed = await probe(process, options);
      answer(options, probed, describeProbe(probed));
    });
  });

  withModule(token.command('list').description('Slots and tokens; no login.')).action(async (options: ModuleFace) => {
    await withCore(options, core(), async (process) => {
      const { slots } = await probe(process, options);
      const listed = slots.map(({ slot, description, token: held }) => ({ slot, description, token: held }));
      answer(options, { slots: listed }, slots.map(lineOfSlot));
    });
  });

  token
    .command('show')
    .description('What a token holds, after a login.')
    .requiredOption('--token <token.yaml>', 'the token')
    .option('--last-try-with <name>', 'the second person who agrees to the last try before the PIN locks')
    .option('--json', 'one JSON value', false)
    .action(async (options: Face & { token: string; lastTryWith?: string }) => {
      await withCore(options, core(), async (process) => {
        const { token: file, lastTryWith } = options;
        const input = { ...(await withPin(process, file)), ...(lastTryWith === undefined ? {} : { lastTryWith }) };
        const shown = valueOf(await process.call('token.show', input));
        answer(options, shown, describeContents(shown));
      });
    });

  withModule(token.command('init').description('Initialise a token: everything on it is destroyed.'))
    .requiredOption('--label <label>', 'the name that the token gets')
    .option('--slot <number>', 'its slot')
    .option('--serial <serial>', 'or its serial number')
    .option('--so-pin-file <file>', 'the security officer’s PIN; without it, the terminal asks')
    .option('--pin-file <file>', 'the user’s PIN; without it, the terminal asks')
    .option('--wipe', 'also a token that is in use', false)
    .option('--last-try-with <name>', 'the second person who agrees to the last try of the security officer’s PIN')
    .action(async (options: InitOptions) => {
      await withCore(options, core(), async (process) => {
        const { module, parameters, label, wipe: wiped, lastTryWith } = options;
        const input = {
          ...{ module, label, wipe: wiped, at: positionOf(options) },
          ...(parameters === undefined ? {} : { parameters }),
          ...(lastTryWith === undefined ? {} : { lastTryWith }),
        };
        const officer = 'Security officer, a new PIN: ';
        const securityOfficerPin = await newPin(process, options.soPinFile, officer, SECURITY_OFFICER_PIN_MINIMUM);
        const pin = await newPin(process, options.pinFile, 'User, a new PIN: ', PIN_MINIMUM);
        const born = valueOf(await process.call('token.init', { ...input, securityOfficerPin, pin }));
        answer(options, born, [
          `${born.token.label}, serial ${born.token.serial}, firmware ${born.token.firmware}: initialised, and empty`,
        ]);
      });
    });
}

type InitOptions = ModuleFace & {
  label: string;
  slot?: string;
  serial?: string;
  soPinFile?: string;
  pinFile?: string;
  wipe: boolean;
  lastTryWith?: string;
};

function positionOf({ slot, serial }: InitOptions): CommandInput<'token.init'>['at'] {
  if (slot !== undefined && serial === undefined) return { slot };
  if (serial !== undefined && slot === undefined) return { serial };
  throw new Refusal('INPUT_INVALID', { detail: 'init takes either --slot or --serial' });
}

/** A PIN that comes from a person or a descriptor is sent ahead; one in a file is read by core. */
async function withPin(core: CoreProcess, token: string): Promise<CommandInput<'token.show'>> {
  const { pin: source, location } = readTokenFile(token);
  if (typeof source === 'object' && 'file' in source) return { token };
  if (typeof source === 'object' && 'parts' in source) {
    throw new Refusal('PIN_SOURCE', { pin: 'PIN', source: 'its parts outside a ceremony' });
  }
  const held = await probed(core, location);
  const state = held && held.pin.user !== 'good' ? ` (${held.pin.user})` : '';
  if (source === 'pad' || (source === 'prompt' && held?.flags.includes('PROTECTED_AUTHENTICATION_PATH'))) {
    say(`PIN of ${location.token}${state}: type it at its own pad.`);
    return { token };
  }
  const prompt = `PIN of ${location.token}${state}: `;
  const pin = source === 'prompt' ? await readSecret(prompt) : await readPinSource(source);
  return { token, pin: await sent(core, pin) };
}

/** What the token tells before a login; null for a software token, and for one that is not there. */
async function probed(core: CoreProcess, location: TokenPlace['location']): Promise<ProbedToken | null> {
  if (location.kind !== 'pkcs11') return null;
  const { slots } = valueOf(
    await core.call('token.probe', { module: location.module, parameters: location.parameters }),
  );
  return slots.find((slot) => slot.token?.label === location.token)?.token ?? null;
}

async function newPin(core: CoreProcess, file: string | undefined, prompt: string, minimum: number): Promise<string> {
  const pin = file === undefined ? await chooseSecret(prompt, say) : await readPinSource({ file });
  if (pin.length < minimum) {
    wipe(pin);
    throw new Refusal('PIN_SHORT', { minimum });
  }
  return sent(core, pin);
}

async function sent(core: CoreProcess, secret: Uint8Array): Promise<string> {
  try {
    return await core.sendSecret(secret);
  } finally {
    wipe(secret);
  }
}

function describeProbe({ module, library, slots }: Probe): string[] {
  return [
    module,
    `${library.description}, ${library.manufacturer}, version ${library.version}, PKCS#11 ${library.cryptoki}`,
    ...slots.flatMap((slot) => ['', ...describeSlot(slot)]),
  ];
}

function describeSlot(slot: ProbedSlot): string[] {
  const { token, mechanisms, needs, visible, knownAs } = slot;
  if (!token) return [lineOfSlot(slot)];
  const { pin } = token;
  return [
    lineOfSlot(slot),
    `  ${token.manufacturer} ${token.model}, hardware ${token.hardware}, firmware ${token.firmware}`,
    `  ${token.flags.join(' ')}`,
    `  user PIN: ${pin.user}; security officer's PIN: ${pin.securityOfficer}; ${pin.minimumLength} to ${pin.maximumLength} bytes`,
    `  seen without a login: ${visible.length === 0 ? 'nothing' : visible.join(', ')}`,
    ...(knownAs === null ? [] : [`  looks like: ${knownAs} (docs/tokens-hardware.md)`]),
    '  What a ceremony needs:',
    ...needs.map((told) => {
      const { need, offer } = tellNeed(HERE, told);
      return `    ${told.verdict.padEnd(8)} ${need}: ${offer}`;
    }),
    '  Mechanisms:',
    ...mechanisms.map(
      ({ name, minimumKey, maximumKey, flags }) => `    ${name} ${minimumKey} to ${maximumKey} ${flags.join(' ')}`,
    ),
  ];
}

function lineOfSlot({ slot, description, token }: ProbedSlot): string {
  if (!token) return `slot ${slot}  ${description}: no token`;
  const label = token.flags.includes('TOKEN_INITIALIZED') ? token.label : 'not initialised';
  return `slot ${slot}  ${label}  serial ${token.serial || 'none'}  user PIN ${token.pin.user}`;
}

function describeContents({ info, keys, objects }: CommandOutput<'token.show'>): string[] {
  return [
    `${info.label}: ${info.manufacturer} ${info.model}, serial ${info.serial}, firmware ${info.firmware}`,
    ...(objects.length === 0 ? ['It holds nothing.'] : objects),
    ...keys.flatMap(({ label, id, algorithm, attributes }) => [
      `${label}  ${algorithm}  id ${id}`,
      `    ${tellAttributes(HERE, attributes)}`,
    ]),
  ];
}
