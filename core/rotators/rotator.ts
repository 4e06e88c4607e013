/** One secret's way to its next value. Each step may come again after a crash, and then does no more than the first time. */
export type Rotator = {
  /** What `apply` would change, such as the name of a role; null where nothing outside of the vault is. Looks, and changes nothing. ROTATOR_FAILED. */
  foresee(): Promise<string | null>;
  /** The next value, in guarded memory, which the caller wipes. ROTATOR_FAILED. */
  prepare(): Promise<Uint8Array>;
  /** Makes it count where it is used, beside the present one where that is possible. ROTATOR_FAILED. */
  apply(next: Uint8Array): Promise<void>;
  /** Uses it, as whoever reads it will. ROTATOR_FAILED. */
  verify(next: Uint8Array): Promise<void>;
  /** Makes count again what counted before `apply`. ROTATOR_FAILED. */
  rollBack(): Promise<void>;
};

/** What a rotator is given. */
export type RotatorTools = {
  /** `owner/environment/name` of the secret that is rotated. */
  secret: string;
  /** The folder of programs. */
  programs: string;
  /**
   * A value for the rotator alone: the present version, the one before it, or another secret, as the caller may read it. Null where there is none. In the ledger before it
   * is opened; whoever opens wipes.
   */
  open: (what: 'present' | 'before' | { secret: string }) => Promise<Uint8Array | null>;
};
