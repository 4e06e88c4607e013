import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CHROMIUM_ORIGINS } from '../../core/contract/origins.ts';
import { openApplication, expect, test } from './application.ts';
import { answers, begin, checkMachine, expectStep, takeRoles } from './walk.ts';

test('nothing of the page reaches a network, and nothing is evaluated', async ({ place }) => {
  let reached = 0;
  const server = createServer((_request, response) => {
    reached += 1;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const application = await openApplication(place.data);
  try {
    const outcome = await application.page.evaluate(async (address) => {
      const attempt = async (work: () => unknown) => {
        try {
          await work();
          return 'done';
        } catch {
          return 'refused';
        }
      };
      const image = new Image();
      image.src = `http://${address}/image`;
      return {
        fetch: await attempt(() => fetch(`http://${address}/fetch`)),
        socket: await attempt(
          () =>
            new Promise((resolve, reject) => {
              const socket = new WebSocket(`ws://${address}/socket`);
              socket.onopen = resolve;
              socket.onerror = reject;
            }),
        ),
        eval: await attempt(() => (0, eval)('1')),
        html: await attempt(() => {
          document.createElement('div').innerHTML = '<b>x</b>';
        }),
        opened: window.open(`http://${address}/window`) === null ? 'refused' : 'opened',
      };
    }, `127.0.0.1:${port}`);
    expect(outcome).toMatchObject({ fetch: 'refused', socket: 'refused', html: 'refused' });
    await application.page.goto(`http://127.0.0.1:${port}/page`).catch(() => undefined);
    expect(reached).toBe(0);
  } finally {
    await application.close();
    server.close();
  }
});

test('secrets are typed in a process of their own, which ends after entry', async ({ place }) => {
  const { page, close } = await openApplication(place.data);
  try {
    await begin(page, place.out);
    await takeRoles(page);
    await checkMachine(page);
    await expectStep(page, 'Open the token');
    const session = await page.context().newCDPSession(page);
    // A frame that has a process of its own is a target of its own.
    const frames = async () => {
      const { targetInfos } = await session.send('Target.getTargets');
      return targetInfos.filter(({ type, url }) => type === 'iframe' && url.startsWith(CHROMIUM_ORIGINS.entry)).length;
    };
    expect(await frames()).toBe(0);
    await page.getByRole('button', { name: 'Mira Lindqvist types now' }).click();
    const frame = page.frameLocator('iframe');
    await frame.getByLabel('PIN of the token', { exact: true }).fill(answers.pin ?? '');
    expect(await frames()).toBe(1);
    await frame.getByLabel('PIN of the token, again').fill(answers.pin ?? '');
    await frame.getByRole('button', { name: 'Give it' }).click();
    await expect(page.locator('iframe')).toHaveCount(0);
    await expect.poll(frames).toBe(0);
    // Not a character of it has come to the window.
    expect(await page.content()).not.toContain(answers.pin);
  } finally {
    await close();
  }
});

test('a passphrase that is too short, or typed differently twice, is refused where it is typed', async ({ place }) => {
  const { page, close } = await openApplication(place.data);
  try {
    await begin(page, place.out);
    await takeRoles(page);
    await checkMachine(page);
    await page.getByRole('button', { name: 'Mira Lindqvist types now' }).click();
    const frame = page.frameLocator('iframe');
    const first = frame.getByLabel('PIN of the token', { exact: true });
    const second = frame.getByLabel('PIN of the token, again');
    await first.fill('abc');
    await second.fill('abc');
    await frame.getByRole('button', { name: 'Give it' }).click();
    await expect(frame.getByRole('alert')).not.toBeEmpty();
    await first.fill('one two three');
    await second.fill('one two four');
    await frame.getByRole('button', { name: 'Give it' }).click();
    await expect(frame.getByRole('alert')).not.toBeEmpty();
    await expect(page.locator('iframe')).toHaveCount(1);
  } finally {
    await close();
  }
});
