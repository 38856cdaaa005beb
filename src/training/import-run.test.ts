import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedFolder, writePictures, writeRun } from '../../test/support/training.js';
import { FormatError } from '../base/errors.js';
import { classify } from '../evaluation/classify.js';
import { Graph } from '../graph/graph.js';
import { relu } from '../graph/operators/index.js';
import { serialise } from '../graph/serialise.js';
import { writeCalibration } from './calibration.js';
import { loadCheckpoint } from './checkpoint.js';
import { exportRun, loadCalibrated } from './export.js';
import { importModel } from './import-run.js';
import { readConfig, RunFolder, writeConfig } from './run-folder.js';

const classes = ['a', 'b', 'c'];
const folder = sharedFolder();

describe('an exported file', () => {
  it('becomes a run that gives the same probabilities, with all layers and the temperature', async () => {
    const [data, file, again] = ['data', 'model.onnx', 'again'].map((name) => join(folder.path, name)) as [string, string, string];
    await writePictures(data, classes, { test: [2, 2, 2] });
    const run = await writeRun(join(folder.path, 'run'), data, classes);
    await writeCalibration(run, 'best', (await loadCheckpoint(run.checkpointFile('best'))).tensors, { temperature: 1.5 });
    await exportRun(run.path, file);
    const told = new Map<string, number>();
    const { notes, ...summary } = await importModel(file, again, {}, (done, total, verb) => told.set(verb, done / total));
    expect([...told]).toEqual([['of the checkpoint written', 1], ['of the model written', 1]]);
    expect(summary).toMatchObject({ run: again, name: 'baseline', imageSize: 37, classes, optimiserState: false });
    expect(notes).toEqual(['Its logits are divided by a temperature of 1.500, as in the file.']);

    const files = classes.flatMap((name) => [0, 1].map((index) => join(data, 'test', name, `${index}.png`)));
    const answersOf = async (model: string): Promise<number[]> =>
      (await classify(files, { model, threads: 1 })).flatMap((result) => {
        if ('error' in result) throw new Error(result.error);
        return result.probabilities.map(({ probability }) => probability);
      });
    const expected = await answersOf(run.path);
    expect(new Set(expected.map((value) => value.toFixed(2))).size).toBeGreaterThan(4);
    for (const model of [file, again, join(again, 'model.onnx')]) {
      (await answersOf(model)).forEach((value, index) => expect(Math.abs(value - expected[index]!)).toBeLessThan(1e-5));
    }
    const names = async (checkpoint: string) => [...(await loadCheckpoint(checkpoint)).tensors.keys()].sort();
    expect(await names(join(again, 'checkpoints', 'best.safetensors'))).toEqual(await names(run.checkpointFile('best')));
  });

  it.each(['onnx', 'safetensors'])('keeps in %s what it says of the alignment of faces and the calibration', async (format) => {
    const run = await writeRun(join(folder.path, `aligned ${format}`), folder.path, classes);
    await writeConfig(run, { ...(await readConfig(run)), alignment: 'similarity', alignmentMargin: 0.2 });
    const calibration = { temperature: 1.5, offsets: [0.5, 0, -0.25] };
    await writeCalibration(run, 'best', (await loadCheckpoint(run.checkpointFile('best'))).tensors, calibration);
    const [file, again] = [`aligned.${format}`, `aligned ${format} again`].map((name) => join(folder.path, name)) as [string, string];
    await exportRun(run.path, file);
    await importModel(file, again);
    expect((await loadCalibrated(again)).calibration).toMatchObject(calibration);
    expect(await readConfig(new RunFolder(again))).toMatchObject({ alignment: 'similarity', alignmentMargin: 0.2 });
  });

  it('from elsewhere is refused with what it lacks, and leaves no run behind', async () => {
    const graph = new Graph();
    graph.output('y', relu(graph.input('x', 'float32', [1, 2])));
    const file = join(folder.path, 'foreign.onnx');
    await writeFile(file, serialise(graph));
    const out = join(folder.path, 'none');
    await expect(importModel(file, out)).rejects.toThrow(FormatError);
    await expect(importModel(file, out)).rejects.toThrow(/foreign\.onnx: lacks ageband\.classes, ageband\.image_size, ageband\.network in its metadata/);
    await expect(readFile(join(out, 'config.json'))).rejects.toThrow('ENOENT');
  });
});
