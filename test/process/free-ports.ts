import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that Linux gives out by itself, for a connection out as for port 0. */
const FIRST = 12_000;
const SLOTS = 5000;
const PER_PROCESS = 4;

/**
 * The first of `count` ports in a row on 127.0.0.1 for a program that cannot choose one itself. Each process of the tests has others, so nobody takes one between this look and
 * the program's start.
 */
export async function freePorts(count: number): Promise<number> {
  for (let slot = process.pid; ; slot += 1) {
    const first = FIRST + (slot % SLOTS) * PER_PROCESS;
    const ports = Array.from({ length: count }, (_, index) => first + index);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const listens = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.close();
  if (listens) await once(server, 'close');
  return listens;
}
