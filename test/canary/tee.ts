import { appendFileSync } from 'node:fs';
import { type Server, type Socket, connect, createServer } from 'node:net';

/** Stands between a client and a server on Unix sockets, and keeps what goes over in each direction in a file: `PATH-to`, `PATH-from`. */
export async function tee(socket: string, server: string, path: string): Promise<{ close: () => void }> {
  const open = new Set<Socket>();
  const keeping = (from: Socket, to: Socket, name: string) => {
    open.add(from);
    from.on('data', (chunk) => {
      appendFileSync(`${path}-${name}`, chunk);
      to.write(chunk);
    });
    // Whichever ends ends both.
    from.on('error', () => to.destroy());
    from.on('close', () => {
      open.delete(from);
      to.destroy();
    });
    from.on('end', () => to.end());
  };
  const listening: Server = createServer((client) => {
    const there = connect(server);
    keeping(client, there, 'to');
    keeping(there, client, 'from');
  });
  await new Promise<void>((ready) => listening.listen(socket, ready));
  return {
    close() {
      for (const one of open) one.destroy();
      listening.close();
    },
  };
}
