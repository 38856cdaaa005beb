import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { PORTRAIT } from '../../test/support/portrait.js';
import { sharedFolder, writePictures, writeRun } from '../../test/support/training.js';
import { detectFaces } from '../faces/finder.node.js';
import { faceForNetwork } from '../faces/network-input.js';
import { decodePicture } from '../images/decode.node.js';
import { exportRun } from '../training/export.js';
import type { Prediction } from './classify.js';
import { classify } from './classify.js';
import type { ExplainedPicture } from './explain.js';
import { explainPictures } from './explain.js';
import { captionOf, explanationPng, explanationSvg } from './explanation-figure.js';
import { measureFaithfulness } from './faithfulness/measure.js';
import type { WrittenExplanation } from './write-explanations.js';
import { writeExplanations } from './write-explanations.js';

const CLASSES = ['0-2', '4-6', '8-13'];
const folder = sharedFolder();
let run: string;
let data: string;
let wide: string;

beforeAll(async () => {
  run = join(folder.path, 'run');
  data = join(folder.path, 'data');
  wide = join(folder.path, 'wide.png');
  await writePictures(data, CLASSES, { train: [1, 1, 1], test: [2, 2, 2] });
  await writeRun(run, 'elsewhere', CLASSES);
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  await sharp({ create: { width: 80, height: 40, channels: 3, background: '#888', noise } }).png().toFile(wide);
});

const explainOne = async (options: Parameters<typeof explainPictures>[1] = {}) => {
  const [result] = await explainPictures([wide], { model: run, ...options });
  if (!result || 'error' in result) throw new Error(`not explained: ${result?.error ?? 'nothing'}`);
  return result;
};

describe('explainPictures', () => {
  it('explains the likeliest band, with the probabilities of predict', async () => {
    const explained = await explainOne();
    const [prediction] = await classify([wide], { model: run });
    expect(prediction).toMatchObject({ file: wide, band: explained.band });
    expect(explained).toMatchObject({ file: wide, explained: explained.band, method: 'hires-cam', layer: 'conv2' });
    explained.probabilities.forEach(({ band, probability }, index) => {
      const expected = 'probabilities' in prediction! ? prediction.probabilities[index]! : undefined;
      expect(band).toBe(expected?.band);
      expect(probability).toBeCloseTo(expected!.probability, 5);
    });
  });

  it('explains a named band at a named layer', async () => {
    const maps = await Promise.all(CLASSES.map((band) => explainOne({ band, layer: 'conv2', method: 'grad-cam++' })));
    expect(maps.map(({ explained, layer }) => [explained, layer])).toEqual(CLASSES.map((band) => [band, 'conv2']));
    expect(new Set(maps.map(({ map }) => map.values.join())).size).toBe(3);
  });

  it('takes the weights that are asked for', async () => {
    const [best, last] = [await explainOne(), await explainOne({ checkpoint: 'last' })];
    expect(best.probabilities).not.toEqual(last.probabilities);
  });

  it('shows the picture in its proportions', async () => {
    const { picture, overlay } = await explainOne({ side: 100 });
    expect([picture.width, picture.height, overlay.width, overlay.height]).toEqual([100, 50, 100, 50]);
    expect(overlay.data).not.toEqual(picture.data);
    const { picture: bare, overlay: unpainted } = await explainOne({ side: 100, opacity: 0 });
    expect(unpainted.data).toEqual(bare.data);
  });

  it('gives an error in the place of a picture that cannot be read, and goes on', async () => {
    const bad = join(folder.path, 'bad.jpg');
    await writeFile(bad, 'no picture');
    const results = await explainPictures([bad, wide], { model: run });
    expect(results[0]).toEqual({ file: bad, error: expect.stringContaining('not a picture') as string });
    expect(results[1]).toMatchObject({ file: wide });
  });

  it('names the bands where an unknown one is asked for', async () => {
    await expect(explainOne({ band: '3' })).rejects.toThrow(
      expect.objectContaining({ message: 'the network knows no band "3"', hint: 'Its bands are: 0-2, 4-6, 8-13.' }),
    );
  });

  it('explains an exported file as the run that it was made of', async () => {
    const model = join(folder.path, 'exported.onnx');
    await exportRun(run, model);
    const [ofRun, ofFile] = [await explainOne(), await explainOne({ model })];
    expect(ofFile.layer).toBe(ofRun.layer);
    ofFile.map.values.forEach((value, index) => expect(value).toBeCloseTo(ofRun.map.values[index]!, 4));
    await expect(explainOne({ model: wide })).rejects.toThrow('is no ONNX model');
  });
});

describe('explainPictures with the built-in model, which takes aligned faces', () => {
  it('explains the largest face, as the network is shown it', async () => {
    const options = { side: 120 };
    const [explained] = (await explainPictures([PORTRAIT], options)) as [ExplainedPicture];
    const [prediction] = (await classify([PORTRAIT])) as [Prediction];
    expect(explained.box).toEqual(prediction.faces![0]!.box);
    expect(explained.band).toBe(prediction.band);
    explained.probabilities.forEach(({ probability }, index) => {
      expect(probability).toBeCloseTo(prediction.probabilities[index]!.probability, 4);
    });
    const [face] = await detectFaces(PORTRAIT);
    const alignment = { template: 'similarity', margin: 0.2 } as const;
    expect(explained.picture).toEqual(faceForNetwork(await decodePicture(PORTRAIT), face!, 120, alignment));
  });

  it('explains the whole picture where there is no face', async () => {
    // Noise shows a face now and then.
    const plain = await sharp({ create: { width: 80, height: 40, channels: 3, background: '#888' } }).png().toBuffer();
    const [explained] = (await explainPictures([plain], { side: 100 })) as [ExplainedPicture];
    expect([explained.box, explained.picture.width, explained.picture.height]).toEqual([null, 100, 50]);
  });
});

