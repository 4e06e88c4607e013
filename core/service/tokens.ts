import { resolve } from 'node:path';
import type { CommandInput, CommandOutput } from '../contract/commands.ts';
import { Refusal } from '../contract/errors.ts';
import type { Probe } from '../contract/token.ts';
import { TokenProcess } from '../hsm/process/client.ts';
import { readPinSource, readTokenFile } from '../hsm/token-file.ts';
import { wipe } from '../process/guarded.ts';
import type { SecretBox } from '../process/secret-channel.ts';
import { trainingToken } from './known-tokens.ts';

/** Looking at tokens outside a ceremony, each time in a token process of its own: a module that crashes is TOKEN_GONE. */

export function probeToken({ module, parameters }: CommandInput<'token.probe'>): Promise<Probe> {
  return inProcess((process) => process.call('probe', { module: resolve(module), parameters }));
}

/** Logs in and tells everything that the token holds. PIN_WRONG, PIN_LOCKED, PIN_LAST_TRY, PIN_SOURCE. */
export function showToken(
  box: SecretBox,
  data: string,
  { token, pin, lastTryWith }: CommandInput<'token.show'>,
): Promise<CommandOutput<'token.show'>> {
  return inProcess(async (process) => {
    const { location, pin: source } =
      typeof token === 'string'
        ? readTokenFile(resolve(token))
        : { location: trainingToken(data, token.training), pin: 'prompt' as const };
    const info = await process.call('open', { location });
    // The first login of a software token would set its PIN.
    if (!info.initialised) throw new Refusal('TOKEN_MISSING', { label: location.token });
    // At a pad of the token's own, nothing is typed here.
    const prompted = source === 'prompt' && pin === undefined;
    const atPad = source === 'pad' || (info.protectedAuthenticationPath && prompted);
    const ticket = atPad ? null : await send(process, await pinOf(box, source, pin));
    await process.call('login', { pin: ticket, securityOfficerPin: null, ...(lastTryWith && { lastTryWith }) });
    const { keys } = await process.call('inventory', {});
    const { objects } = await process.call('contents', {});
    return { info, keys, objects };
  });
}

export function initialiseToken(
  box: SecretBox,
  input: CommandInput<'token.init'>,
): Promise<CommandOutput<'token.init'>> {
  return inProcess(async (process) => {
    const { module, parameters, at, label, wipe: wiped, lastTryWith } = input;
    return process.call('initialiseToken', {
      module: resolve(module),
      parameters,
      at,
      label,
      wipe: wiped,
      ...(lastTryWith && { lastTryWith }),
      securityOfficerPin: await send(process, await box.take(input.securityOfficerPin)),
      pin: await send(process, await box.take(input.pin)),
    });
  });
}

async function pinOf(
  box: SecretBox,
  source: ReturnType<typeof readTokenFile>['pin'],
  ticket: string | undefined,
): Promise<Uint8Array> {
  if (ticket !== undefined) return box.take(ticket);
  if (typeof source === 'object' && 'file' in source) return readPinSource(source);
  throw new Refusal('PIN_SOURCE', { pin: 'PIN', source: 'the token file alone' });
}

async function send(process: TokenProcess, secret: Uint8Array): Promise<string> {
  try {
    return await process.sendSecret(secret);
  } finally {
    wipe(secret);
  }
}

async function inProcess<T>(work: (process: TokenProcess) => Promise<T>): Promise<T> {
  const process = TokenProcess.start();
  try {
    return await work(process);
  } finally {
    await process.close();
  }
}
