/** Words that no German sentence has, standing alone: not in a path, a file's name or an identifier. */
const ENGLISH = /(?<![\w./-])(the|and|of|is|are|this|that|with|from|which|were)(?![\w-]|[./]\w)/gi;

/** What looks like English in a text, each with a few words around it. */
export function englishIn(text: string): string[] {
  const flat = text.replace(/\s+/g, ' ');
  return Array.from(flat.matchAll(ENGLISH), ({ index }) => flat.slice(Math.max(0, index - 30), index + 30));
}
