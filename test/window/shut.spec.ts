import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright/test';
import { CHROMIUM_ORIGINS } from '../../core/contract/origins.ts';
import { type Application, expect, openApplication, test as base } from './application.ts';

/** What a page of Claviger cannot do, tried from within the page, in real Chromium: what a script that got in would try. */
const test = base.extend<{ shut: Application }>({
  shut: async ({ place }, use) => {
    const application = await openApplication(place.data);
    await use(application);
    await application.close();
  },
});

const here = (page: Page) => expect(page.getByRole('heading', { level: 1, name: 'Ceremonies' })).toBeVisible();

test('a script or a style without the nonce of the page does nothing', async ({ shut: { page } }) => {
  await here(page);
  const outcome = await page.evaluate(async () => {
    const violated = new Promise<string>((resolve) => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
        resolve(effectiveDirective);
      });
    });
    const style = document.createElement('style');
    style.textContent = 'body { display: none }';
    document.head.append(style);
    const script = document.createElement('script');
    const refused = (work: () => unknown) => {
      try {
        work();
        return false;
      } catch {
        return true;
      }
    };
    return {
      violated: await violated,
      hidden: getComputedStyle(document.body).display === 'none',
      scriptText: refused(() => (script.textContent = 'document.title = "in"')),
      scriptAddress: refused(() => (script.src = '/assets/in.js')),
      policy: refused(() =>
        (
          globalThis as unknown as { trustedTypes: { createPolicy: (name: string, rules: object) => unknown } }
        ).trustedTypes.createPolicy('in', {}),
      ),
      evaluated: refused(() => (0, eval)('1')),
    };
  });
  expect(outcome).toEqual({
    violated: 'style-src-elem',
    hidden: false,
    scriptText: true,
    scriptAddress: true,
    policy: true,
    evaluated: true,
  });
});

test('the page cannot be led elsewhere', async ({ shut: { page } }) => {
  await here(page);
  for (const address of [
    'https://example.org/',
    `${CHROMIUM_ORIGINS.entry}/entry.html`,
    'about:blank',
    'data:text/html,x',
  ]) {
    await page.evaluate((to) => {
      location.href = to;
    }, address);
    await page.waitForURL(`${CHROMIUM_ORIGINS.app}/`);
    await here(page);
  }
});

test('no second window opens', async ({ shut: { page } }) => {
  await here(page);
  await page.evaluate((entry) => {
    window.open('about:blank');
    window.open(`${entry}/entry.html`);
  }, CHROMIUM_ORIGINS.entry);
  await expect.poll(() => page.context().pages().length).toBe(1);
  await here(page);
});

test('no device and nothing personal is given, though a person were to agree', async ({ shut: { page } }) => {
  await here(page);
  const outcome = await page.evaluate(async () => {
    const refused = (asked: Promise<unknown>) => asked.then(() => 'given').catch(() => 'refused');
    const query = (name: string) =>
      navigator.permissions.query({ name: name as PermissionName }).then(
        ({ state }) => state,
        () => 'denied',
      );
    return {
      camera: await refused(navigator.mediaDevices.getUserMedia({ video: true })),
      microphone: await refused(navigator.mediaDevices.getUserMedia({ audio: true })),
      screen: await refused(navigator.mediaDevices.getDisplayMedia()),
      position: await refused(
        new Promise((resolve, reject) => {
          navigator.geolocation.getCurrentPosition(resolve, reject);
        }),
      ),
      clipboard: await refused(navigator.clipboard.readText()),
      notifications: await query('notifications'),
    };
  });
  expect(outcome).toEqual({
    camera: 'refused',
    microphone: 'refused',
    screen: 'refused',
    position: 'refused',
    clipboard: 'refused',
    notifications: 'denied',
  });
});

test('nothing is downloaded', async ({ shut: { page } }) => {
  await here(page);
  const asked = page.waitForEvent('download');
  await page.evaluate(() => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob(['x']));
    link.download = 'x.txt';
    link.click();
  });
  // Denied by the browser: there is no file to look for.
  expect(await (await asked).failure()).not.toBeNull();
});

test('developer tools close as soon as they open', async ({ shut: { page } }) => {
  await here(page);
  const session = await page.context().browser()?.newBrowserCDPSession();
  if (!session) throw new Error('no session');
  const opened = async () => {
    const { targetInfos } = await session.send('Target.getTargets', { filter: [{}] });
    return targetInfos.filter(({ url }) => url.startsWith('devtools:')).length;
  };
  const { targetInfos } = await session.send('Target.getTargets');
  const own = targetInfos.find(({ url }) => url.startsWith(CHROMIUM_ORIGINS.app));
  const made = new Promise<void>((resolve) => {
    session.on('Target.targetCreated', ({ targetInfo }) => {
      if (targetInfo.url.startsWith('devtools:')) resolve();
    });
  });
  await session.send('Target.setDiscoverTargets', { discover: true });
  await session.send('Target.openDevTools' as 'Target.createTarget', { targetId: own?.targetId } as never);
  await made;
  await expect.poll(opened).toBe(0);
  await here(page);
});

test('a call that is too large is refused, and the next one is answered', async ({ shut: { page } }) => {
  await here(page);
  const calls = await page.evaluate(async () => {
    const call = async (input: object) => {
      const body = JSON.stringify({ command: 'ceremony.list', input });
      const response = await fetch('/rpc', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      return (await response.json()) as { ok: boolean; error?: { code: string } };
    };
    return { large: await call({ x: 'x'.repeat(300_000) }), extra: await call({ x: 1 }), plain: await call({}) };
  });
  expect(calls.large).toMatchObject({ ok: false, error: { code: 'INPUT_INVALID' } });
  expect(calls.extra).toMatchObject({ ok: false, error: { code: 'INPUT_INVALID' } });
  expect(calls.plain).toMatchObject({ ok: true });
});

test('the first view takes less than 250 kB of script, compressed', async ({ place }) => {
  const { page, close } = await openApplication(place.data);
  try {
    const scripts: Promise<Buffer>[] = [];
    page.on('response', (response) => {
      if (response.request().resourceType() === 'script') scripts.push(response.body());
    });
    await page.reload();
    await here(page);
    const sizes = (await Promise.all(scripts)).map((script) => gzipSync(script).length);
    expect(sizes.length).toBeGreaterThan(0);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(250_000);
  } finally {
    await close();
  }
});