describe('a figure', () => {
  it('holds both pictures and a legend', async () => {
    const png = await sharp(await explanationPng(await explainOne())).metadata();
    // Two pictures of 240 units with margins, at 2.5 pixels per unit.
    expect(png.format).toBe('png');
    expect(png.width).toBeGreaterThan(2 * 240 * 2.5);
    const svg = await explanationSvg(await explainOne());
    expect(svg.match(/<image /g)).toHaveLength(2);
    expect(svg).toContain('1 strongest');
  });

  it('says what it shows, also of an empty map and of another band than the predicted one', async () => {
    const explained = { ...(await explainOne()), band: '0-2', explained: '8-13', isEmpty: true };
    const probabilities = [0.7, 0.2, 0.1].map((probability, index) => ({ band: CLASSES[index]!, probability }));
    expect(captionOf({ ...explained, probabilities })).toEqual([
      '8-13 (10.0 %), predicted 0-2 (70.0 %)',
      'HiResCAM at conv2: empty, nothing speaks for 8-13',
    ]);
  });

  it('takes names of bands for text', async () => {
    const name = '<script>"&';
    const explained = { ...(await explainOne()), band: name, explained: name, probabilities: [{ band: name, probability: 1 }] };
    const svg = await explanationSvg(explained);
    expect(svg).not.toContain('<script>');
    expect(svg).toContain('&#60;script&#62;&#34;&#38; (100.0 %)');
  });
});

describe('writeExplanations', () => {
  it('gives every picture a file of its own, and its values as NumPy reads them', async () => {
    const out = join(folder.path, 'out');
    const same = [join(data, 'test', '0-2', '0.png'), join(data, 'test', '4-6', '1.png'), join(data, 'test', '0-2', '0.png')];
    const written: WrittenExplanation[] = [];
    for await (const result of writeExplanations(same, out, { model: run, raw: true })) {
      if ('figure' in result) written.push(result);
    }
    expect(written.map(({ figure }) => figure)).toEqual(['0.png', '1.png', '0-2.png'].map((name) => join(out, name)));
    const [first] = written;
    const bytes = await readFile(first!.raw!);
    const header = bytes.subarray(0, 128).toString('latin1');
    expect(header).toContain(`'shape': (${first!.cells.join(', ')}), }`);
    const values = Array.from({ length: (bytes.length - 128) / 4 }, (_, index) => bytes.readFloatLE(128 + 4 * index));
    expect(values).toHaveLength(first!.cells[0] * first!.cells[1]);
    expect(Math.max(...values)).toBe(first!.largest);
  });
});

describe('measureFaithfulness', () => {
  it('measures the pictures of a split whose maps are not empty', async () => {
    const told: number[] = [];
    const result = await measureFaithfulness(run, data, { method: 'grad-cam++' }, (done) => told.push(done));
    expect(told).toEqual([1, 2, 3, 4, 5, 6]);
    expect(result).toMatchObject({ split: 'test', method: 'grad-cam++', layer: 'conv2', problems: [] });
    expect(result.pictures + result.empty).toBe(6);
    expect(result.perPicture).toHaveLength(result.pictures);
    // Noise holds no face.
    expect([result.withoutFace, result.regions]).toEqual([result.pictures, null]);
    const [first] = result.perPicture;
    const [prediction] = await classify([first!.file], { model: run });
    const probability = 'probabilities' in prediction! ? Math.max(...prediction.probabilities.map((entry) => entry.probability)) : 0;
    for (const { map, random, control } of [first!.deletion, first!.insertion]) {
      expect([map.length, random.length, control.length]).toEqual([21, 21, 21]);
      for (const other of [random, control]) {
        expect([map[0], map[20]]).toEqual([other[0], other[20]]);
        expect(map).not.toEqual(other);
      }
    }
    expect(Math.abs(result.likeness!.mean)).toBeLessThanOrEqual(1);
    expect(first!.deletion.map[0]).toBeCloseTo(probability, 4);
    expect(first!.insertion.map[20]).toBeCloseTo(probability, 4);
  });

  it('gives the same each time, and takes no more pictures than asked for', async () => {
    const [once, again] = [await measureFaithfulness(run, data, { limit: 3 }), await measureFaithfulness(run, data, { limit: 3 })];
    expect(once.pictures + once.empty).toBe(3);
    expect(again).toEqual(once);
  });

  it('lists pictures that cannot be read', async () => {
    const bad = join(data, 'test', '0-2', 'bad.png');
    await writeFile(bad, 'no picture');
    const { problems, pictures, empty } = await measureFaithfulness(run, join(data, 'test'));
    expect(problems).toEqual([{ file: bad, reason: expect.stringContaining('not a picture') as string }]);
    expect(pictures + empty).toBe(6);
  });
});
