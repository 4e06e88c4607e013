import type { Outcome } from '../../core/contract/errors.ts';
import { LOCALES } from '../../core/contract/messages/locale.ts';
import { ENTRY_DONE, ENTRY_HEIGHT, appOriginOf } from '../../core/contract/origins.ts';
import { say, speak } from '../messages/say.ts';

/**
 * What both pages of the entry frame share: they live on an origin and in a process of their own, which ends when the window removes the
 * frame. What is given goes out as bytes, once. The window hears how high the frame is, that it is done, and what core answered; never more.
 */

const query = new URLSearchParams(location.search);

/** What the window says in the address: which ask of which step, whose, and how it looks. */
export const asked = (name: string) => query.get(name) ?? '';

export function part<T extends Element>(kind: new () => T, selector: string): T {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the page has no ${selector}`);
  return found;
}

function tell(message: { type: string; height?: number; value?: unknown }): void {
  parent.postMessage(message, appOriginOf(location.origin) ?? location.origin);
}

/** `value`: what core answered. */
export const done = (value: unknown) => {
  tell({ type: ENTRY_DONE, value });
};

export function dress(): void {
  speak(LOCALES.find((locale) => locale === asked('locale')) ?? 'en');
  document.title = say('entry.title');
  part(HTMLElement, 'main').ariaLabel = say('entry.label');
  document.documentElement.dataset['theme'] = asked('theme');
  document.documentElement.dataset['size'] = asked('size');
  const { body } = document;
  new ResizeObserver(() => {
    tell({ type: ENTRY_HEIGHT, height: Math.ceil(body.getBoundingClientRect().height) });
  }).observe(body);
}

/** Where somebody begins, once the window gives the frame the focus: it has brought the frame into sight and keeps still. Whoever is in a field already stays in it. */
export function beginAt(first: HTMLElement | undefined): void {
  const begin = () => {
    if (document.activeElement === document.body) first?.focus({ preventScroll: true });
  };
  if (document.hasFocus()) begin();
  else addEventListener('focus', begin, { once: true });
}

/** Where it goes: to an ask of a ceremony, or to a token that is looked at outside one. */
const WHERE = ['ceremony', 'step', 'ask', 'token', 'training', 'lastTryWith'];

/** Or to a command of the vault, with the input that the window knows. */
const VAULT = ['command', 'input'];

/** Of a vault that is made, and of somebody's new key of one-time codes, something is shown here once. */
const showing = ['vault', 'totp'].includes(asked('what'));

/** Sends what was given and overwrites it, whatever the answer: bytes where they are to be shown. */
export async function give(bytes: Uint8Array<ArrayBuffer>): Promise<Outcome<unknown>> {
  const [path, names] = query.has('command') ? [showing ? '/vault/show' : '/vault', VAULT] : ['/secret', WHERE];
  const address = new URLSearchParams(names.filter((name) => query.has(name)).map((name) => [name, asked(name)]));
  try {
    const response = await fetch(`${path}?${address.toString()}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: bytes,
    });
    if (response.headers.get('content-type') !== 'application/octet-stream')
      return (await response.json()) as Outcome<unknown>;
    return { ok: true, value: new Uint8Array(await response.arrayBuffer()) };
  } catch {
    return { ok: false, error: { code: 'CORE_GONE', params: {}, recovery: 'retry' } };
  } finally {
    bytes.fill(0);
  }
}

const trouble = part(HTMLElement, '#trouble');

/** What happened, and what to do next: said at once. */
export function refuse(says: string, next = ''): void {
  const bold = document.createElement('strong');
  bold.textContent = says;
  trouble.replaceChildren(bold, ' ', next);
}

export function noTrouble(): void {
  trouble.replaceChildren();
}
