/** No code of a sheet is shorter, and no line as long. */
const SHORTEST_SCAN = 100;

/**
 * A hand scanner is a keyboard: it types a code and an Enter into whatever has the focus. So many characters and an Enter, without another key or another
 * focus between them, are a scan; the Enter then presses nothing. `field` is the one that is made for it.
 */
export function listenForScanner(field: HTMLInputElement, take: (text: string) => void): void {
  let burst = '';
  document.addEventListener('focusin', () => (burst = ''));
  document.addEventListener(
    'keydown',
    (event) => {
      if (event.target === field) return;
      if (event.key === 'Shift' || event.key === 'CapsLock') return;
      const isScan = event.key === 'Enter' && burst.length >= SHORTEST_SCAN;
      const text = burst;
      burst = event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey ? burst + event.key : '';
      if (!isScan) return;
      event.preventDefault();
      event.stopPropagation();
      take(text);
    },
    { capture: true },
  );
}
