import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PORTRAIT } from '../../test/support/portrait.js';
import { sharedFolder, writePictures, writeRun } from '../../test/support/training.js';
import { EngineError, FileError, PictureError } from '../base/errors.js';
import { AGE_BANDS } from '../data/bands.js';
import { writePlanes } from '../images/picture.js';
import { decodePicture } from '../images/decode.node.js';
import { Session } from '../runtime/session.node.js';
import { alignFace } from '../faces/align.js';
import { detectFaces } from '../faces/finder.node.js';
import { exportRun, runModel } from '../training/export.js';
import { readConfig, writeConfig } from '../training/run-folder.js';
import type { Prediction } from './classify.js';
import { Classifier, classify, openClassifier } from './classify.js';

const classes = ['a', 'b', 'c'];
const folder = sharedFolder();
const inFolder = (...names: string[]): string => join(folder.path, ...names);
let run: string;
let pictures: string[];
let broken: string;

beforeAll(async () => {
  run = (await writeRun(inFolder('run'), 'faces', classes)).path;
  await exportRun(run, inFolder('model.onnx'));
  await writePictures(inFolder('faces'), classes, [1, 1, 1]);
  pictures = classes.map((name) => inFolder('faces', name, '0.png'));
  broken = inFolder('broken.jpg');
  await writeFile(broken, 'no picture');
});

async function open(model: string): Promise<Classifier> {
  const classifier = await openClassifier({ model, threads: 1 });
  onTestFinished(() => classifier.dispose());
  return classifier;
}

const valuesOf = ({ probabilities }: Prediction): number[] => probabilities.map(({ probability }) => probability);

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 5));
}

describe('a classifier', () => {
  it('gives each band of a picture its probability, and names the likeliest', async () => {
    const classifier = await open(run);
    expect([classifier.classes, classifier.imageSize]).toEqual([classes, 37]);
    const prediction = await classifier.classify(pictures[1]!);
    expect(prediction.file).toBe(pictures[1]);
    expect(prediction.probabilities.map(({ band }) => band)).toEqual(classes);
    const values = valuesOf(prediction);
    expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    expect(prediction.band).toBe(classes[values.indexOf(Math.max(...values))]);
  });

  it('tells pictures apart, in the order in which they are given', async () => {
    const classifier = await open(run);
    const results = (await classifier.classify(pictures)) as Prediction[];
    expect(results.map(({ file }) => file)).toEqual(pictures);
    for (const [index, picture] of pictures.entries()) {
      expect(results[index]).toEqual(await classifier.classify(picture));
    }
    expect(valuesOf(results[0]!)).not.toEqual(valuesOf(results[1]!));
  });

  it('takes the content of files', async () => {
    const classifier = await open(run);
    const content = await readFile(pictures[2]!);
    const ofFile = await classifier.classify(pictures[2]!);
    expect(await classifier.classify(content)).toEqual({ ...ofFile, file: '<buffer>' });
    const results = await classifier.classify([new Uint8Array(content), pictures[2]!]);
    expect(results).toEqual([{ ...ofFile, file: '<buffer>' }, ofFile]);
  });

  it('gives the failure of a picture in its place', async () => {
    const classifier = await open(run);
    const names = [pictures[0]!, broken, Buffer.from('neither'), inFolder('missing.png'), pictures[1]!];
    const results = await classifier.classify(names);
    expect(results.map(({ file }) => file)).toEqual([names[0], broken, '<buffer>', names[3], names[4]]);
    expect(results.map((result) => 'error' in result)).toEqual([false, true, true, true, false]);
    const failure = results[1]!;
    expect('error' in failure && failure.error.length).toBeGreaterThan(5);
    expect('error' in failure && failure.error).not.toContain(broken);
  });

  it('throws for a single picture that cannot be read', async () => {
    const classifier = await open(run);
    await expect(classifier.classify(broken)).rejects.toThrow(PictureError);
    await expect(classifier.classify(inFolder('missing.png'))).rejects.toThrow(/missing\.png/);
  });

  it('gives nothing for nothing', async () => {
    expect(await (await open(run)).classify([])).toEqual([]);
  });

  it('gives the same probabilities from the exported file', async () => {
    const [ofRun, ofFile] = [await open(run), await open(inFolder('model.onnx'))];
    for (const picture of pictures) {
      expectClose(valuesOf(await ofFile.classify(picture)), valuesOf(await ofRun.classify(picture)));
    }
  });

  it('gives the same probabilities for pictures that are decoded already, together', async () => {
    const classifier = await open(run);
    const plane = 3 * 37 ** 2;
    const images = new Float32Array(pictures.length * plane);
    for (const [index, picture] of pictures.entries()) {
      writePlanes(await decodePicture(picture, { width: 37, height: 37 }), images, index * plane);
    }
    const results = (await classifier.classify(pictures)) as Prediction[];
    expectClose([...(await classifier.probabilities(images))], results.flatMap(valuesOf));
  });

  it('refuses a model that is another than its metadata say', async () => {
    const bytes = await runModel(run);
    const session = await Session.create(bytes, { threads: 1 });
    onTestFinished(() => session.dispose());
    const mislabelled = new Classifier(session, { classes: ['a', 'b'], imageSize: 37 });
    await expect(mislabelled.classify(pictures[0]!)).rejects.toThrow('the model gives 3 probabilities for 2 classes');
    await expect(new Classifier(session, { classes, imageSize: 64 }).classify(pictures[0]!)).rejects.toThrow(EngineError);
  });

  it('cannot be used after it was disposed of', async () => {
    const classifier = await openClassifier({ model: run, threads: 1 });
    await classifier.dispose();
    await expect(classifier.classify(pictures[0]!)).rejects.toThrow(EngineError);
  });
});

