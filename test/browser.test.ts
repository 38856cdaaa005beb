import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detectFaces } from '../src/faces/finder.node.js';
import type { Face } from '../src/faces/face.js';
import { HAS_BROWSER, launchBrowser } from './support/chromium.js';
import { Explainer } from '../src/explain/explainer.js';
import { explanationModel } from '../src/explain/explanation-model.js';
import { baselineLayers } from '../src/models/baseline.js';
import type { NetworkDefinition } from '../src/nn/network.js';
import { parameterSpecs } from '../src/nn/network.js';
import { Session } from '../src/runtime/session.node.js';
import { randomTensor } from './support/numeric.js';
import { pictureOf, PORTRAIT } from './support/portrait.js';

const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };

/** Of the report's network, small and with random weights. */
const network: NetworkDefinition = {
  name: 'small',
  layers: (classes) => baselineLayers({ filters: [4, 6, 8], units: [8, 8] }, classes),
};
const weights = new Map(
  parameterSpecs(network, { imageSize: 40, classes: 3 }).map(({ name, shape }, key) => {
    const tensor = randomTensor(shape, key, name.endsWith('variance') ? 0.5 : -0.4, 0.8);
    return [name, tensor] as const;
  }),
);
const explainer = explanationModel({ network, weights, imageSize: 40, classes: ['a', 'b', 'c'], method: 'grad-cam++' });

let folder: string;
let server: Server;
let browser: Browser;
let page: Page;

/** Serves the bundled page, the networks, and the pixels of a picture. */
async function serve(pixels: Uint8Array, explainer: Uint8Array): Promise<Server> {
  const models = fileURLToPath(new URL('../models/faces/', import.meta.url));
  const contentOf = async (name: string): Promise<Uint8Array> => {
    if (name === 'pixels') return pixels;
    if (name === 'explainer.onnx') return explainer;
    if (name === '') return Buffer.from('<!doctype html><script type="module" src="/page.js"></script>');
    return await readFile(join(extname(name) === '.onnx' ? models : folder, name));
  };
  const started = createServer((request, response) => {
    const name = basename(request.url ?? '');
    contentOf(name).then(
      (content) => {
        // Threads need a page that is isolated from others.
        response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
        response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
        response.setHeader('Content-Type', TYPES[extname(name) || '.html'] ?? 'application/octet-stream');
        response.end(content);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return started;
}

async function bundle(outDir: string): Promise<void> {
  const entry = fileURLToPath(new URL('support/faces-page.ts', import.meta.url));
  await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      outDir,
      emptyOutDir: false,
      assetsDir: '',
      minify: false,
      target: 'esnext',
      rollupOptions: { input: entry, output: { entryFileNames: 'page.js', assetFileNames: '[name][extname]' } },
    },
  });
}

describe.skipIf(!HAS_BROWSER)('in a browser', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ageband-page-'));
    await bundle(folder);
    const { data } = await pictureOf(sharp(PORTRAIT));
    server = await serve(data, explainer.bytes);
    browser = await launchBrowser();
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction('typeof findFaces === "function"');
  });
  afterAll(async () => {
    await browser.close();
    server.close();
    await rm(folder, { recursive: true });
  });

  it('the same faces are found as in Node', async () => {
    const picture = await pictureOf(sharp(PORTRAIT));
    const [expected] = await detectFaces(picture);
    const found = await page.evaluate<Face[]>(`findFaces(${picture.width}, ${picture.height})`);
    expect(found).toHaveLength(1);
    const ways = found[0]!.points.map(({ x, y }, index) => {
      const other = expected!.points[index]!;
      return Math.hypot(x - other.x, y - other.y);
    });
    expect(Math.max(...ways)).toBeLessThan(0.01);
    expect(found[0]!.score).toBeCloseTo(expected!.score, 4);
    expect(found[0]!.quality.sharpness).toBeCloseTo(expected!.quality.sharpness, 3);
  });

  it('a picture is explained as in Node', async () => {
    const image = [...randomTensor([3, 40, 40], 50, 0, 1).data];
    const inNode = new Explainer(await Session.create(explainer.bytes, { threads: 1 }), explainer.description);
    const expected = await inNode.explain(Float32Array.from(image), 1);
    await inNode.dispose();
    const found = await page.evaluate<{ map: number[]; probabilities: number[] }>(`explain(${JSON.stringify(image)}, 1)`);
    const largest = Math.max(...expected.map.values);
    expect(largest).toBeGreaterThan(0);
    expect(found.map).toHaveLength(expected.map.values.length);
    found.map.forEach((value, index) => expect(value / largest).toBeCloseTo(expected.map.values[index]! / largest, 4));
    found.probabilities.forEach((value, index) => expect(value).toBeCloseTo(expected.probabilities[index]!, 5));
  });
});
