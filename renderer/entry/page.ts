import type { ErrorValue, Outcome } from '../../core/contract/errors.ts';
import { ENTRY_DONE, ENTRY_HEIGHT, appOriginOf } from '../../core/contract/origins.ts';
import { say } from '../messages/say.ts';

/**
 * What both pages of the entry frame share: they live on an origin and in a process of their own, which ends when the window removes the
 * frame. What is given goes out as bytes, once. The window hears how high the frame is, and that it is done; never more.
 */

const query = new URLSearchParams(location.search);

/** What the window says in the address: which ask of which step, whose, and how it looks. */
export const asked = (name: string) => query.get(name) ?? '';

export function part<T extends Element>(kind: new () => T, selector: string): T {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the page has no ${selector}`);
  return found;
}

function tell(message: { type: string; height?: number }): void {
  parent.postMessage(message, appOriginOf(location.origin) ?? location.origin);
}

export const done = () => {
  tell({ type: ENTRY_DONE });
};

export function dress(): void {
  document.title = say('entry.title');
  document.documentElement.dataset['theme'] = asked('theme');
  document.documentElement.dataset['size'] = asked('size');
  const { body } = document;
  new ResizeObserver(() => {
    tell({ type: ENTRY_HEIGHT, height: Math.ceil(body.getBoundingClientRect().height) });
  }).observe(body);
}

/** Sends what was given and overwrites it, whatever the answer. */
export async function give(bytes: Uint8Array<ArrayBuffer>): Promise<ErrorValue | null> {
  const address = new URLSearchParams({ ceremony: asked('ceremony'), step: asked('step'), ask: asked('ask') });
  try {
    const response = await fetch(`/secret?${address.toString()}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: bytes,
    });
    const outcome = (await response.json()) as Outcome<unknown>;
    return outcome.ok ? null : outcome.error;
  } catch {
    return { code: 'CORE_GONE', params: {}, recovery: 'retry' };
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
