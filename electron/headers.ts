import type { Origins } from '../core/contract/origins.ts';

/**
 * What a page may do, said by the shell with every answer: nothing but its own files and its own calls. No inline
 * script or style, no eval (Trusted Types without a policy), no other origin, no device.
 */
export function securityHeaders(page: 'app' | 'entry', origins: Origins): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
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
  return {
    'content-security-policy': policy.join('; '),
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), clipboard-read=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': page === 'app' ? 'same-origin' : 'cross-origin',
    'cache-control': 'no-store',
  };
}
