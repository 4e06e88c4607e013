import type { Origins } from '../core/contract/origins.ts';

/** The window; the frame where a PIN or passphrase is typed; the frame where a share is shown. */
export type PageName = 'app' | 'entry' | 'share';

/**
 * What a page may do, said by the shell with every answer: nothing but its own files and its own calls. No inline
 * script or style, no eval (Trusted Types without a policy), no other origin, no device but the camera in a frame where a share is shown.
 */
export function securityHeaders(page: PageName, origins: Origins): Record<string, string> {
  const policy = [
    "default-src 'none'",
    // The reader of QR codes is WebAssembly, which a browser compiles under this word only. It allows no script to be evaluated.
    page === 'share' ? "script-src 'self' 'wasm-unsafe-eval'" : "script-src 'self'",
    "style-src 'self'",
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
    'permissions-policy': `camera=(${camera}), microphone=(), geolocation=(), usb=(), serial=(), hid=(), clipboard-read=()`,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': page === 'app' ? 'same-origin' : 'cross-origin',
    'cache-control': 'no-store',
  };
}
