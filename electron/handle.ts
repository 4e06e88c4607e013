import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { CommandInput } from '../core/contract/commands.ts';
import { type Outcome, Refusal } from '../core/contract/errors.ts';
import { NONCE_PLACE, type Origins } from '../core/contract/origins.ts';
import { wipe } from '../core/process/guarded.ts';
import { SECRET_LIMIT } from '../core/process/secret-channel.ts';
import type { CoreProcess } from '../core/service/client.ts';
import { SHOWN } from '../core/service/shown.ts';
import type { CameraGate } from './camera.ts';
import { type PageName, securityHeaders } from './headers.ts';
import { callVault } from './vault-entry.ts';
import { MADE_LIMIT, showOfVault } from './vault-shown.ts';

/** No call from the window is larger (bytes). */
const CALL_LIMIT = 256 * 1024;
/** Nor does it call more often; people do not, and a page that has gone wrong is held off (calls a second, of each origin). */
const RATE_LIMIT = 100;

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.wasm': 'application/wasm',
};

export type Handle = (request: Request) => Promise<Response>;

type Parts = { core: CoreProcess; files: string; origins: Origins; camera: CameraGate };

/** Where each page is served; the assets belong to all of them. */
const FRONTS: Record<PageName, string> = { app: '/index.html', entry: '/entry.html', share: '/share.html' };

/**
 * The shell: one function from request to response. The window's origin serves the built renderer from `files` and
 * relays `POST /rpc` and the long poll `POST /events` to core; the entry origin serves the pages of its frames and takes one
 * secret or share a `POST /secret`, or one for the vault a `POST /vault`, as bytes, which go down the secret channel and never into JSON; what is shown once comes back by `POST /vault/show`. It opens the
 * camera by `POST /camera/open` and closes it by `/camera/close`.
 */
export function createHandle({ core, files, origins, camera }: Parts): Handle {
  const rate = new RateLimiterMemory({ points: RATE_LIMIT, duration: 1 });
  return async (request) => {
    const url = new URL(request.url);
    const origin = `${url.protocol}//${url.host}`;
    const site = origin === origins.app ? 'app' : origin === origins.entry ? 'entry' : null;
    if (site === null) return new Response(null, { status: 404 });
    const page: PageName = site === 'entry' && url.pathname === FRONTS.share ? 'share' : site;
    const nonce = randomBytes(16).toString('base64');
    const headers = securityHeaders(page, origins, nonce);
    if (request.method === 'GET') {
      if (site === 'entry' && url.pathname === FRONTS[page]) await camera.set(false);
      return serveFile(files, url.pathname, page, headers, nonce);
    }
    if (request.method !== 'POST' || !isOwn(request, origin)) return new Response(null, { status: 405, headers });
    if (await isTooMany(rate, origin)) {
      return refusal(headers, new Refusal('CALLS_TOO_MANY', { limit: String(RATE_LIMIT) }));
    }
    const route = `${site} ${url.pathname}`;
    if (route === 'app /rpc') return relay(core, request, headers);
    if (route === 'app /events') return relayEvents(core, request, headers);
    if (route === 'entry /secret' || route === 'entry /vault') {
      const take = route === 'entry /vault' ? callVault : provide;
      return takeSecret(request, headers, (typed) => take(core, url.searchParams, typed));
    }
    if (route === 'entry /vault/show') {
      return takeSecret(request, headers, (typed) => showOfVault(core, url.searchParams, typed), MADE_LIMIT);
    }
    if (route === 'entry /camera/open' || route === 'entry /camera/close') {
      await camera.set(route.endsWith('open'));
      return new Response(null, { status: 204, headers });
    }
    return new Response(null, { status: 404, headers });
  };
}

/** A browser names the origin of a POST; another one than our own has no business here. */
function isOwn(request: Request, origin: string): boolean {
  const named = request.headers.get('origin');
  return named === null || named === origin;
}

async function isTooMany(rate: RateLimiterMemory, origin: string): Promise<boolean> {
  try {
    await rate.consume(origin);
    return false;
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return true;
    throw refused;
  }
}

