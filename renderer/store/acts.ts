import type { CeremonyView } from '../../core/contract/ceremony.ts';
import type { Answer, CommandInput, CommandName } from '../../core/contract/commands.ts';
import type { Outcome } from '../../core/contract/errors.ts';
import type { Role } from '../../core/contract/roles.ts';
import type { Settings } from '../../core/contract/settings.ts';
import { call } from './rpc.ts';
import { type Place, useWindow } from './store.ts';

type ViewCommand = Extract<
  CommandName,
  `ceremony.${'begin' | 'answer' | 'confirm' | 'perform' | 'resume' | 'reprint' | 'deviation' | 'pause' | 'continue' | 'abort'}`
>;

/** Shows a view, unless a newer one of the same ceremony is shown already. What went wrong in a step ends with it. */
function show(view: CeremonyView): void {
  useWindow.setState((state) => {
    if (state.view?.id === view.id && state.view.version > view.version) return state;
    const sameStep = state.view?.current?.id === view.current?.id;
    return { view, gone: false, trouble: sameStep ? state.trouble : null };
  });
}

function refused(outcome: Extract<Outcome<unknown>, { ok: false }>, ask: string | null): void {
  if (outcome.error.code === 'CORE_GONE') useWindow.setState({ gone: true });
  else useWindow.setState({ trouble: { ask, error: outcome.error } });
}

async function act<C extends ViewCommand>(command: C, input: CommandInput<C>, ask: string | null = null) {
  useWindow.setState({ trouble: null, answering: ask });
  const outcome: Outcome<CeremonyView> = await call(command, input);
  useWindow.setState({ answering: null });
  if (outcome.ok) show(outcome.value);
  else refused(outcome, ask);
  return outcome.ok;
}

async function whileBusy(work: () => Promise<unknown>): Promise<void> {
  useWindow.setState({ busy: true });
  await work();
  useWindow.setState({ busy: false });
}

/** The step that is shown, as commands name it. */
function here(): { ceremony: string; step: string } {
  const { view } = useWindow.getState();
  return { ceremony: view?.id ?? '', step: view?.current?.id ?? '' };
}

/** `asked`: the answer, where it is on its way already. */
export async function refreshInfo(asked = call('app.info', {})): Promise<void> {
  const outcome = await asked;
  // What stood in the way of the first view is over with it.
  if (outcome.ok)
    useWindow.setState(({ info, trouble }) => ({ info: outcome.value, gone: false, trouble: info && trouble }));
  else refused(outcome, null);
}

/** Fetches the open ceremony again. `afresh`: core was away, so what it says now counts whatever its version. */
export async function refreshView(afresh = false): Promise<void> {
  const { view } = useWindow.getState();
  if (!view) return;
  const outcome = await call('ceremony.view', { ceremony: view.id });
  if (useWindow.getState().view?.id !== view.id) return;
  if (!outcome.ok) refused(outcome, null);
  else if (afresh) useWindow.setState({ view: outcome.value, gone: false });
  else show(outcome.value);
}

/**
 * The settings of the store as core has them; the window takes their look, but for what somebody has switched while they were on
 * their way. Ones that cannot be read leave the defaults.
 */
export async function applySettings(asked: Promise<Outcome<Settings>>): Promise<void> {
  const before = useWindow.getState();
  const outcome = await asked;
  if (!outcome.ok) return;
  const now = useWindow.getState();
  wear(outcome.value);
  if (now.theme !== before.theme) useWindow.setState({ theme: now.theme });
  if (now.size !== before.size) useWindow.setState({ size: now.size });
  if (now.locale !== before.locale) useWindow.setState({ locale: now.locale });
}

export function wear(settings: Settings): void {
  const { theme, size, locale } = settings;
  useWindow.setState({ settings, theme, size, locale });
}

export const begin = (input: CommandInput<'ceremony.begin'>) => whileBusy(() => act('ceremony.begin', input));

export async function openCeremony(ceremony: string): Promise<void> {
  useWindow.setState({ trouble: null });
  const outcome = await call('ceremony.view', { ceremony });
  if (outcome.ok) show(outcome.value);
  else refused(outcome, null);
}

export function go(place: Place): void {
  useWindow.setState({ place, trouble: null });
  void refreshInfo();
}

/** Back to the start view. */
export function leave(): void {
  useWindow.setState({ view: null, place: 'start', trouble: null });
  void refreshInfo();
}

export const answer = (ask: string, value: Answer) => act('ceremony.answer', { ...here(), ask, answer: value }, ask);
export const confirm = (role: Role, shown: string) => act('ceremony.confirm', { ...here(), role, shown });
export const perform = () => whileBusy(() => act('ceremony.perform', here()));
export const resume = () => whileBusy(() => act('ceremony.resume', { ceremony: here().ceremony }));
export const reprint = (asked: Omit<CommandInput<'ceremony.reprint'>, 'ceremony' | 'step'>) =>
  whileBusy(() => act('ceremony.reprint', { ...here(), ...asked }));
export const recordDeviation = (person: string, text: string) =>
  act('ceremony.deviation', { ceremony: here().ceremony, person, text });
export const pause = (person: string, reason: string) =>
  act('ceremony.pause', { ceremony: here().ceremony, person, reason });
export const goOn = (person: string) => act('ceremony.continue', { ceremony: here().ceremony, person });
export const abort = (person: string, reason: string) =>
  act('ceremony.abort', { ceremony: here().ceremony, person, reason });
