import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { NONCE_PLACE } from '../core/contract/origins.ts';

/** Two pages: the window, and the entry frame that is served on an origin of its own. Nothing inline: the CSP forbids it. */
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
    rolldownOptions: {
      input: { index: `${import.meta.dirname}/index.html`, entry: `${import.meta.dirname}/entry.html` },
    },
  },
});
