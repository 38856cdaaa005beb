import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** What the page is made of beside our own code, with the fonts. */
const PACKAGES = [
  ...['preact', 'onnxruntime-web', 'onnxruntime-common', 'onnx-buf', '@bufbuild/protobuf', 'zod'],
  ...['d3-scale-chromatic', 'd3-interpolate', 'd3-color', '@expo-google-fonts/atkinson-hyperlegible'],
];

/** Their licences, which go where they go. */
const licences: Plugin = {
  name: 'licences',
  generateBundle() {
    const source = PACKAGES.map((name) => {
      const folder = join(import.meta.dirname, '../node_modules', name);
      const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
      const files = readdirSync(folder).filter((file) => /^licen[cs]e/i.test(file));
      return [`${name} ${version!}, licence ${license!}`, ...files.map((file) => readFileSync(join(folder, file), 'utf8'))].join('\n\n');
    });
    this.emitFile({ type: 'asset', fileName: 'licences.txt', source: `${source.join('\n\n---\n\n')}\n` });
  },
};

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [houseStyle, licences],
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
