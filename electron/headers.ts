import type { Origins } from '../core/contract/origins.ts';

/**
 * What a page may do, said by the shell with every answer: nothing but its own files and its own calls. No script or style but
 * those that carry the answer's nonce (CSP 3, 6.7.3.2), no eval (Trusted Types without a policy), no other origin, no device.
 * `nonce`: drawn anew for each answer.
 */
export function securityHeaders(page: 'app' | 'entry', origins: Origins, nonce: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
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
  return {
    'content-security-policy': policy.join('; '),
    'permissions-policy':
      'camera=(), microphone=(), display-capture=(), geolocation=(), usb=(), serial=(), hid=(), bluetooth=(), midi=(), clipboard-read=(), clipboard-write=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': page === 'app' ? 'same-origin' : 'cross-origin',
    'cache-control': 'no-store',
  };
}
