/** Told how many shares of how many are sealed or opened: each costs its passphrase's scrypt, and twice that to be sealed. */
export type Progress = (done: number, total: number) => void;
