/** Claviger's mark: a key in a ring. */
export function Mark() {
  return (
    <svg
      viewBox="0 0 28 28"
      width="28"
      height="28"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      aria-hidden="true"
    >
      <circle cx="14" cy="14" r="13" />
      <circle cx="14" cy="10.5" r="3.6" />
      <path d="M14 14.1V22M14 18.6h3M14 21.4h3" />
    </svg>
  );
}
