import { once } from 'node:events';
import { type RequestListener, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type News, sendNews } from '../../core/rotators/news.ts';

const NEWS: News = {
  ...{ event: 'rotated', rotation: '7d444840-9dc0-41d1-b245-5ffdce74fad2', secret: 'billing/production/db/main' },
  ...{ version: 2, at: '2026-11-22T12:00:00.000Z' },
};

/** A server that answers each request by its turn, and what it was sent. */
async function listening(statuses: number[]): Promise<{ url: string; taken: string[] }> {
  const taken: string[] = [];
  const answer: RequestListener = (request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      taken.push(`${request.method ?? ''} ${request.url ?? ''} ${text}`);
      response.writeHead(statuses[taken.length - 1] ?? 200, { location: '/elsewhere' }).end();
    });
  };
  const server = createServer(answer);
  onTestFinished(() => {
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, taken };
}

test('a webhook is told of the version and not of the value, again where it did not take it, and never sent on', async () => {
  const { url, taken } = await listening([500, 302, 204]);
  await sendNews({ webhook: url }, NEWS, '');
  const told = `POST /hook ${JSON.stringify(NEWS)}`;
  expect(taken).toEqual([told, told, told]);
});
