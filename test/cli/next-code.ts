import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as until } from 'node:timers/promises';
import { type TOTP, URI } from 'otpauth';

const PERIOD_MS = 30_000;
/** The code of the turn before is typed while it has so much of its time left at least. */
const LEFT_MS = 20_000;

/**
 * The next one-time code of the authenticator whose URI is in a file, as its owner types it: each counts once, the one before this one and the next are taken, and where all three are used up the
 * owner waits for the next turn. What was used stands beside the file.
 */
export async function nextCode(file: string): Promise<string> {
  const totp = URI.parse(readFileSync(file, 'utf8').trim()) as TOTP;
  const used = existsSync(`${file}.used`) ? Number(readFileSync(`${file}.used`, 'utf8')) : 0;
  const now = Date.now();
  const turn = Math.floor(now / PERIOD_MS);
  const oldest = PERIOD_MS - (now % PERIOD_MS) >= LEFT_MS ? turn - 1 : turn;
  const next = Math.max(used + 1, oldest);
  await until(Math.max((next - 1) * PERIOD_MS - now, 0));
  writeFileSync(`${file}.used`, String(next));
  return totp.generate({ timestamp: next * PERIOD_MS });
}

if (import.meta.main) process.stdout.write(`${await nextCode(process.argv[2] ?? '')}\n`);
