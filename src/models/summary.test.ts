import { describe, expect, it } from 'vitest';
import { ShapeError } from '../base/errors.js';
import { baseline } from './baseline.js';
import { faceResnet } from './face-resnet.js';
import { leviHassner } from './levi-hassner.js';
import { summarise } from './summary.js';

const size = { imageSize: 227, classes: 8 };

type Row = [name: string, kind: string, outputShape: readonly (number | null)[], parameters: number];

function rowsOf(definition: typeof baseline): Row[] {
  return summarise(definition, size).rows.map(({ name, kind, outputShape, parameters }) => [
    name,
    kind,
    outputShape,
    parameters,
  ]);
}

describe("the summary of the report's network", () => {
  it('has its layers, shapes and parameters', () => {
    const rows: Row[] = [
      ['conv1', 'Conv2D', [null, 96, 221, 221], 14_208],
      ['pool1', 'MaxPooling2D', [null, 96, 110, 110], 0],
      ['batch_norm1', 'BatchNormalization', [null, 96, 110, 110], 384],
      ['conv2', 'Conv2D', [null, 256, 106, 106], 614_656],
      ['pool2', 'MaxPooling2D', [null, 256, 52, 52], 0],
      ['batch_norm2', 'BatchNormalization', [null, 256, 52, 52], 1024],
      ['conv3', 'Conv2D', [null, 384, 50, 50], 885_120],
      ['pool3', 'MaxPooling2D', [null, 384, 16, 16], 0],
      ['flatten', 'Flatten', [null, 98_304], 0],
      ['dense1', 'Dense', [null, 512], 50_332_160],
      ['dropout1', 'Dropout', [null, 512], 0],
      ['dense2', 'Dense', [null, 256], 131_328],
      ['dropout2', 'Dropout', [null, 256], 0],
      ['dense3', 'Dense', [null, 8], 2056],
    ];
    expect(rowsOf(baseline)).toEqual(rows);
  });

  it('has its totals', () => {
    const { name, parameters, trainable, nonTrainable } = summarise(baseline, size);
    expect({ name, parameters, trainable, nonTrainable }).toEqual({
      name: 'baseline',
      parameters: 51_980_936,
      trainable: 51_980_232,
      nonTrainable: 704,
    });
  });
});

describe("the summary of Levi & Hassner's network", () => {
  it('has its layers, shapes and parameters', () => {
    const rows: Row[] = [
      ['conv1', 'Conv2D', [null, 96, 56, 56], 14_208],
      ['pool1', 'MaxPooling2D', [null, 96, 27, 27], 0],
      ['norm1', 'LocalResponseNormalization', [null, 96, 27, 27], 0],
      ['conv2', 'Conv2D', [null, 256, 27, 27], 614_656],
      ['pool2', 'MaxPooling2D', [null, 256, 13, 13], 0],
      ['norm2', 'LocalResponseNormalization', [null, 256, 13, 13], 0],
      ['conv3', 'Conv2D', [null, 384, 13, 13], 885_120],
      ['pool3', 'MaxPooling2D', [null, 384, 6, 6], 0],
      ['flatten', 'Flatten', [null, 13_824], 0],
      ['dense1', 'Dense', [null, 512], 7_078_400],
      ['dropout1', 'Dropout', [null, 512], 0],
      ['dense2', 'Dense', [null, 512], 262_656],
      ['dropout2', 'Dropout', [null, 512], 0],
      ['dense3', 'Dense', [null, 8], 4104],
    ];
    expect(rowsOf(leviHassner)).toEqual(rows);
    const { parameters, trainable, nonTrainable } = summarise(leviHassner, size);
    expect([parameters, trainable, nonTrainable]).toEqual([8_859_144, 8_859_144, 0]);
  });
});

it('counts for other sizes and classes', () => {
  const { parameters, rows } = summarise(baseline, { imageSize: 37, classes: 2 });
  expect(rows.at(-1)!.outputShape).toEqual([null, 2]);
  expect(parameters).toBe(14_208 + 384 + 614_656 + 1024 + 885_120 + 385 * 512 + 131_328 + 257 * 2);
});

it('says when pictures are too small', () => {
  expect(() => summarise(baseline, { imageSize: 30, classes: 8 })).toThrow(ShapeError);
});

it('counts the parameters of the layers in a residual block for the block', () => {
  const { rows, parameters } = summarise(faceResnet, { imageSize: 150, classes: 8 });
  // Two convolutions of 32 to 32 channels with 3×3 pixels and biases.
  expect(rows.find(({ name }) => name === 'stage1_1')).toMatchObject({ kind: 'Residual', parameters: 2 * (32 * 32 * 9 + 32) });
  expect(rows.reduce((sum, row) => sum + row.parameters, 0)).toBe(parameters);
});
