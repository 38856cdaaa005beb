import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { AGE_BANDS } from '../src/data/bands.js';
import { appendEpoch } from '../src/training/history.js';
import { createRun } from '../src/training/run-folder.js';
import { HAS_BROWSER, launchBrowser } from './support/chromium.js';
import { gallery, PORTRAIT } from './support/portrait.js';
import { drawing } from './support/pictures.js';
import { sharedServer } from './support/server.js';

/** The machine may be busy with other tests. */
const PATIENCE = 60_000;

const server = sharedServer('built-in');
let folder: string;
let browser: Browser;
/** Photos by name. */
let two: string;
let nobody: string;
let broken: string;

/** A page that complains of nothing and asks nobody but the server; what it did else stands in the list. */
async function openPage(path = '/', options: Parameters<Browser['newPage']>[0] = {}): Promise<{ page: Page; odd: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, ...options });
  page.setDefaultTimeout(PATIENCE);
  onTestFinished(() => page.close());
  const odd: string[] = [];
  page.on('console', (message) => odd.push(message.text()));
  page.on('pageerror', (error) => odd.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(`${server.address}/`) && !request.url().startsWith('blob:')) odd.push(request.url());
  });
  await page.goto(`${server.address}${path}`);
  return { page, odd };
}

const chooseFiles = (page: Page, ...files: string[]): Promise<void> => page.setInputFiles('input[type=file]', files);

/** Waits for a heading of the second level. */
const heading = (page: Page, name: string): Promise<void> => page.getByRole('heading', { name, exact: true }).waitFor();

const epoch = (number: number) => ({
  ...{ epoch: number, step: number, loss: 2 / number, accuracy: 0.1 * number, val_loss: 2.5 / number, val_accuracy: 0.08 * number },
  ...{ learning_rate: 0.1, seconds: 30, images_per_second: 12.3 },
});

/** What the API says of a face, as far as it is looked at here. */
interface Said {
  readonly band: string;
  readonly probabilities: readonly { readonly probability: number }[];
  readonly age: { readonly expected: number };
}

