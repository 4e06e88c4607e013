import type { Origins } from '../core/contract/origins.ts';

/** The window; the frame where a PIN or passphrase is typed; the frame where a share is shown. */
export type PageName = 'app' | 'entry' | 'share';

/**
 * What a page may do, said by the shell with every answer: nothing but its own files and its own calls. No script or style but
 * those that carry the answer's nonce (CSP 3, 6.7.3.2), no eval (Trusted Types without a policy), no other origin, no device but the
 * camera in the frame where a share is shown.
 * `nonce`: drawn anew for each answer.
 */
export function securityHeaders(page: PageName, origins: Origins, nonce: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    // The reader of QR codes is WebAssembly, which a browser compiles under this word only. It lets no script be evaluated.
    page === 'share' ? `script-src 'nonce-${nonce}' 'wasm-unsafe-eval'` : `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "font-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    page === 'app' ? `frame-src ${origins.entry}` : "frame-src 'none'",
    page === 'app' ? "frame-ancestors 'none'" : `frame-ancestors ${origins.app}`,
    "form-action 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ];
  // A page can hand on only what it may do itself (Permissions Policy 9.7): so the window is named beside the frame. Nobody is
  // given the camera by this; the shell does that, while a scan is open.
  const camera = { app: `self "${origins.entry}"`, entry: '', share: 'self' }[page];
  return {
    'content-security-policy': policy.join('; '),
    'permissions-policy': `camera=(${camera}), microphone=(), display-capture=(), geolocation=(), usb=(), serial=(), hid=(), bluetooth=(), midi=(), clipboard-read=(), clipboard-write=()`,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': page === 'app' ? 'same-origin' : 'cross-origin',
    'cache-control': 'no-store',
  };
}
