import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HAS_BROWSER, launchBrowser } from './support/chromium.js';
import { ageband, FACES } from './support/cli.js';

/** A training of a second or two on some of the cartoon faces. */
const QUICK = ['--image-size', '40', '--limit', '96', '--batch-size', '8', '--epochs', '2', '--optimiser', 'adamw'];

let folder: string;
let run: string;
let other: string;
let page: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ageband-report-'));
  run = join(folder, 'run');
  other = join(folder, 'other');
  page = join(run, 'report.html');
  for (const [out, seed] of [[run, '7'], [other, '7']] as const) {
    const rate = out === run ? '0.001' : '0.01';
    expect((await ageband('train', FACES, '--out', out, ...QUICK, '--seed', seed, '--learning-rate', rate)).code).toBe(0);
  }
  const { code, stdout, stderr } = await ageband('report', run);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n').slice(0, 2)).toEqual([page, join(run, 'report.md')]);
  expect(stdout).toContain('photos');
});
afterAll(() => rm(folder, { recursive: true }));

describe('ageband report', () => {
  it('writes a page and Markdown with the same figures, and the files that the Markdown shows', async () => {
    const [html, markdown] = await Promise.all([page, join(run, 'report.md')].map((file) => readFile(file, 'utf8')));
    const { stdout } = await ageband('evaluate', run, FACES, '--json', '--allow-leaks');
    const { accuracy } = JSON.parse(stdout) as { accuracy: number };
    const shown = `${(100 * accuracy).toFixed(1)} %`;
    expect(html).toContain(`<dd class="value">${shown}</dd>`);
    expect(markdown).toContain(`- Exact accuracy: **${shown}**`);
    const named = [...markdown!.matchAll(/\]\(<report-files\/([^>]+)>\)/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(5);
    expect((await readdir(join(run, 'report-files'))).sort()).toEqual([...new Set(named)].sort());
  });

  it('tells how to start the run again', async () => {
    const html = await readFile(page, 'utf8');
    const command = /<pre><code>(ageband train [^<]*)<\/code>/.exec(html)![1]!;
    for (const words of ['--image-size 40', '--limit 96', '--optimiser adamw', '--seed 7']) expect(command).toContain(words);
    expect(command).not.toContain('--momentum');
    expect(html).toContain('ONNX Runtime');
  });

  it('leaves photos out when asked, those of the report before too', async () => {
    const out = join(folder, 'shared.html');
    const files = join(folder, 'shared-files');
    expect((await ageband('report', run, '--out', out)).code).toBe(0);
    expect((await readdir(files)).some((name) => name.endsWith('.jpg'))).toBe(true);
    await writeFile(join(files, 'notes.txt'), 'mine');
    const { code, stdout } = await ageband('report', run, '--out', out, '--no-pictures');
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${out}\n${join(folder, 'shared.md')}\n` });
    expect((await readdir(files)).filter((name) => !name.startsWith('plot-'))).toEqual(['notes.txt']);
    expect(await readFile(out, 'utf8')).not.toContain('<img');
  });

  it('says what is wrong before it measures', async () => {
    expect(await ageband('report', join(folder, 'none'))).toMatchObject({ code: 1, stderr: expect.stringContaining('no such folder') as string });
    const wrong = await ageband('report', run, '--out', join(folder, 'report.pdf'));
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('the page must have the ending .html') as string });
    const missing = await ageband('report', run, '--out', join(folder, 'no', 'such', 'report.html'));
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('no such file or folder') as string });
  });

  it('shows hostile names of folders and bands as they are', async () => {
    const data = join(folder, 'hostile');
    for (const [index, label] of ['<script>alert(1)', '"><img src=x onerror=alert(2)>'].entries()) {
      await mkdir(join(data, label), { recursive: true });
      const from = join(FACES, index === 0 ? '0-2' : '60+');
      for (const name of await readdir(from)) await cp(join(from, name), join(data, label, `${index}'<b>&${name}`));
    }
    const out = join(folder, 'hostile-run');
    expect((await ageband('train', data, '--out', out, '--image-size', '40', '--batch-size', '4', '--epochs', '1')).code).toBe(0);
    expect((await ageband('report', out)).code).toBe(0);
    const html = await readFile(join(out, 'report.html'), 'utf8');
    expect(html).not.toMatch(/<script|<b>|<img src=x/);
    expect(html).toContain('&lt;script&gt;alert(1)');
    expect(existsSync(join(out, 'report.md'))).toBe(true);
  });
});

describe('ageband compare', () => {
  it('prints the figures side by side with their differences, for people and for programs', async () => {
    const { code, stdout, stderr } = await ageband('compare', run, other, '--no-near-duplicates');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^test: \d+ pictures\n\n +run +other\nExact accuracy, % +[\d.]+ \([\d.]+ to [\d.]+\)/);
    expect(stdout).toMatch(/\nother less run +difference +interval +p\n/);
    expect(stdout).toMatch(/\nlearningRate +0\.001 +0\.01\n/);
    const json = JSON.parse((await ageband('compare', run, other, '--no-near-duplicates', '--json')).stdout) as {
      runs: { judgement: { accuracy: number } }[];
      differences: { accuracy: { difference: number } }[];
    };
    const [first, second] = json.runs.map(({ judgement }) => judgement.accuracy);
    expect(json.differences[0]!.accuracy.difference).toBeCloseTo(second! - first!, 9);
  });

  it('writes a page too', async () => {
    const out = join(folder, 'compared.html');
    const { code, stdout } = await ageband('compare', run, other, '--no-near-duplicates', '--out', out);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n').slice(-2)).toEqual([out, join(folder, 'compared.md')]);
    expect(await readFile(out, 'utf8')).toContain('<caption>other less run</caption>');
  });
});

describe.skipIf(!HAS_BROWSER)('the pages in a browser', () => {
  let browser: Browser;
  let pages: string[];
  beforeAll(async () => {
    browser = await launchBrowser();
    pages = [page, join(folder, 'compared.html'), join(folder, 'hostile-run', 'report.html')];
  });
  afterAll(() => browser.close());

  it('ask for nothing, complain of nothing, and fit on a telephone', async () => {
    for (const file of pages) {
      const shown = await browser.newPage({ viewport: { width: 360, height: 740 } });
      const said: string[] = [];
      shown.on('console', (message) => said.push(message.text()));
      shown.on('pageerror', (error) => said.push(error.message));
      shown.on('request', (request) => {
        if (!request.url().startsWith('data:')) said.push(request.url());
      });
      const address = pathToFileURL(file).href;
      await shown.goto(address);
      expect(said).toEqual([address]);
      expect(await shown.evaluate('document.documentElement.scrollWidth')).toBe(360);
      expect(await shown.evaluate('document.fonts.size > 0 && [...document.fonts].every((font) => font.status === "loaded")')).toBe(true);
      await shown.close();
    }
  });

  it.each(['light', 'dark'] as const)('can be used by everyone (axe), in %s colours', async (colorScheme) => {
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    for (const file of pages) {
      // The policy of the page forbids scripts, axe too.
      const shown = await browser.newPage({ colorScheme, bypassCSP: true });
      await shown.goto(pathToFileURL(file).href);
      await shown.evaluate(axe);
      const { violations } = await shown.evaluate<AxeResults>('axe.run()');
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`)).toEqual([]);
      await shown.close();
    }
  });
});
