import { randomBytes, randomInt } from 'node:crypto';

/** What people bring and type, drawn anew for each run: no text of ours holds it by chance. */
export type Marked = {
  pin: string;
  /** The same PIN as two people type it. */
  pinParts: [string, string];
  securityOfficerPin: string;
  passphrases: string[];
  vaultPassphrases: string[];
  /** Of custodians who come later. */
  newPassphrases: string[];
  dice: string;
};

export function mark(): Marked {
  const pinParts: [string, string] = [drawn(12), drawn(12)];
  return {
    pin: pinParts.join(''),
    pinParts,
    securityOfficerPin: drawn(24),
    // One is not ASCII: it is normalised on its way to the key.
    passphrases: ['é', 'a', 'b', 'c', 'd'].map((letter) => `${drawn(10)} ${letter}${drawn(9)} ${drawn(10)}`),
    vaultPassphrases: Array.from({ length: 5 }, passphrase),
    newPassphrases: Array.from({ length: 6 }, passphrase),
    dice: drawnDice(130),
  };
}

function passphrase(): string {
  return `${drawn(10)} ${drawn(10)} ${drawn(10)}`;
}

export function drawn(length: number): string {
  return Array.from(randomBytes(length), (byte) => 'abcdefghjkmnpqrstuvwxyz23456789'.charAt(byte % 31)).join('');
}

export function drawnDice(count: number): string {
  return Array.from({ length: count }, () => randomInt(1, 7)).join('');
}
