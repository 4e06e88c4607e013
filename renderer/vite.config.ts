import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { NONCE_PLACE } from '../core/contract/origins.ts';

/** Three pages: the window, and those of the entry frame, which are served on an origin of their own. Nothing inline: the CSP forbids it. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  // The shell puts another one in its place with each answer.
  html: { cspNonce: NONCE_PLACE },
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    sourcemap: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The word lists that a passphrase is measured by; they come after the page that asks for one.
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      checks: { bundlerTimings: false },
      input: Object.fromEntries(
        ['index', 'entry', 'share'].map((page) => [page, `${import.meta.dirname}/${page}.html`]),
      ),
    },
  },
});
