import pRetry from 'p-retry';
import type { After } from '../contract/rotation-plan.ts';
import { findProgram, runProgram } from './program.ts';

/** Exponential backoff with jitter: some ten seconds in all. */
const RETRY = { retries: 4, factor: 2, minTimeout: 500, maxTimeout: 5000, randomize: true };
/** One try (milliseconds, seconds). */
const WEBHOOK_MS = 10_000;
const PROGRAM_SECONDS = 60;

/** That a secret has a new version, and never its value. `rotation`: the same for each try, by which a second one is known. */
export type News = { event: 'rotated'; rotation: string; secret: string; version: number; at: string };

/** Tells, and tries again. Throws where nobody took it. */
export async function sendNews(after: After, news: News, programs: string): Promise<void> {
  const body = new TextEncoder().encode(JSON.stringify(news));
  const path = 'program' in after ? findProgram(programs, after.program) : '';
  await pRetry(() => ('webhook' in after ? post(after, body) : run(path, body, news)), RETRY);
}

async function run(path: string, body: Uint8Array, { secret }: News): Promise<void> {
  const failed = await runProgram(path, ['rotated', secret], body, PROGRAM_SECONDS);
  if (failed !== null) throw new Error(failed);
}

/** Taken is what answers 2xx; where else it may lie is not asked (no redirects). */
async function post({ webhook, ca }: Extract<After, { webhook: string }>, body: Uint8Array): Promise<void> {
  const url = new URL(webhook);
  const options = { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': body.length } };
  // Node's own HTTP is read where something is told, and by no start.
  const [{ request: requestPlain }, { request: requestTls }] = await Promise.all([
    import('node:http'),
    import('node:https'),
  ]);
  const asked =
    url.protocol === 'https:'
      ? requestTls(url, { ...options, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) })
      : requestPlain(url, options);
  await new Promise<void>((done, fail) => {
    // The whole of it, however slowly it comes.
    const late = setTimeout(() => asked.destroy(new Error('late')), WEBHOOK_MS);
    asked.once('close', () => {
      clearTimeout(late);
    });
    asked.once('error', fail);
    asked.once('response', (answer) => {
      answer.resume();
      const status = answer.statusCode ?? 0;
      if (status >= 200 && status < 300) done();
      else fail(new Error(`status ${status}`));
    });
    asked.end(body);
  });
}
