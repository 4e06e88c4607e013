import { z } from 'zod';
import { VALUE_LIMIT } from './vault.ts';

/** One message between the holder of a vault and whoever calls it (docs/formats/vault-protocol.md): a head in JSON, and secrets behind it as bytes. */

/** Secrets by what they are, in their order. */
export type NamedSecrets = [name: string, bytes: Uint8Array][];

const LENGTH_BYTES = 4;
const HEAD_LIMIT = 256 * 1024;
const SECRETS_LIMIT = 4;
/** No message is larger (bytes): its head, a value, and a bearer. */
export const FRAME_LIMIT = LENGTH_BYTES + HEAD_LIMIT + VALUE_LIMIT + 4096;

const headSchema = z.strictObject({
  content: z.unknown(),
  secrets: z
    .array(
      z.tuple([
        z.string().regex(/^[a-zA-Z]{1,32}$/),
        z
          .int()
          .min(0)
          .max(VALUE_LIMIT + 1),
      ]),
    )
    .max(SECRETS_LIMIT),
});

/** The message in pieces, to be written one after another: the head, then each secret itself and no copy of it. */
export function framePieces(content: unknown, secrets: NamedSecrets): Uint8Array[] {
  const sizes = secrets.map(([name, bytes]) => [name, bytes.length]);
  const json = new TextEncoder().encode(JSON.stringify({ content, secrets: sizes }));
  const head = new Uint8Array(LENGTH_BYTES + json.length);
  new DataView(head.buffer).setUint32(0, json.length);
  head.set(json, LENGTH_BYTES);
  return [head, ...secrets.map(([, bytes]) => bytes)];
}

/** The opposite, with the secrets as views of `bytes`; null for what is no such message, to its last byte. */
export function readFrame(bytes: Uint8Array): { content: unknown; secrets: NamedSecrets } | null {
  if (bytes.length < LENGTH_BYTES) return null;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if (length > HEAD_LIMIT || LENGTH_BYTES + length > bytes.length) return null;
  const head = headSchema.safeParse(jsonOf(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length)));
  if (!head.success) return null;
  let at = LENGTH_BYTES + length;
  const secrets: NamedSecrets = [];
  for (const [name, size] of head.data.secrets) {
    if (secrets.some(([other]) => other === name)) return null;
    secrets.push([name, bytes.subarray(at, at + size)]);
    at += size;
  }
  return at === bytes.length ? { content: head.data.content, secrets } : null;
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}