async function serveFile(
  files: string,
  pathname: string,
  page: PageName,
  headers: Record<string, string>,
  nonce: string,
): Promise<Response> {
  const front = FRONTS[page];
  // Built files have plain names: whatever is encoded in a path is not one of them.
  const path = normalize(pathname === '/' ? front : pathname);
  const type = TYPES[extname(path)];
  // Each origin shows its own pages; both share the assets.
  const allowed = path === front || path.startsWith(`${sep}assets${sep}`);
  if (type === undefined || !allowed) return new Response(null, { status: 404, headers });
  try {
    const bytes = await readFile(join(files, path));
    const body = path === front ? bytes.toString('utf8').replaceAll(NONCE_PLACE, nonce) : bytes;
    return new Response(body, { headers: { ...headers, 'content-type': type } });
  } catch {
    return new Response(null, { status: 404, headers });
  }
}

async function relay(core: CoreProcess, request: Request, headers: Record<string, string>): Promise<Response> {
  const body = await jsonOf(request);
  if (typeof body !== 'object' || body === null || !('command' in body) || typeof body.command !== 'string') {
    return refusal(headers, new Refusal('INPUT_INVALID', { detail: 'not a call' }));
  }
  // What the shell asks core for besides commands is not the window's.
  if (body.command === SHOWN) return refusal(headers, new Refusal('COMMAND_UNKNOWN', { command: SHOWN }));
  // Core checks command and input against the contract; the shell only carries them.
  const outcome = await core.call(
    body.command as 'app.info',
    ('input' in body ? body.input : {}) as Record<string, never>,
  );
  return json(headers, outcome);
}

async function relayEvents(core: CoreProcess, request: Request, headers: Record<string, string>): Promise<Response> {
  const body = await jsonOf(request);
  return json(headers, await core.call('app.changes', body as { after: number }));
}

/** `take` is given what was typed, which is wiped here, and so are bytes that it answers: they are shown once, and are no JSON. */
async function takeSecret(
  request: Request,
  headers: Record<string, string>,
  take: (typed: Uint8Array) => Promise<Outcome<unknown>>,
  limit = SECRET_LIMIT,
): Promise<Response> {
  const secret = new Uint8Array(await request.arrayBuffer());
  try {
    if (secret.length === 0 || secret.length > limit) {
      return refusal(headers, new Refusal('INPUT_INVALID', { detail: 'nothing was typed, or too much' }));
    }
    const outcome = await take(secret);
    if (!outcome.ok || !(outcome.value instanceof Uint8Array)) return json(headers, outcome);
    const body = Uint8Array.from(outcome.value);
    wipe(outcome.value);
    return new Response(body, { headers: { ...headers, 'content-type': 'application/octet-stream' } });
  } catch (error) {
    if (error instanceof Refusal) return refusal(headers, error);
    throw error;
  } finally {
    wipe(secret);
  }
}

/** To the ask of a ceremony, or to the token whose PIN it is. */
async function provide(core: CoreProcess, query: URLSearchParams, secret: Uint8Array): Promise<Outcome<unknown>> {
  const ticket = await core.sendSecret(secret);
  const token = tokenOf(query);
  if (token !== null) {
    const lastTryWith = query.get('lastTryWith');
    return core.call('token.show', { token, pin: ticket, ...(lastTryWith === null ? {} : { lastTryWith }) });
  }
  const ask = { ceremony: query.get('ceremony') ?? '', step: query.get('step') ?? '', ask: query.get('ask') ?? '' };
  const outcome = await core.call('ceremony.provide', { ...ask, ticket });
  return outcome.ok ? { ok: true, value: null } : outcome;
}

/** The token whose PIN is typed outside a ceremony; null where an ask of one is answered. */
function tokenOf(query: URLSearchParams): CommandInput<'token.show'>['token'] | null {
  const training = query.get('training');
  return training === null ? query.get('token') : { training };
}

async function jsonOf(request: Request): Promise<unknown> {
  const body = await request.arrayBuffer();
  if (body.byteLength > CALL_LIMIT) return null;
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown;
  } catch {
    return null;
  }
}

function json(headers: Record<string, string>, value: unknown): Response {
  return new Response(JSON.stringify(value), { headers: { ...headers, 'content-type': 'application/json' } });
}

function refusal(headers: Record<string, string>, error: Refusal): Response {
  return json(headers, { ok: false, error: error.value });
}
