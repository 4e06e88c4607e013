/** So many characters in a row that no field takes are typed by a scanner, not by a person. */
const BURST = 8;

/**
 * A hand scanner types a code and an Enter into whatever has the focus. Where that is no field of the window, its Enter presses nothing: a step never goes on
 * because somebody held a scanner over a sheet. Only how many keys there were is kept.
 */
export function guardAgainstScanners(): void {
  let keys = 0;
  addEventListener('focusin', () => (keys = 0));
  addEventListener(
    'keydown',
    (event) => {
      const field = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
      if (event.key === 'Shift' || event.key === 'CapsLock') return;
      if (event.key === 'Enter' && keys >= BURST && !field) {
        event.preventDefault();
        event.stopPropagation();
      }
      keys = event.key.length === 1 && !field ? keys + 1 : 0;
    },
    { capture: true },
  );
}
