/**
 * For a part of a view whose contents take each other's place, as its ref. When what had the focus is gone from it and what came has
 * not taken it, the focus goes to a heading that can have it, or to the part: whoever uses the keyboard goes on from there, and not
 * from the top of the window.
 */
export function keepFocusIn(part: HTMLElement | null): (() => void) | undefined {
  if (!part) return undefined;
  let isHere = false;
  const onFocus = ({ target }: FocusEvent) => {
    // A dialog that was opened here gives the focus back to here.
    isHere = target instanceof Element && (part.contains(target) || target.closest('[role$="dialog"]') !== null);
  };
  // A press beside everything takes the focus away, and that is meant.
  const onPress = ({ target }: PointerEvent) => {
    if (target instanceof Element && target.closest('button, input, textarea, [tabindex]') === null) isHere = false;
  };
  const observer = new MutationObserver(() => {
    if (!isHere) return;
    // What has come takes it first.
    requestAnimationFrame(() => {
      if (!isHere || document.activeElement !== document.body) return;
      const heading = part.querySelector<HTMLElement>(':is(h2, h3)[tabindex="-1"]');
      if (!heading) part.tabIndex = -1;
      (heading ?? part).focus();
    });
  });
  observer.observe(part, { childList: true, subtree: true });
  document.addEventListener('focusin', onFocus);
  document.addEventListener('pointerdown', onPress);
  return () => {
    observer.disconnect();
    document.removeEventListener('focusin', onFocus);
    document.removeEventListener('pointerdown', onPress);
  };
}
