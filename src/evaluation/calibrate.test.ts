import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedRun, smallNetwork } from '../../test/support/shared-run.js';
import { resume, start, writePictures, writeRun } from '../../test/support/training.js';
import { ConfigError, DataError } from '../base/errors.js';
import { openDataset } from '../data/dataset.js';
import { readOnnxMetadata } from '../formats/onnx.js';
import { exportRun } from '../training/export.js';
import { writePictures as writeSplit } from '../training/pictures.js';
import { reopenRun } from '../training/run-folder.js';
import { calibrateRun } from './calibrate.js';
import type { Prediction } from './classify.js';
import { classify } from './classify.js';
import { evaluateRun } from './evaluate.js';

const classes = ['a', 'b', 'c'];
let data: string;
let run: string;
const counts = { train: [4, 4, 4], valid: [6, 6, 6], test: [5, 5, 5] };
const inFolder = sharedRun(classes, counts, 'random', (paths) => ({ data, run } = paths));

describe('calibrateRun', () => {
  it('fits a temperature on the validation pictures that everything then uses', async () => {
    const [validBefore, testBefore] = [await evaluateRun(run, data, { split: 'valid' }), await evaluateRun(run, data)];
    const fitted = await calibrateRun(run, data);
    expect(fitted).toMatchObject({ pictures: 18, checkpoint: 'best', data, written: [join(run, 'calibration.json'), join(run, 'model.onnx')] });
    expect(fitted.temperature).toBeGreaterThan(1);
    expect(fitted.before.loss).toBeCloseTo(validBefore.loss, 6);
    expect(fitted.after.loss).toBeLessThan(fitted.before.loss);

    const valid = await evaluateRun(run, data, { split: 'valid' });
    expect(valid.loss).toBeCloseTo(fitted.after.loss, 6);
    expect(valid.temperature).toMatchObject({ value: fitted.temperature, fittedHere: true });
    const test = await evaluateRun(run, data);
    expect(test.temperature).toMatchObject({ value: fitted.temperature, fittedHere: false });
    expect(test.temperature!.before).toEqual({ loss: testBefore.loss, calibrationError: testBefore.calibration.error });
    expect(test.loss).not.toBeCloseTo(testBefore.loss, 3);
    expect(test.confusion).toEqual(testBefore.confusion);
  });

  it('stands in the model of the run and in what is exported, but only for these weights', async () => {
    const { temperature } = await calibrateRun(run, data);
    const metadata = readOnnxMetadata(await readFile(join(run, 'model.onnx')));
    expect(metadata.get('ageband.temperature')).toBe(String(temperature));
    await exportRun(run, inFolder('last.onnx'), { checkpoint: 'last' });
    expect(readOnnxMetadata(await readFile(inFolder('last.onnx'))).has('ageband.temperature')).toBe(false);

    const picture = join(data, 'test', 'b', '0.png');
    const uncalibrated = await writeRun(inFolder('uncalibrated'), data, classes);
    const probabilitiesBy = async (model: string): Promise<number[]> => {
      const [prediction] = await classify([picture], { model, threads: 1 });
      return (prediction as Prediction).probabilities.map(({ probability }) => probability);
    };
    // The softmax of logits divided by a temperature: the roots of the probabilities, made to sum to 1.
    const roots = (await probabilitiesBy(uncalibrated.path)).map((probability) => probability ** (1 / temperature));
    const expected = roots.map((root) => root / roots.reduce((sum, value) => sum + value, 0));
    for (const model of [run, join(run, 'model.onnx')]) {
      (await probabilitiesBy(model)).forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 4));
    }
  });

  it('does not hold for weights that were trained further', async () => {
    const interrupted = inFolder('interrupted');
    await start({ data, out: interrupted, epochs: 2, network: smallNetwork(3) }, (event, stop) => {
      if (event.kind === 'epoch') stop();
    });
    await calibrateRun(interrupted, data, { checkpoint: 'last' });
    expect((await evaluateRun(interrupted, data, { checkpoint: 'last' })).temperature).not.toBeNull();
    await resume(interrupted);
    expect((await evaluateRun(interrupted, data, { checkpoint: 'last' })).temperature).toBeNull();
  });

  it('does not hold for the weights of another run', async () => {
    const other = await writeRun(inFolder('other'), data, classes);
    await writeSplit(other, await openDataset(data));
    await calibrateRun(run, data);
    await cp(join(run, 'calibration.json'), other.calibrationFile);
    await cp(other.checkpointFile('last'), other.checkpointFile('best'));
    expect((await evaluateRun(other.path, data)).temperature).toBeNull();
  });

  it('needs validation pictures, which are not those of the training', async () => {
    const unsplit = inFolder('unsplit');
    await writePictures(unsplit, classes, [1, 1, 1]);
    await expect(calibrateRun(run, unsplit)).rejects.toThrow(/unsplit: has no valid split to calibrate on$/);
    const untested = inFolder('without valid');
    await writePictures(untested, classes, { train: [1, 1, 1], test: [1, 1, 1] });
    await expect(calibrateRun(run, untested)).rejects.toThrow(/the valid split holds no pictures$/);
    const leaking = inFolder('leaking');
    await cp(data, leaking, { recursive: true });
    await cp(join(leaking, 'train', 'a', '0.png'), join(leaking, 'valid', 'a', '0.png'));
    await expect(calibrateRun(run, leaking)).rejects.toThrow(DataError);
    await expect(calibrateRun(run, leaking)).rejects.toThrow(/1 of 18 pictures of the valid split are near copies/);
  });

  it('leaves a run alone that another process works on', async () => {
    const locked = await reopenRun(run);
    await expect(calibrateRun(run, data)).rejects.toThrow(ConfigError);
    locked.release();
  });
});