describe('classify', () => {
  it('opens a model, classifies and disposes of it', async () => {
    const results = await classify([pictures[0]!, broken], { model: inFolder('model.onnx'), threads: 1 });
    const classifier = await open(inFolder('model.onnx'));
    expect(results).toEqual(await classifier.classify([pictures[0]!, broken]));
  });

  it('says when there is no such model', async () => {
    await expect(classify(pictures, { model: inFolder('nowhere') })).rejects.toThrow(FileError);
  });
});

describe('the built-in model', () => {
  it('tells the band and the age of a face in a photo, wherever nothing else is named', async () => {
    const [prediction] = (await classify([PORTRAIT], { threads: 1 })) as [Prediction];
    // NASA's photo of Eileen Collins, who was about 40.
    expect(prediction.probabilities.map(({ band }) => band)).toEqual(AGE_BANDS);
    expect(['25-32', '38-43']).toContain(prediction.band);
    expect(prediction.age!.expected).toBeGreaterThan(24);
    expect(prediction.age!.expected).toBeLessThan(46);
    expect(prediction.faces).toHaveLength(1);
  });
});

describe('a model that takes aligned faces', () => {
  let aligned: string;

  beforeAll(async () => {
    const folderOfRun = await writeRun(inFolder('aligned'), 'faces', classes);
    const config = await readConfig(folderOfRun);
    await writeConfig(folderOfRun, { ...(config as object), alignment: 'similarity', alignmentMargin: 0.2 });
    aligned = inFolder('aligned.onnx');
    await exportRun(folderOfRun.path, aligned);
  });

  it('is given the face of a photo as its training pictures were cropped', async () => {
    const classifier = await open(aligned);
    expect(classifier.alignment).toEqual({ template: 'similarity', margin: 0.2 });
    const prediction = await classifier.classify(PORTRAIT);
    const [face] = await detectFaces(PORTRAIT);
    const photo = await decodePicture(PORTRAIT);
    const crop = alignFace(photo, face!.landmarks, { size: 37, template: 'similarity', margin: 0.2, antialias: true });
    const planes = new Float32Array(3 * 37 * 37);
    writePlanes(crop, planes);
    expectClose(valuesOf(prediction), [...(await classifier.probabilities(planes))]);
    expect(prediction.faces).toEqual([{ box: face!.box, band: prediction.band, probabilities: prediction.probabilities, age: null }]);
  });

  it('is given the whole picture where there is no face', async () => {
    const classifier = await open(aligned);
    const prediction = await classifier.classify(pictures[0]!);
    expect(prediction.faces).toEqual([]);
    expect(valuesOf(prediction).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
  });
});
