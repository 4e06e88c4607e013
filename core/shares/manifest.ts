/** The public description of one set of shares: enough to check a share alone, to name a bad one, and to know the key when it is found. */
export type ShareSetManifest = {
  /** `CLV1-EXERCISE`: a dummy set, which recovers nothing. */
  format: 'CLV1' | 'CLV1-EXERCISE';
  /** 16 bytes, hex. */
  masterKeyId: string;
  ceremony: string;
  threshold: number;
  shareCount: number;
  epoch: number;
  /** 16 bytes, hex. */
  setId: string;
  /** HMAC-SHA-256(master key, ...)[0:16], hex. */
  keyCheckValue: string;
  /** In ascending order of x; commitment is 32 bytes, hex. */
  shares: { x: number; commitment: string }[];
};

/** Whether it describes a dummy set. */
export function isOfExercise({ format }: ShareSetManifest): boolean {
  return format === 'CLV1-EXERCISE';
}
