import { Refusal } from '../../core/contract/errors.ts';
import { readTyped } from '../../core/shares/lines.ts';
import { explain, say } from '../messages/say.ts';
import { startCamera } from './camera.ts';
import { listenForScanner } from './scanner.ts';
import { beginAt, dress, done, give, noTrouble, part, refuse } from './page.ts';
import { typedLines } from './typed-lines.ts';

/**
 * The private entry of one share, three ways: camera, hand scanner, or typed line by line. Its text stays in this process, goes to core as bytes,
 * and is checked there against the set; what core refuses is said here at once.
 */

const WAYS = ['camera', 'scanner', 'lines'] as const;
type Way = (typeof WAYS)[number];

dress();

const tabs = WAYS.map((way) => part(HTMLButtonElement, `#way-${way}`));
const trouble = part(HTMLElement, '#trouble');
const panels = WAYS.map((way) => part(HTMLElement, `#${way}`));
part(HTMLElement, '#ways').setAttribute('aria-label', say('scan.ways'));
WAYS.forEach((way, index) => {
  const tab = tabs[index];
  if (tab) tab.textContent = say(`scan.${way}`);
  part(HTMLElement, `#${way}-hint`).textContent = say(`scan.${way}Hint`);
});

/** No share is so long: of another code the head is enough to tell what it is. */
const HEAD = 300;

/** Whether core refused what was shown. One at a time; what comes meanwhile is not offered. */
let busy = false;
async function offer(text: string): Promise<boolean> {
  if (busy) return false;
  busy = true;
  const outcome = await give(new TextEncoder().encode(text.slice(0, HEAD)));
  busy = false;
  if (!outcome.ok) {
    const { says, next } = explain(outcome.error);
    refuse(says, next);
    return true;
  }
  camera.stop();
  lines.clear();
  done(outcome.value);
  return false;
}

const camera = startCamera(offer, noTrouble);
const lines = typedLines((text) => void offer(text));
const scan = part(HTMLInputElement, '#scan');
part(HTMLLabelElement, 'label[for=scan]').textContent = say('scan.field');

/** A scanner's burst: a whole code, wherever the focus was. */
function takeScan(text: string): void {
  scan.value = '';
  lines.clear();
  noTrouble();
  void offer(text);
}

scan.addEventListener('input', () => {
  // A scanner that ends with no Enter.
  if (isWhole(scan.value)) takeScan(scan.value);
});
scan.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && scan.value.trim() !== '') takeScan(scan.value);
});
listenForScanner(scan, takeScan);

function isWhole(text: string): boolean {
  try {
    readTyped(text);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** Tabs as WAI-ARIA describes them: one in the order of Tab, the arrows go from one to the next. */
function choose(way: Way): void {
  noTrouble();
  if (way !== 'camera') camera.stop();
  WAYS.forEach((one, index) => {
    const chosen = one === way;
    tabs[index]?.setAttribute('aria-selected', String(chosen));
    if (tabs[index]) tabs[index].tabIndex = chosen ? 0 : -1;
    if (panels[index]) panels[index].hidden = !chosen;
    if (chosen) panels[index]?.querySelector('.side')?.append(trouble);
  });
}
tabs.forEach((tab, index) => {
  const chooseAt = (at: number) => {
    choose(WAYS[at] ?? 'camera');
    return tabs[at];
  };
  tab.addEventListener('click', () => {
    chooseAt(index);
    if (WAYS[index] === 'scanner') scan.focus();
    if (WAYS[index] === 'lines') lines.focus();
  });
  tab.addEventListener('keydown', ({ key }) => {
    const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? WAYS.length - 1 : 0;
    if (step > 0) chooseAt((index + step) % WAYS.length)?.focus();
  });
});
choose('camera');
beginAt(tabs[0]);
