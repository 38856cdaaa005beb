import { describe, expect, it } from 'vitest';
import { PURPOSE, randomStream } from '../base/random.js';
import { alterPlanes, drawAlteration, NO_ALTERATION } from './alter.js';
import type { Alteration, Alterations } from './alter.js';

const SIZE = 100;
const RANGES: Alterations = {
  ...{ brightness: 0.2, contrast: 0.3, saturation: 0.4, hue: 20, greyscale: 0.25 },
  ...{ blur: 2, downscale: 4, noise: 0.1, jpeg: 40, erase: 0.5 },
};
const drawsOf = (ranges: Alterations): Alteration[] =>
  Array.from({ length: 3000 }, (_, sample) => drawAlteration(randomStream(7, PURPOSE.augment, 1, sample), ranges, SIZE));
const draws = drawsOf(RANGES);

describe('drawAlteration', () => {
  it.each<[keyof Alteration, number, number, share: number]>([
    ['brightness', 0.8, 1.2, 1],
    ['contrast', 0.7, 1.3, 1],
    ['saturation', 0.6, 1.4, 1],
    ['hue', -20, 20, 1],
    ['blur', 0, 2, 1 / 2],
    ['downscale', 1, 4, 1 / 3],
    ['noise', 0, 0.1, 1],
    ['jpeg', 40, 96, 1 / 3],
  ])('fills the range of %s evenly, for its share of the pictures', (name, low, high, share) => {
    const nothing = { blur: 0, downscale: 1, jpeg: undefined }[name as string];
    const values = draws.map((draw) => draw[name]).filter((value) => value !== nothing) as number[];
    // Four standard deviations of a binomial count and of a mean of even values.
    expect(Math.abs(values.length / draws.length - share)).toBeLessThanOrEqual(4 * Math.sqrt((share * (1 - share)) / draws.length));
    const width = high - low;
    expect(Math.min(...values)).toBeGreaterThanOrEqual(low);
    expect(Math.max(...values)).toBeLessThan(high);
    expect(Math.min(...values)).toBeLessThan(low + 0.02 * width);
    expect(Math.max(...values)).toBeGreaterThanOrEqual(high - 0.02 * width);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean - (low + high) / 2)).toBeLessThan(0.04 * width);
  });

  it('draws whole qualities, both ends among them', () => {
    const qualities = new Set(draws.map(({ jpeg }) => jpeg));
    expect(qualities.size).toBe(57);
    expect(qualities.has(40) && qualities.has(95)).toBe(true);
    expect([...qualities].every((quality) => quality === undefined || Number.isInteger(quality))).toBe(true);
  });

  it('makes as many pictures grey and erases as many as asked for', () => {
    expect(draws.filter(({ grey }) => grey).length / draws.length).toBeCloseTo(0.25, 1);
    expect(draws.filter(({ erased }) => erased).length / draws.length).toBeCloseTo(0.5, 1);
  });

  it('erases 2 to 20 % within the picture, higher or wider up to 3.3 times', () => {
    const rectangles = draws.flatMap(({ erased }) => erased ?? []);
    for (const { top, left, width, height } of rectangles) {
      expect(top).toBeGreaterThanOrEqual(0);
      expect(left).toBeGreaterThanOrEqual(0);
      expect(top + height).toBeLessThanOrEqual(SIZE);
      expect(left + width).toBeLessThanOrEqual(SIZE);
      // Sides are rounded to whole pixels: of 8 × 26 at the least, by up to a half.
      const area = (width * height) / SIZE ** 2;
      expect(area).toBeGreaterThan(0.018);
      expect(area).toBeLessThan(0.21);
      expect(height / width).toBeGreaterThan(0.27);
      expect(height / width).toBeLessThan(3.6);
    }
    expect(rectangles.some(({ top, height }) => top + height === SIZE)).toBe(true);
    expect(rectangles.some(({ left }) => left === 0)).toBe(true);
  });

  it('changes nothing when all ranges are 0, and takes as many numbers from the stream', () => {
    const [all, none] = [randomStream(7, PURPOSE.augment, 1, 3), randomStream(7, PURPOSE.augment, 1, 3)];
    drawAlteration(all, RANGES, SIZE);
    const { noiseSeed, eraseSeed, ...drawn } = drawAlteration(none, NO_ALTERATION, SIZE);
    expect(drawn).toEqual({
      ...{ brightness: 1, contrast: 1, saturation: 1, grey: false },
      ...{ hue: drawn.hue, blur: 0, downscale: 1, noise: 0, jpeg: undefined, erased: undefined },
    });
    expect(Math.abs(drawn.hue)).toBe(0);
    expect([noiseSeed, eraseSeed]).toEqual([draws[3]!.noiseSeed, draws[3]!.eraseSeed]);
    expect(none.word()).toBe(all.word());
  });

  it('draws each option the same whatever the others are', () => {
    drawsOf({ ...NO_ALTERATION, blur: 2, erase: 0.5 }).forEach(({ blur, erased }, sample) => {
      expect({ blur, erased }).toEqual({ blur: draws[sample]!.blur, erased: draws[sample]!.erased });
    });
  });
});

describe('alterPlanes', () => {
  const none: Alteration = {
    ...{ brightness: 1, contrast: 1, saturation: 1, hue: 0, grey: false, blur: 0, downscale: 1, noise: 0 },
    ...{ noiseSeed: 1, jpeg: undefined, erased: undefined, eraseSeed: 1 },
  };
  const altered = (pixel: readonly number[], changes: Partial<Alteration>): number[] => {
    const data = Float32Array.from(pixel.flatMap((value) => [value, value]));
    alterPlanes({ data, width: 2, height: 1 }, { ...none, ...changes });
    return [data[0]!, data[2]!, data[4]!].map((value) => Math.round(value * 1e6) / 1e6);
  };

  it('leaves planes as they are without any alteration', () => {
    expect(altered([0.3, 0.6, 0.9], {})).toEqual([0.3, 0.6, 0.9]);
  });

  it('makes each change, colours before grey', () => {
    expect(altered([0.3, 0.6, 0.9], { brightness: 0.5 })).toEqual([0.15, 0.3, 0.45]);
    // The grey of (0.3, 0.6, 0.9) is 0.5445.
    expect(altered([0.3, 0.6, 0.9], { contrast: 0 })).toEqual([0.5445, 0.5445, 0.5445]);
    expect(altered([0.3, 0.6, 0.9], { saturation: 0.5 })).toEqual([0.42225, 0.57225, 0.72225]);
    expect(altered([1, 0, 0], { hue: 120 })).toEqual([0, 1, 0]);
    expect(altered([1, 0, 0], { hue: 120, grey: true })).toEqual([0.587, 0.587, 0.587]);
  });

  it('blurs, coarsens and adds noise, which is grey in grey pictures', () => {
    const data = (): Float32Array => Float32Array.of(0, 1, 0, 1, 0, 1);
    for (const changes of [{ blur: 5 }, { downscale: 2 }]) {
      const planes = { data: data(), width: 2, height: 1 };
      alterPlanes(planes, { ...none, ...changes });
      for (const value of planes.data) expect(value).toBeCloseTo(0.5, 1);
    }
    const [red, green, blue] = altered([0.5, 0.5, 0.5], { noise: 0.1, noiseSeed: 99 });
    expect(new Set([0.5, red, green, blue]).size).toBe(4);
    const [grey, ...rest] = altered([0.5, 0.5, 0.5], { noise: 0.1, noiseSeed: 99, grey: true });
    expect(grey).not.toBe(0.5);
    expect(rest).toEqual([grey, grey]);
  });
});
