import { defaultClientConditions, defineConfig } from 'vite';
import type { Plugin } from 'vite';
import { HOUSE_STYLE } from '../src/reports/house-style.js';

const NAME = '/house-style.css';

/** The style of reports, which the page shares. */
const houseStyle: Plugin = {
  name: 'house-style',
  resolveId: (id) => (id === NAME ? NAME : undefined),
  load: (id) => (id === NAME ? HOUSE_STYLE : undefined),
};

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [houseStyle],
  logLevel: 'warn',
  // ONNX Runtime's own script starts threads from its own file; bundled, each thread would start the page's worker anew.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  worker: { format: 'es' },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
    rollupOptions: {
      // Comments in packages that Rollup cannot make use of.
      onwarn: (warning, warn) => warning.code === 'INVALID_ANNOTATION' || warn(warning),
    },
  },
});
