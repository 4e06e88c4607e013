import { TYPED_LIMIT } from '../../core/contract/origins.ts';
import { PASSPHRASE_GUESSES_LOG10, PASSPHRASE_WORDS } from '../../core/contract/passphrase.ts';
import { explain, say } from '../messages/say.ts';
import { asked, beginAt, done, dress, give, noTrouble, part, refuse } from './page.ts';

/**
 * The private entry: one PIN, passphrase, row of dice or value, typed behind dots; with a password the one-time code, which counts once, or that alone. Of a vault that is
 * made, its passphrase and then its administrator's password. The inputs are cleared, whatever the answer. What core answers to be shown once is shown by `once.ts`.
 */

const choosing = asked('manner') === 'choose';
const minimum = Number(asked('minimum'));
const ofVault = asked('what') === 'vault';
const isPassphrase = choosing && (ofVault || asked('what') === 'passphrase');
/** Nothing is typed: something is shown. */
const isShown = asked('what') === 'totp';
const isValue = asked('what') === 'value';
const withCode = asked('what') === 'login';
const codeAlone = asked('what') === 'code';

const first = part(HTMLInputElement, '#first');
const second = part(HTMLInputElement, '#second');
const code = part(HTMLInputElement, '#code');
const floor = part(HTMLElement, '#floor');
const match = part(HTMLElement, '#match');
const meter = part(HTMLElement, '#meter');
const button = part(HTMLButtonElement, '#give');

dress();
/** Of a vault that is made: the passphrase, once it was typed. */
let earlier: Uint8Array | null = null;
const labelNow = () => asked(earlier ? 'nextLabel' : 'label');
function labelFields(): void {
  part(HTMLLabelElement, 'label[for=first]').textContent = labelNow();
  part(HTMLLabelElement, 'label[for=second]').textContent = say('entry.again', { label: labelNow() });
}
labelFields();
const secondField = part(HTMLElement, '#second-field');
if (choosing) secondField.hidden = false;
else secondField.remove();
const codeField = part(HTMLElement, '#code-field');
if (withCode) {
  part(HTMLLabelElement, 'label[for=code]').textContent = say('entry.code');
  part(HTMLElement, '#code-hint').textContent = say('entry.codeHint');
  codeField.hidden = false;
} else {
  codeField.remove();
}
if (codeAlone) {
  first.type = 'text';
  first.inputMode = 'numeric';
  first.maxLength = 6;
  floor.textContent = say('entry.codeHint');
}
// What is longer is refused and never cut: a part of a secret that is pasted would be stored as the whole.
if (isValue) for (const input of [first, second]) input.removeAttribute('maxlength');
button.textContent = say(isShown ? 'once.show' : ofVault ? 'entry.next' : 'entry.give');
if (isShown) {
  part(HTMLElement, '#says').textContent = say('once.before');
  part(HTMLElement, '#fields').hidden = true;
}

/** The word lists are large: they come after the page, and only where a passphrase is chosen. */
const strength = isPassphrase ? import('./strength.ts') : null;
/** What stands on the sheet, and whoever finds it tries first. */
const near = `${asked('person')} ${asked('label')} ${asked('nextLabel')} claviger`.split(/\s+/);

const REST_MS = 150;
let resting: ReturnType<typeof setTimeout> | undefined;

const isCode = (input: HTMLInputElement) => /^\d{6}$/.test(input.value);
const lengthOf = (input: HTMLInputElement) => Array.from(input.value).length;

function bytesOf(text: string): number {
  const bytes = new TextEncoder().encode(text);
  bytes.fill(0);
  return bytes.length;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] ?? 0);
  return difference === 0;
}

function showHints(): void {
  if (!choosing) return;
  const count = lengthOf(first);
  if (isValue) {
    floor.textContent = count === 0 ? say('entry.line') : say('entry.count', { count });
    showMatch();
    return;
  }
  const enough = count >= minimum;
  const short =
    count === 0
      ? say(isPassphrase ? 'entry.floor' : 'entry.floorPin', { minimum })
      : say('entry.length', { count, minimum });
  floor.textContent = enough ? say('entry.enough') : short;
  floor.toggleAttribute('data-fit', enough);
  showMatch();
  if (!strength) return;
  // A look takes from a few milliseconds to a second, so it waits until the typing rests.
  clearTimeout(resting);
  resting = setTimeout(() => void showStrength(strength, enough), REST_MS);
}

function showMatch(): void {
  if (!choosing) return;
  const same = first.value === second.value;
  match.textContent = lengthOf(second) === 0 ? '' : say(same ? 'entry.same' : 'entry.unlike');
  match.toggleAttribute('data-fit', same);
}

/** In words, beside a bar of five parts. */
async function showStrength(loading: NonNullable<typeof strength>, longEnough: boolean): Promise<void> {
  const { STRENGTHS, guessesLog10, strengthOf } = await loading;
  const { value } = first;
  meter.hidden = value === '';
  if (value === '') return;
  const guesses = guessesLog10(value, near);
  const found = strengthOf(guesses);
  meter.dataset['parts'] = String(STRENGTHS.indexOf(found) + 1);
  const fits = longEnough && guesses >= PASSPHRASE_GUESSES_LOG10;
  meter.toggleAttribute('data-fit', fits);
  if (!longEnough) return;
  floor.textContent = say(`entry.strength.${found}`);
  floor.toggleAttribute('data-fit', fits);
}

