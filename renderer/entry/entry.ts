import type { Outcome } from '../../core/contract/errors.ts';
import { LOCALES } from '../../core/contract/messages/locale.ts';
import { explain, say, speak } from '../messages/say.ts';
import { appOriginOf, ENTRY_DONE } from '../../core/contract/origins.ts';

/**
 * The private entry: one PIN or passphrase, typed in a frame on an origin and in a process of its own, which ends
 * when the window removes the frame. The text goes out as bytes, once; the bytes are overwritten and the inputs
 * cleared, whatever the answer. Nothing reaches the window but `ENTRY_DONE` and what core answered.
 */

const query = new URLSearchParams(location.search);
const asked = (name: string) => query.get(name) ?? '';
const choosing = asked('manner') === 'choose';
const minimum = Number(asked('minimum'));

function part<T extends HTMLElement>(kind: new () => T, selector: string): T {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`entry.html has no ${selector}`);
  return found;
}
const first = part(HTMLInputElement, '#first');
const second = part(HTMLInputElement, '#second');
const floor = part(HTMLElement, '#floor');
const match = part(HTMLElement, '#match');
const give = part(HTMLButtonElement, '#give');
const trouble = part(HTMLElement, '#trouble');

speak(LOCALES.find((locale) => locale === asked('locale')) ?? 'en');
document.title = say('entry.title');
part(HTMLElement, 'main').ariaLabel = say('entry.label');
document.documentElement.dataset['theme'] = asked('theme');
document.documentElement.dataset['size'] = asked('size');
part(HTMLLabelElement, 'label[for=first]').textContent = asked('label');
part(HTMLLabelElement, 'label[for=second]').textContent = say('entry.again', { label: asked('label') });
const secondField = part(HTMLElement, '#second-field');
if (choosing) secondField.hidden = false;
else secondField.remove();
give.textContent = say('entry.give');

const lengthOf = (input: HTMLInputElement) => Array.from(input.value).length;

function equal(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] ?? 0);
  return difference === 0;
}

function showHints(): void {
  const count = lengthOf(first);
  if (choosing) {
    const enough = count >= minimum;
    const short =
      count === 0
        ? say(minimum < 8 ? 'entry.floorPin' : 'entry.floor', { minimum })
        : say('entry.length', { count, minimum });
    floor.textContent = enough ? say('entry.enough') : short;
    floor.toggleAttribute('data-fit', enough);
    const same = first.value === second.value;
    match.textContent = lengthOf(second) === 0 ? '' : say(same ? 'entry.same' : 'entry.unlike');
    match.toggleAttribute('data-fit', same);
  }
}

function refuse(says: string, next = ''): void {
  const bold = document.createElement('strong');
  bold.textContent = says;
  trouble.replaceChildren(bold, next);
}

function clear(): void {
  first.value = '';
  second.value = '';
  showHints();
}

/** Where it goes: to an ask of a ceremony, or to a token that is looked at outside one. */
const WHERE = ['ceremony', 'step', 'ask', 'token', 'training', 'lastTryWith'];

async function send(secret: Uint8Array<ArrayBuffer>): Promise<Outcome<unknown>> {
  const address = new URLSearchParams(WHERE.filter((name) => query.has(name)).map((name) => [name, asked(name)]));
  try {
    const response = await fetch(`/secret?${address.toString()}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: secret,
    });
    return (await response.json()) as Outcome<unknown>;
  } catch {
    return { ok: false, error: { code: 'CORE_GONE', params: {}, recovery: 'retry' } };
  }
}

async function submit(): Promise<void> {
  trouble.replaceChildren();
  const count = lengthOf(first);
  if (count === 0) refuse(say('entry.empty'));
  else if (choosing && count < minimum) refuse(say('entry.short', { minimum }));
  else {
    const secret = new TextEncoder().encode(first.value);
    const again = new TextEncoder().encode(second.value);
    const same = !choosing || equal(secret, again);
    again.fill(0);
    clear();
    if (!same) refuse(say('entry.differ'));
    else {
      give.disabled = true;
      const outcome = await send(secret);
      give.disabled = false;
      if (outcome.ok) {
        const done = { type: ENTRY_DONE, value: outcome.value };
        parent.postMessage(done, appOriginOf(location.origin) ?? location.origin);
      } else {
        const { says, next } = explain(outcome.error);
        refuse(says, next);
      }
    }
    secret.fill(0);
  }
  first.focus();
}

for (const input of [first, second]) {
  input.addEventListener('input', showHints);
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || give.disabled) return;
    if (choosing && input === first) second.focus();
    else void submit();
  });
}
give.addEventListener('click', () => void submit());
showHints();
first.focus();
