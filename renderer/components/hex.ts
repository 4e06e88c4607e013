/** Hexadecimal in groups of four, as it is read aloud and compared. */
export function grouped(hex: string): string {
  return hex.replace(/(.{4})(?=.)/g, '$1 ');
}
