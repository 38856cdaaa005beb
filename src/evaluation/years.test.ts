import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedFolder, start, writePictures } from '../../test/support/training.js';
import { ConfigError } from '../base/errors.js';
import { calibrateRun } from './calibrate.js';
import { evaluateRun } from './evaluate.js';
import { measuredSamples, openMeasuredData } from './measured-data.js';
import { openNetwork } from './measured-network.js';
import { measurePart } from './measured-part.js';

const folder = sharedFolder();
const inFolder = (name: string): string => join(folder.path, name);
let [data, run] = ['', ''];

/** Children of 1 or, between two bands, 3 years and grown-ups of 28. */
beforeAll(async () => {
  await writePictures(folder.path, ['young', 'old'], { train: [4, 4], valid: [4, 4], test: [4, 4] });
  const rows = (['train', 'valid', 'test'] as const).flatMap((split) =>
    Array.from({ length: 4 }, (_, index) => [
      `${split}/young/${index}.png,0-2,${index % 2 === 0 ? 1 : 3},${split}`,
      `${split}/old/${index}.png,25-32,28,${split}`,
    ]).flat(),
  );
  [data, run] = [inFolder('ages.csv'), inFolder('run')];
  await writeFile(data, ['file,band,age,split', ...rows].join('\n'));
  const settings = { target: 'years', learningRate: 0.001, optimiser: 'adamw', augment: false } as const;
  await start({ ...settings, data, out: run, epochs: 3 });
});

describe('a network that tells single years', () => {
  it('is judged by the bands of pictures that have one, and by the years of all', async () => {
    const evaluation = await evaluateRun(run);
    expect(evaluation).toMatchObject({ pictures: 6, between: 2, ageError: { pictures: 8 } });
    expect(evaluation.perClass.map(({ support }) => support)).toEqual([2, 4]);
    expect(evaluation.ageError!.withinPercentiles).toBeGreaterThanOrEqual(0);
  });

  it('is calibrated on ages, and its exported file says the same', async () => {
    const before = await evaluateRun(run);
    const { temperature, offsets, pictures, ages } = await calibrateRun(run, undefined, { logitAdjustment: 0.5 });
    expect([pictures, ages]).toEqual([6, 8]);
    expect(temperature).not.toBeCloseTo(1, 2);
    // Of the training pictures that have a band, 2 are young and 4 old.
    [Math.log(3) / 2, Math.log(1.5) / 2].forEach((value, index) => expect(offsets![index]).toBeCloseTo(value, 12));
    const after = await evaluateRun(run);
    expect(after.temperature).toMatchObject({ value: temperature, isAdjusted: true, before: { loss: before.loss } });
    expect(after.ageError!.years).not.toBeCloseTo(before.ageError!.years, 2);

    const measured = await openMeasuredData(join(run, 'model.onnx'), data);
    const network = await openNetwork(measured, 'best');
    const predictions = await network.predict(measuredSamples(measured, 'test'), { seed: 1, workers: 0 });
    await network.dispose();
    const exported = measurePart(measured, network, predictions, 'test');
    expect(exported.judgement.ageError!.years).toBeCloseTo(after.ageError!.years, 3);
    expect(exported.judgement.loss).toBeCloseTo(after.loss, 4);
    expect(exported.temperature!.before.loss).toBeCloseTo(before.loss, 4);
  });

  it('is calibrated on bands where no age is known, and its years with them', async () => {
    await writeFile(inFolder('no-ages.csv'), 'file,band,split\nvalid/young/0.png,0-2,valid\nvalid/old/0.png,25-32,valid\n');
    await rm(join(run, 'calibration.json'));
    const before = await evaluateRun(run);
    const { pictures, ages, temperature, offsets } = await calibrateRun(run, inFolder('no-ages.csv'), { allowLeaks: true });
    expect([pictures, ages, offsets]).toEqual([2, undefined, undefined]);
    const after = await evaluateRun(run);
    expect(after.temperature!.value).toBe(temperature);
    expect(after.ageError!.years).not.toBe(before.ageError!.years);
  });

  it('refuses an adjustment that makes no sense', async () => {
    await expect(calibrateRun(run, undefined, { logitAdjustment: 1.5 })).rejects.toThrow(ConfigError);
  });
});
