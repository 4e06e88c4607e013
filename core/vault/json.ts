/** What a text says as JSON (UTF-8); undefined where it is none. */
export function jsonOf(text: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text)) as unknown;
  } catch {
    return undefined;
  }
}
