/** Whether what had the focus is gone or can no longer have it: whoever uses the keyboard would be nowhere. */
export function focusIsLost(): boolean {
  const { activeElement, body } = document;
  return activeElement === null || activeElement === body || activeElement.matches(':disabled');
}
