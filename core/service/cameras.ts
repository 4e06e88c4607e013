import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Where Linux tells of cameras (Video4Linux). The window may ask for them only while a scan is open, and so asks here. */
const V4L = '/sys/class/video4linux';

/** Names of the cameras of this machine, as a browser's labels begin. None where the system has no such folder. */
export async function listCameras(folder = V4L): Promise<string[]> {
  const devices = await readdir(folder).catch(() => []);
  const names = await Promise.all(
    devices.sort().map(async (device) => {
      const read = (file: string) => readFile(join(folder, device, file), 'utf8').catch(() => '');
      // A camera has more nodes than one: the first gives pictures, the others what goes with them.
      const first = (await read('index')).trim() === '0';
      return first ? (await read('name')).trim() : '';
    }),
  );
  return [...new Set(names.filter((name) => name !== ''))];
}
