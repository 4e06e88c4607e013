/**
 * A name as two writings of it are compared: composed, without what does not print, in one case (upper first: ß is SS), with
 * single spaces.
 */
export function foldedName(name: string): string {
  const cased = name.normalize('NFKC').replace(/\p{C}/gu, '').toUpperCase().toLowerCase();
  return cased.normalize('NFKC').replace(/\s+/gu, ' ').trim();
}
