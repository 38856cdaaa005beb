import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PURPOSE, randomStream } from '../base/random.js';
import { readSafetensors } from '../formats/safetensors.js';
import { warpAffine } from './affine.js';
import { augmentationMatrix, drawAugmentation, REPORT_AUGMENTATION } from './augment.js';
import type { Augmentation, Variation } from './augment.js';

const NONE: Variation = {
  rotation: 0,
  rowShift: 0,
  columnShift: 0,
  shear: 0,
  rowZoom: 1,
  columnZoom: 1,
  flip: false,
};

function expectMatrix(variation: Partial<Variation>, expected: readonly number[]): void {
  const matrix = augmentationMatrix({ ...NONE, ...variation }, 8, 6);
  matrix.forEach((value, index) => expect(value, `element ${index}`).toBeCloseTo(expected[index]!, 10));
}

describe('augmentationMatrix', () => {
  // Pictures of 8 × 6 pixels: the centre is (4.5, 3.5).
  it('is the identity for no variation', () => {
    expectMatrix({}, [1, 0, 0, 0, 1, 0]);
  });

  it('shifts rows by rowShift and columns by columnShift', () => {
    expectMatrix({ rowShift: 2, columnShift: -1.5 }, [1, 0, 2, 0, 1, -1.5]);
  });

  it('zooms about the centre of Keras 2', () => {
    // 4.5 - 0.8 · 4.5 = 0.9 and 3.5 - 1.2 · 3.5 = -0.7.
    expectMatrix({ rowZoom: 0.8, columnZoom: 1.2 }, [0.8, 0, 0.9, 0, 1.2, -0.7]);
  });

  it('rotates', () => {
    // [0 -1; 1 0] about (4.5, 3.5): (4.5 + 3.5, 3.5 - 4.5).
    expectMatrix({ rotation: 90 }, [0, -1, 8, 1, 0, -1]);
  });

  it('shears by degrees', () => {
    // [1 -sin 30°; 0 cos 30°]
    const cosine = Math.cos(Math.PI / 6);
    expectMatrix({ shear: 30 }, [1, -0.5, 0.5 * 3.5, 0, cosine, 3.5 * (1 - cosine)]);
  });

  it('composes rotation · shift · shear · zoom', () => {
    // Rotation by 90° turns the shift (2, 1) into (-1, 2); [0 -1; 1 0] · [1 -0.5; 0 cos] · diag(2, 4)
    // = [0 -4·cos; 2 -2].
    const cosine = Math.cos(Math.PI / 6);
    expectMatrix({ rotation: 90, rowShift: 2, columnShift: 1, shear: 30, rowZoom: 2, columnZoom: 4 }, [
      0,
      -4 * cosine,
      4.5 - 1 + 4 * cosine * 3.5,
      2,
      -2,
      3.5 + 2 - 2 * 4.5 + 2 * 3.5,
    ]);
  });

  it('mirrors after everything else', () => {
    // Column 0 of the result is what column 5 was without the mirror.
    expectMatrix({ flip: true }, [1, 0, 0, 0, -1, 5]);
    expectMatrix({ flip: true, columnShift: 2 }, [1, 0, 0, 0, -1, 7]);
    expectMatrix({ flip: true, columnZoom: 0.5 }, [1, 0, 0, 0, -0.5, 1.75 + 2.5]);
  });
});

describe("Keras's augmentation by SciPy", () => {
  interface Case {
    name: string;
    height: number;
    width: number;
    parameters: Record<'theta' | 'tx' | 'ty' | 'shear' | 'zx' | 'zy', number>;
    flip_horizontal: boolean;
    matrix: [number[], number[]];
  }
  const reference = (name: string): Buffer => readFileSync(new URL(`../../test/reference/${name}`, import.meta.url));
  const { cases } = JSON.parse(reference('augmentation.json').toString()) as { cases: Case[] };
  const { tensors } = readSafetensors(reference('augmentation.safetensors'));

  it.each(cases)('$name', ({ name, height, width, parameters, flip_horizontal: flip, matrix }) => {
    const { theta, tx, ty, shear, zx, zy } = parameters;
    const variation = { rotation: theta, rowShift: tx, columnShift: ty, shear, rowZoom: zx, columnZoom: zy, flip };
    const unmirrored = augmentationMatrix({ ...variation, flip: false }, height, width);
    matrix.flat().forEach((value, index) => expect(unmirrored[index], `element ${index}`).toBeCloseTo(value, 10));

    const data = tensors.get(`${name}.picture`)!.data as Uint8Array;
    const expected = tensors.get(`${name}.output`)!.data as Float32Array;
    const planes = new Float32Array(data.length);
    warpAffine({ data, width, height }, augmentationMatrix(variation, height, width), planes);
    const worst = expected.reduce((largest, level, index) => {
      const plane = planes[(index % 3) * height * width + Math.floor(index / 3)]!;
      return Math.max(largest, Math.abs(plane * 255 - level));
    }, 0);
    expect(worst).toBeLessThan(1e-3);
  });
});

describe('drawAugmentation', () => {
  const ranges: Augmentation = { ...REPORT_AUGMENTATION, widthShift: 0.1, heightShift: 0.3, shear: 5, rotation: 20 };
  const draws = Array.from({ length: 2000 }, (_, sample) =>
    drawAugmentation(randomStream(7, PURPOSE.augment, 1, sample), ranges, 100),
  );

  it('fills each range evenly', () => {
    const limits: [keyof Variation, number, number][] = [
      ['rotation', -20, 20],
      ['rowShift', -30, 30],
      ['columnShift', -10, 10],
      ['shear', -5, 5],
      ['rowZoom', 0.8, 1.2],
      ['columnZoom', 0.8, 1.2],
    ];
    for (const [name, low, high] of limits) {
      const values = draws.map((draw) => Number(draw[name]));
      const width = high - low;
      expect(Math.min(...values), name).toBeGreaterThanOrEqual(low);
      expect(Math.min(...values), name).toBeLessThan(low + 0.01 * width);
      expect(Math.max(...values), name).toBeLessThan(high);
      expect(Math.max(...values), name).toBeGreaterThan(high - 0.01 * width);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      expect(Math.abs(mean - (low + high) / 2), name).toBeLessThan(0.03 * width);
    }
  });

  it('mirrors half of the pictures, and none when told so', () => {
    const mirrored = draws.filter((draw) => draw.flip).length;
    expect(mirrored).toBeGreaterThan(900);
    expect(mirrored).toBeLessThan(1100);
    const never = { ...ranges, horizontalFlip: false };
    for (let sample = 0; sample < 20; sample++) {
      expect(drawAugmentation(randomStream(7, PURPOSE.augment, 1, sample), never, 100).flip).toBe(false);
    }
  });

  it('draws the two zooms apart', () => {
    expect(draws.every((draw) => draw.rowZoom !== draw.columnZoom)).toBe(true);
  });

  it('is the same for the same stream', () => {
    expect(drawAugmentation(randomStream(7, PURPOSE.augment, 1, 3), ranges, 100)).toEqual(draws[3]);
  });
});
