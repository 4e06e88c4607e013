import { randomFillSync } from 'node:crypto';
import { Refusal } from '../../contract/errors.ts';
import { guarded, wipe } from '../../process/guarded.ts';
import type { Progress } from '../../shares/progress.ts';
import { type SplitMasterKey, splitMasterKey } from '../../shares/split.ts';
import type { KeyRecord, Token } from '../token.ts';
import { SOURCE_BYTES, checkDice, deriveMasterKey, drawChecked } from './entropy.ts';

export type MadeMasterKey = SplitMasterKey & { key: KeyRecord; entropySources: string[] };

/**
 * Makes the master key, splits it, and imports it into the token; it exists in the clear only in here. The shares come
 * out encrypted. If anything is refused on the way, the token holds no master key and nothing of it remains.
 * The caller wipes the passphrases (UTF-8, one a share) and the dice rolls (ASCII digits).
 * KEY_EXISTS, DICE_INVALID, ENTROPY_STUCK, PASSPHRASE_REPEATED, and the token's refusals.
 */
export async function makeMasterKey(
  token: Token,
  input: {
    label: string;
    masterKeyId: string;
    ceremony: string;
    threshold: number;
    shareCount: number;
    epoch: number;
    passphrases: Uint8Array[];
    scryptLog2N: number;
    dice: Uint8Array | null;
    progress?: Progress;
  },
): Promise<MadeMasterKey> {
  const { label, dice, ...split } = input;
  if (token.inventory().some((key) => key.label === label)) throw new Refusal('KEY_EXISTS', { label });
  const masterKey = guarded(32);
  try {
    const sources = drawMasterKey(token, dice, masterKey);
    const shared = await splitMasterKey({ masterKey, ...split });
    // Imported last: until every subset is checked there is nothing on the token to undo.
    const key = token.importMasterKey(label, masterKey);
    return { key, ...shared, entropySources: sources };
  } finally {
    wipe(masterKey);
  }
}

/** Draws and checks every source, mixes them, and answers their names. ENTROPY_STUCK, DICE_INVALID. */
function drawMasterKey(token: Token, dice: Uint8Array | null, into: Uint8Array): string[] {
  const fromToken = guarded(SOURCE_BYTES);
  const fromSystem = guarded(SOURCE_BYTES);
  try {
    const rolls = dice && checkDice(dice);
    drawChecked(
      'token',
      (bytes) => {
        token.random(bytes);
      },
      fromToken,
    );
    drawChecked('operating system', (bytes) => randomFillSync(bytes), fromSystem);
    deriveMasterKey(dice ? [fromToken, fromSystem, dice] : [fromToken, fromSystem], into);
    return [...generators(token), ...(rolls === null ? [] : [`${rolls} dice rolls`])];
  } finally {
    wipe(fromToken, fromSystem);
  }
}

function generators(token: Token): string[] {
  const { kind, manufacturer, model } = token.info();
  // A software token has no generator of its own, and nobody should read that it had.
  return kind === 'pkcs11' ? [`${manufacturer} ${model}`, 'operating system'] : ['operating system'];
}
