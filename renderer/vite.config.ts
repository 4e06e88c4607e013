import react from '@vitejs/plugin-react';
import { type Plugin, defineConfig } from 'vite';
import { NONCE_PLACE } from '../core/contract/origins.ts';

/** Puts the script that asks core into the window's page, before all others. One named there would become part of the window's own. */
const askFirst: Plugin = {
  name: 'ask-first',
  transformIndexHtml: {
    order: 'post',
    handler(_, { filename, bundle = {} }) {
      const ask = Object.values(bundle).find((part) => part.type === 'chunk' && part.name === 'ask');
      if (!ask || !filename.endsWith('/index.html')) return;
      return [
        {
          tag: 'script',
          attrs: { type: 'module', async: true, crossorigin: true, src: `./${ask.fileName}` },
          injectTo: 'head-prepend',
        },
      ];
    },
  },
};

/** Three pages: the window, and those of the entry frame, which are served on an origin of their own. Nothing inline: the CSP forbids it. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  // The shell puts another one in its place with each answer.
  html: { cspNonce: NONCE_PLACE },
  plugins: [react(), askFirst],
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
      input: {
        ...Object.fromEntries(['index', 'entry', 'share'].map((page) => [page, `${import.meta.dirname}/${page}.html`])),
        ask: `${import.meta.dirname}/store/ask.ts`,
      },
    },
  },
});