function clear(): void {
  first.value = '';
  second.value = '';
  code.value = '';
  showHints();
}

/** Null if it may go. Core knows the length's floor as well; strength is a matter of a string, which core never makes of a secret. */
async function fault(): Promise<string | null> {
  const count = lengthOf(first);
  if (isShown) return null;
  if (count === 0) return say('entry.empty');
  if ((withCode && !isCode(code)) || (codeAlone && !isCode(first))) return say('entry.codeWrong');
  if (choosing && count < minimum) return say('entry.short', { minimum });
  if (isValue) return bytesOf(first.value) > TYPED_LIMIT ? say('entry.long', { limit: TYPED_LIMIT }) : null;
  if (!strength) return null;
  const { guessesLog10 } = await strength;
  return guessesLog10(first.value, near) < PASSPHRASE_GUESSES_LOG10 ? say('entry.weak') : null;
}

async function submit(): Promise<void> {
  noTrouble();
  button.disabled = true;
  const wrong = await fault();
  if (wrong === null) await submitFitting();
  else refuse(wrong);
  button.disabled = false;
  // What is shown has the focus where it is.
  if (!button.hidden) (isShown ? button : withCode && first.value !== '' ? code : first).focus();
}

async function submitFitting(): Promise<void> {
  const secret = new TextEncoder().encode(withCode ? code.value + first.value : first.value);
  const again = new TextEncoder().encode(second.value);
  const same = !choosing || equal(secret, again);
  again.fill(0);
  clear();
  if (!same) {
    secret.fill(0);
    refuse(say('entry.differ'));
    return;
  }
  if (ofVault && !earlier) {
    takeFirst(secret);
    return;
  }
  const outcome = await give(isShown ? new Uint8Array(1) : earlier ? both(earlier, secret) : secret);
  if (earlier) takeFirst(null);
  if (outcome.ok && outcome.value instanceof Uint8Array) {
    const { showOnce } = await import('./once.ts');
    showOnce(outcome.value);
  } else if (outcome.ok) {
    done(outcome.value);
  } else {
    const { says, next } = explain(outcome.error);
    refuse(says, next);
  }
}

/** The passphrase, and the password comes next; null: from the beginning again. */
function takeFirst(passphrase: Uint8Array | null): void {
  earlier?.fill(0);
  earlier = passphrase;
  button.textContent = say(passphrase ? 'entry.make' : 'entry.next');
  labelFields();
  showHints();
}

/** As the shell takes two: the length of the first (2 bytes, big-endian), the first, the second. All are overwritten by whoever sends them. */
function both(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 + one.length + other.length);
  bytes.set([one.length >> 8, one.length & 0xff]);
  bytes.set(one, 2);
  bytes.set(other, 2 + one.length);
  other.fill(0);
  return bytes;
}

/** What Enter goes to from the first; from the last it gives. */
const next = choosing ? second : withCode ? code : null;
for (const input of [first, second, code]) {
  input.addEventListener('input', input === first ? showHints : showMatch);
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || button.disabled) return;
    if (next && input === first) next.focus();
    else void submit();
  });
  // An input of one line would drop the ends of the lines and say nothing.
  input.addEventListener('paste', (event) => {
    if (!isValue || !/[\r\n]./.test(event.clipboardData?.getData('text') ?? '')) return;
    event.preventDefault();
    refuse(say('entry.lines'));
  });
}
button.addEventListener('click', () => void submit());
if (isPassphrase) offerWords();
showHints();
beginAt(isShown ? button : first);

/** Words are drawn for whoever wants them, shown once, and typed from the card: so the card is right. */
function offerWords(): void {
  const drawing = part(HTMLElement, '#drawing');
  const says = part(HTMLElement, '#draw-says');
  const list = part(HTMLOListElement, '#words');
  const draw = part(HTMLButtonElement, '#draw');
  const typed = [part(HTMLElement, '#fields'), part(HTMLElement, '#foot')];
  const showing = (shown: boolean) => {
    drawing.toggleAttribute('data-shown', shown);
    list.hidden = !shown;
    for (const one of typed) one.hidden = shown;
  };
  drawing.hidden = false;
  says.textContent = say('entry.drawHint', { count: PASSPHRASE_WORDS });
  draw.textContent = say('entry.draw', { count: PASSPHRASE_WORDS });
  draw.addEventListener('click', () => {
    if (list.hidden) {
      void import('./diceware.ts').then(({ drawWords }) => {
        clear();
        noTrouble();
        list.replaceChildren(
          ...drawWords(PASSPHRASE_WORDS).map((word) => {
            const item = document.createElement('li');
            item.textContent = word;
            return item;
          }),
        );
        says.textContent = say('entry.drawn');
        draw.textContent = say('entry.hide');
        showing(true);
        list.focus();
      });
    } else {
      list.replaceChildren();
      says.textContent = say('entry.fromCard');
      draw.textContent = say('entry.drawAgain');
      showing(false);
      first.focus();
    }
  });
}
