import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { REPOSITORY, SCRIPT } from '../shipped.ts';

export type Finished = { status: number | null; stdout: string; stderr: string };

/** Runs the command line as a user does, by its launcher. */
export async function claviger(
  words: string[],
  options: { env?: Record<string, string>; input?: string } = {},
): Promise<Finished> {
  const child = spawn(process.execPath, [join(REPOSITORY, 'core/cli/claviger.js'), ...words], {
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(options.input ?? '');
  const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  child.stdout.on('data', (chunk: Buffer) => chunks.stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.stderr.push(chunk));
  const status = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  const text = (parts: Buffer[]) => Buffer.concat(parts).toString();
  return { status, stdout: text(chunks.stdout), stderr: text(chunks.stderr) };
}

/** A folder that is removed when the test has finished. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'claviger-test-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** The shipped ceremony with cheap passphrases: everything else is byte for byte the same. */
export function cheapScript(
  folder: string,
  change: (text: string) => string = (text) => text,
  script = SCRIPT,
): string {
  const text = readFileSync(script, 'utf8');
  const cheap = text.replace('{ label: master-key-2026 }', '{ label: master-key-2026, scryptLog2N: 10 }');
  if (cheap === text) throw new Error('the shipped script no longer has the line that is made cheap');
  const path = join(folder, 'script.yaml');
  writeFileSync(path, change(cheap));
  return path;
}
