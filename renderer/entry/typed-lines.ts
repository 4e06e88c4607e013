import { LINE_COUNT, type LineFault, faultInLine, groupOf, typedLength } from '../../core/shares/lines.ts';
import { say } from '../messages/say.ts';
import { noTrouble, part, refuse } from './page.ts';

/** What a line shows for each character; groups as they are printed. */
const DOT = '•';
const GROUP = 4;

type Row = { item: HTMLLIElement; input: HTMLInputElement; dots: HTMLElement; state: HTMLElement };

const compact = (text: string) => text.replace(/\s+/g, '');

/**
 * The eight lines behind dots. Each is checked by core's own check as it is ended: by its last character, by Enter, or by leaving it. A wrong one is named
 * at once and nothing in it is corrected. `give` has all eight.
 */
export function typedLines(give: (text: string) => void) {
  const list = part(HTMLOListElement, '#rows');
  const count = part(HTMLElement, '#lines-count');
  const button = part(HTMLButtonElement, '#give');
  button.textContent = say('scan.give');

  const rows = Array.from({ length: LINE_COUNT }, (_, index) => rowOf(index + 1));
  list.append(...rows.map(({ item }) => item));
  rows.forEach((row, index) => {
    const number = index + 1;
    row.input.addEventListener('input', () => {
      show(row, null);
      const typed = compact(row.input.value);
      const fault = faultInLine(typed, number);
      // With the printed number in front, one character more is to come.
      const whole = typedLength(number) + (typed.startsWith(String(number)) ? 1 : 0);
      if (fault === null) right(row, number);
      else if (typed.length >= whole) wrong(row, number, fault);
      tellCount();
    });
    row.input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      end(row, number);
    });
    row.input.addEventListener('blur', () => {
      end(row, number, false);
    });
  });
  button.addEventListener('click', () => {
    give(rows.map(({ input }) => compact(input.value)).join('\n'));
  });

  function end(row: Row, number: number, staying = true): void {
    if (row.input.value === '' || row.item.dataset['verdict'] === 'right') return;
    const fault = faultInLine(row.input.value, number);
    if (fault === null) right(row, number);
    else wrong(row, number, fault, staying);
    tellCount();
  }

  function right(row: Row, number: number): void {
    show(row, 'right');
    noTrouble();
    tellCount();
    const next = rows.slice(number).find(({ item }) => item.dataset['verdict'] !== 'right');
    if (document.activeElement !== row.input) return;
    if (next) next.input.focus();
    else if (!button.disabled) button.focus();
  }

  /** It is typed anew: what stands there is chosen, so that the next character takes its place. */
  function wrong(row: Row, number: number, fault: LineFault, staying = true): void {
    show(row, 'wrong');
    refuse(say('scan.fault', { line: number }), explained(fault, number));
    if (staying) row.input.select();
  }

  function tellCount(): void {
    const checked = rows.filter(({ item }) => item.dataset['verdict'] === 'right').length;
    count.textContent = say('scan.counted', { count: checked });
    button.disabled = checked < LINE_COUNT;
  }

  tellCount();
  return {
    focus: () => {
      (rows.find(({ item }) => item.dataset['verdict'] !== 'right') ?? rows[0])?.input.focus();
    },
    clear: () => {
      for (const row of rows) {
        row.input.value = '';
        show(row, null);
      }
      tellCount();
    },
  };
}

function rowOf(number: number): Row {
  const item = document.createElement('li');
  const label = Object.assign(document.createElement('span'), { className: 'number', textContent: String(number) });
  label.ariaHidden = 'true';
  const input = Object.assign(document.createElement('input'), {
    type: 'password',
    autocomplete: 'off',
    spellcheck: false,
    maxLength: 1024,
    ariaLabel: say('share.line', { number }),
  });
  input.setAttribute('aria-describedby', `state-${number}`);
  const dots = Object.assign(document.createElement('span'), { className: 'dots', ariaHidden: 'true' });
  const mark = Object.assign(document.createElement('span'), { className: 'mark', ariaHidden: 'true' });
  const state = Object.assign(document.createElement('span'), { className: 'heard', id: `state-${number}` });
  item.append(label, input, dots, mark, state);
  return { item, input, dots, state };
}

function show({ item, input, dots, state }: Row, verdict: 'right' | 'wrong' | null): void {
  const groups = compact(input.value).match(new RegExp(`.{1,${GROUP}}`, 'g')) ?? [];
  dots.textContent = groups
    .slice(0, 6)
    .map((group) => DOT.repeat(group.length))
    .join(' ');
  if (verdict) item.dataset['verdict'] = verdict;
  else delete item.dataset['verdict'];
  input.ariaInvalid = verdict === 'wrong' ? 'true' : null;
  state.textContent = verdict ? say(verdict === 'right' ? 'scan.right' : 'scan.wrong') : '';
}

/** What to look at, and never a character: what would make the line right may be another mistake. */
function explained(fault: LineFault, line: number): string {
  return [whatDiffers(fault, line), say('scan.again', { line })].filter((text) => text !== '').join(' ');
}

function whatDiffers(fault: LineFault, line: number): string {
  const at = (place: number) => groupOf(place, line);
  switch (fault.kind) {
    case 'length':
      return say('scan.faultLength', { count: fault.count, expected: fault.expected });
    case 'prefix':
      return say('scan.faultPrefix');
    case 'strange': {
      const group = at(fault.place);
      return group ? say('scan.faultStrange', group) : say('scan.faultStrangeCheck');
    }
    case 'wrong': {
      if (fault.suggestion === null) return '';
      if ('line' in fault.suggestion) return say('scan.faultLine', { other: fault.suggestion.line });
      const group = at(fault.suggestion.place);
      return group ? say('scan.faultGroup', group) : say('scan.faultCheck');
    }
  }
}
