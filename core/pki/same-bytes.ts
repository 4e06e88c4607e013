export function sameBytes(one: Uint8Array | ArrayBuffer, other: Uint8Array | ArrayBuffer): boolean {
  return Buffer.compare(new Uint8Array(one), new Uint8Array(other)) === 0;
}
