/**
 * A process that splits and recovers as a token process does, for memory.test.ts to look into. Standard input, once:
 * a mask of 32 bytes, the master key under the mask, then 8 passphrases of 32 bytes under it. It answers manifest and
 * texts as a line of JSON and waits. Its argument: how many bytes of V8's nursery are left when the split begins. `canary` stays in its memory under no mask: what the search must find.
 */
import { readSync } from 'node:fs';
import { getHeapSpaceStatistics } from 'node:v8';
import { guarded, wipe } from '../../core/process/guarded.ts';
import { recoverMasterKey } from '../../core/shares/recover.ts';
import { splitMasterKey } from '../../core/shares/split.ts';

const input = Buffer.alloc(32 * 11);
for (let filled = 0; filled < input.length;) filled += readSync(0, input, filled, input.length - filled, null);

/** The n-th 32 bytes behind the mask, unmasked. */
function unmasked(position: number): Uint8Array {
  const secret = guarded(32);
  for (let index = 0; index < 32; index++) {
    secret[index] = (input[32 * (position + 1) + index] ?? 0) ^ (input[index] ?? 0);
  }
  return secret;
}

/** Allocates until V8's nursery has no more than so many bytes left: then it is collected, and what lives in it copied, in the midst of the work. */
function fillNursery(left: number): void {
  const available = () =>
    getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_available_size ?? 0;
  while (available() > left) Array.from({ length: 8 }, () => ({}));
}

const masterKey = unmasked(0);
const passphrases = [1, 2, 3, 4, 5, 6, 7, 8].map(unmasked);
const canary = unmasked(9);
fillNursery(Number(process.argv[2]));
const { manifest, shares } = await splitMasterKey({
  masterKey,
  masterKeyId: '0'.repeat(32),
  ceremony: 'memory',
  threshold: 8,
  shareCount: 8,
  epoch: 0,
  passphrases,
  scryptLog2N: 10,
});
wipe(masterKey);
const given = shares.map(({ text }, index) => ({ text, passphrase: passphrases[index] ?? new Uint8Array() }));
const into = guarded(32);
await recoverMasterKey({ manifest, shares: given, into });
wipe(into, ...passphrases);
process.stdout.write(`${JSON.stringify({ manifest, shares })}\n`);
// Whoever waits for the end holds the canary: what nobody holds any more may be collected before the search.
process.stdin.on('end', () => {
  wipe(canary);
});
process.stdin.resume();
