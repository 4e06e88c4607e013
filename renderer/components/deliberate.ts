import { useWindow } from '../store/store.ts';

/** Marks a button that records or does something: Enter never presses it, the space bar and the pointer do. */
export const deliberate = { 'data-deliberate': true } as const;

/**
 * A hand scanner types what it read and then Enter, wherever the focus happens to be; so does a person in a hurry. On what
 * is marked as deliberate Enter is stopped before anybody hears of it, and the window says which key it takes.
 */
export function refuseEnter(): void {
  document.addEventListener(
    'keydown',
    (event) => {
      const refused =
        event.key === 'Enter' && event.target instanceof Element && event.target.closest('[data-deliberate]') !== null;
      if (refused) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
      if (useWindow.getState().enterRefused !== refused) useWindow.setState({ enterRefused: refused });
    },
    { capture: true },
  );
}
