import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, DataError } from '../base/errors.js';
import { appendEpoch } from '../training/history.js';
import { createRun } from '../training/run-folder.js';
import { plotHistory, renderPng } from './plots.node.js';
import { PLOT_FONT } from './plots.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ageband-plots-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('renderPng', () => {
  it('draws text with the font of the package, 2.5 pixels per unit', async () => {
    const text = `<text x="2" y="16" font-size="16" font-family="${PLOT_FONT}, sans-serif">Accuracy</text>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="80" height="20"><rect width="80" height="20" fill="white"/>${text}</svg>`;
    const image = sharp(await renderPng(svg));
    expect(await image.metadata()).toMatchObject({ format: 'png', width: 200, height: 50 });
    const { min } = (await image.stats()).channels[0]!;
    expect(min).toBe(0);
  });
});

describe('plotHistory', () => {
  it('writes the curves of a run as SVG and PNG', async () => {
    const run = await createRun(join(folder, 'x'), {});
    run.release();
    await appendEpoch(run, {
      epoch: 1,
      step: 4,
      loss: 2,
      accuracy: 0.25,
      val_loss: 1.75,
      val_accuracy: 0.5,
      learning_rate: 0.001,
      seconds: 3,
      images_per_second: 9,
    });
    expect(await plotHistory(run.path)).toEqual([run.curvesSvg, run.curvesPng]);
    expect(await readFile(run.curvesSvg, 'utf8')).toContain('best: epoch 1, 50.0%');
    const { format, width } = await sharp(run.curvesPng).metadata();
    expect(format).toBe('png');
    expect(width).toBeGreaterThan(1500);
  });

  it('says when there is nothing to plot', async () => {
    await expect(plotHistory(folder)).rejects.toThrow(ConfigError);
    const run = await createRun(join(folder, 'x'), {});
    run.release();
    await expect(plotHistory(run.path)).rejects.toThrow(DataError);
  });
});