describe.skipIf(!HAS_BROWSER)('the page', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ageband-page-'));
    [two, nobody, broken] = ['two.jpg', 'nobody.png', 'broken.jpg'].map((name) => join(folder, name)) as [string, string, string];
    const places = [{ left: 20, top: 40, size: 160 }, { left: 330, top: 20, size: 260 }];
    await writeFile(two, await (await gallery(640, 300, places)).jpeg({ quality: 95 }).toBuffer());
    await writeFile(nobody, await drawing(1).png().toBuffer());
    await writeFile(broken, (await readFile(PORTRAIT)).subarray(0, 600));
    // Chromium plays a file of JPEG pictures in place of a camera.
    const frame = await sharp(PORTRAIT).resize(480, 480).extend({ left: 80, right: 80, background: '#808080' }).jpeg().toBuffer();
    const film = join(folder, 'face.mjpeg');
    await writeFile(film, Buffer.concat([frame, frame, frame]));
    browser = await launchBrowser([
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-video-capture=${film}`,
    ]);
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  it('tells the bands of all faces of a photo as the API does, and asks nobody else', async () => {
    const { page, odd } = await openPage();
    await chooseFiles(page, two);
    await heading(page, 'Face 1 of 2');
    const response = await fetch(`${server.address}/v1/predict`, { method: 'POST', body: await readFile(two) });
    const { pictures } = (await response.json()) as { pictures: [{ faces: Said[] }] };
    for (const [index, { band, probabilities, age }] of pictures[0].faces.entries()) {
      expect(await page.locator('.verdict strong').textContent()).toBe(band);
      const shown = (await page.locator('.bars .share').allTextContents()).map((text) => Number.parseFloat(text) / 100);
      expect(shown).toHaveLength(AGE_BANDS.length);
      // Decoders of JPEG differ by a level here and there, and the page rounds.
      shown.forEach((value, place) => expect(Math.abs(value - probabilities[place]!.probability)).toBeLessThan(0.02));
      const shownAge = Number((await page.locator('.age').textContent())!.match(/^about (\d+) years, likely \d+ to \d+$/)![1]);
      expect(Math.abs(shownAge - age.expected)).toBeLessThan(1.5);
      if (index === 0) await page.getByRole('button', { name: 'Next' }).click();
    }
    expect(await page.locator('.note').first().textContent()).toContain('Photos never leave this page');
    expect(odd).toEqual([]);
  });

  it('shows where the network looks, for any band', async () => {
    const { page } = await openPage();
    await chooseFiles(page, PORTRAIT);
    const colours = page.locator('.crop canvas').nth(1);
    await colours.waitFor();
    await page.getByLabel('Strength of the colours').fill('0.8');
    expect(await colours.evaluate((element: { style: { opacity: string } }) => element.style.opacity)).toBe('0.8');
    await page.getByLabel('What speaks for').selectOption('60+');
    await expect.poll(() => page.locator('.controls .hint').textContent(), { timeout: PATIENCE }).toContain('60+');
  });

  it('says that there is no face, and takes the whole picture', async () => {
    const { page } = await openPage();
    await chooseFiles(page, nobody);
    await heading(page, 'No face was found');
    await page.getByRole('button', { name: 'Take the whole picture' }).click();
    await heading(page, 'The whole picture');
    expect(AGE_BANDS).toContain(await page.locator('.verdict strong').textContent());
  });

  it('sets damaged files and other files aside, and goes on', async () => {
    const { page } = await openPage();
    await chooseFiles(page, broken, 'package.json', PORTRAIT);
    await expect.poll(() => page.locator('.panel .notice').textContent(), { timeout: PATIENCE }).toContain('damaged');
    await page.getByRole('button', { name: /package\.json: This is no picture/ }).click();
    await page.getByRole('button', { name: /portrait\.jpg: 1 face found/ }).click();
    await heading(page, 'One face');
  });

  it('takes what is dropped and what is pasted', async () => {
    const { page } = await openPage();
    const picture = (await readFile(PORTRAIT)).toString('base64');
    const send = (name: string, field: string): Promise<unknown> =>
      page.evaluate(`(() => {
        const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(atob('${picture}'), (c) => c.charCodeAt(0))], '${name}.jpg', { type: 'image/jpeg' }));
        const event = new Event('${name}', { bubbles: true, cancelable: true });
        Object.defineProperty(event, '${field}', { value: data });
        document.body.dispatchEvent(event);
      })()`);
    await send('drop', 'dataTransfer');
    await send('paste', 'clipboardData');
    await page.getByRole('button', { name: 'drop.jpg: 1 face found.' }).waitFor();
    await page.getByRole('button', { name: 'paste.jpg: 1 face found.' }).waitFor();
  });

  it('saves results as JSON, CSV and a picture', async () => {
    const { page } = await openPage();
    await chooseFiles(page, two);
    await heading(page, 'Face 1 of 2');
    const save = async (name: string): Promise<Buffer> => {
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name }).click();
      return await readFile(await (await download).path());
    };
    const json = JSON.parse((await save('Save JSON')).toString()) as object;
    expect(json).toMatchObject({ model: 'built-in', pictures: [{ name: 'two.jpg', width: 640, height: 300, faces: [{ face: 1 }, { face: 2 }] }] });
    const lines = (await save('Save CSV')).toString().trim().split('\r\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toBe(`file,face,left,top,width,height,band,expected age,${AGE_BANDS.join(',')}`);
    const picture = await save('Save picture');
    expect(await sharp(picture).metadata()).toMatchObject({ format: 'png', width: 640, height: 300 });
    const [before, after] = await Promise.all([two, picture].map((source) => sharp(source).removeAlpha().raw().toBuffer()));
    expect(before!.equals(after!)).toBe(false);
  });

  it('follows the face before the camera', async () => {
    const { page, odd } = await openPage('/#/camera');
    await page.getByRole('button', { name: 'Start the camera' }).click();
    await heading(page, 'One face');
    expect(AGE_BANDS).toContain(await page.locator('.verdict strong').textContent());
    await page.getByRole('button', { name: 'Stop the camera' }).click();
    await page.getByRole('button', { name: 'Start the camera' }).waitFor();
    expect(odd).toEqual([]);
  });

  it('can be used with the keyboard alone', async () => {
    const { page } = await openPage();
    const focused = (): Promise<string> => page.evaluate('document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent.trim()');
    const tabTo = async (name: string): Promise<void> => {
      for (let step = 0; step < 20; step++) {
        await page.keyboard.press('Tab');
        if ((await focused()).startsWith(name)) return;
      }
      throw new Error(`the keyboard does not reach ${name}`);
    };
    page.on('filechooser', (chooser) => void chooser.setFiles(two));
    await tabTo('Choose photos');
    await page.keyboard.press('Enter');
    await heading(page, 'Face 1 of 2');
    await tabTo('Face 2');
    await page.keyboard.press('Enter');
    await heading(page, 'Face 2 of 2');
    await tabTo('Save JSON');
    const download = page.waitForEvent('download');
    await page.keyboard.press('Enter');
    await download;
  });

  it('shows a run while it is trained, whoever writes it', async () => {
    const run = await createRun(join(server.runs, 'live'), { data: '/nowhere', epochs: 5, imageSize: 64, classes: [...AGE_BANDS] });
    await appendEpoch(run, epoch(1));
    const { page, odd } = await openPage('/#/runs');
    const row = page.locator('.runs li', { hasText: 'live' });
    await row.getByText('1 of 5 epochs').waitFor();
    expect(await row.locator('.state').textContent()).toBe('training');
    await appendEpoch(run, epoch(2));
    await row.getByText('2 of 5 epochs').waitFor();
    await row.getByRole('link', { name: 'live' }).click();
    const curve = page.getByRole('img', { name: /^Accuracy by epoch/ });
    await expect.poll(() => curve.getAttribute('aria-label'), { timeout: PATIENCE }).toContain('validation from 8.0 % to 16.0 %');
    await page.getByText('The numbers').click();
    await appendEpoch(run, epoch(3));
    await expect.poll(() => curve.getAttribute('aria-label'), { timeout: PATIENCE }).toContain('validation from 8.0 % to 24.0 %');
    expect(await page.locator('details').first().getAttribute('open')).not.toBeNull();
    run.release();
    await page.getByText('stopped').waitFor();
    await rm(run.path, { recursive: true });
    expect(odd).toEqual([]);
  });

  it('evaluates a finished run', async () => {
    const { page, odd } = await openPage('/#/run?run=small');
    await page.getByRole('button', { name: 'Evaluate' }).click();
    for (const name of ['Results', 'Bands', 'Confusion', 'Calibration', 'Worst mistakes', 'Heat maps']) await heading(page, name);
    expect(await page.getByRole('img', { name: /^Confusion matrix/ }).count()).toBe(1);
    expect(odd).toEqual([]);
  });

  it('compares two runs', async () => {
    const copy = join(server.runs, 'copy');
    await cp(server.run, copy, { recursive: true });
    const { page, odd } = await openPage('/#/runs');
    for (const name of ['small', 'copy']) await page.getByLabel(`Compare ${name}`).check();
    await page.getByRole('button', { name: 'Compare 2 runs' }).click();
    for (const name of ['Figures', 'Differences', 'Curves', 'Bands', 'Settings']) await heading(page, name);
    expect(await page.getByText('All runs have the same settings.').count()).toBe(1);
    expect(odd).toEqual([]);
    await rm(copy, { recursive: true });
  });

  it.each(['light', 'dark'] as const)('can be used by everyone (axe) and fits a telephone, in %s colours', async (colorScheme) => {
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    const check = async (page: Page): Promise<void> => {
      await page.evaluate(axe);
      const { violations } = await page.evaluate<AxeResults>('axe.run()');
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    };
    // The policy of the page forbids axe.
    const options = { colorScheme, bypassCSP: true, viewport: { width: 360, height: 740 } };
    const { page } = await openPage('/', options);
    await page.getByText('Photos never leave this page').waitFor();
    await check(page);
    await chooseFiles(page, two, nobody);
    await heading(page, 'Face 1 of 2');
    await page.getByText('HiResCAM').waitFor();
    await check(page);
    for (const [address, text] of [['#/camera', 'Start the camera'], ['#/runs', 'epochs'], ['#/run?run=small', 'The numbers']] as const) {
      await page.goto(`${server.address}/${address}`);
      await page.locator('main').getByText(text).first().waitFor();
      await check(page);
    }
  });

  it('has less than 150 kB of scripts of its own, compressed', async () => {
    const { page } = await openPage();
    const scripts: string[] = [];
    page.on('response', (response) => {
      if (/\.m?js$/.test(response.url())) scripts.push(response.url());
    });
    await page.reload();
    await page.getByText('Photos never leave this page').waitFor();
    expect(scripts.length).toBeGreaterThan(1);
    const sizes = await Promise.all([...new Set(scripts)].map(async (url) => gzipSync(await (await fetch(url)).text()).length));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000);
  });
});
