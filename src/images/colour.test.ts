import { describe, expect, it } from 'vitest';
import { makeGrey, scaleBrightness, scaleContrast, scaleSaturation, turnHue } from './colour.js';

/** Planes of pixels in a row, each [red, green, blue]. */
const planesOf = (...pixels: number[][]): Float32Array =>
  Float32Array.from([0, 1, 2].flatMap((channel) => pixels.map((pixel) => pixel[channel]!)));

function expectPixels(planes: Float32Array, ...pixels: number[][]): void {
  const expected = planesOf(...pixels);
  planes.forEach((value, index) => expect(value, `value ${index}`).toBeCloseTo(expected[index]!, 6));
}

describe('scaleBrightness', () => {
  it('multiplies and holds within 0..1', () => {
    const planes = planesOf([0.2, 0.4, 0.9], [0, 1, 0.5]);
    scaleBrightness(planes, 1.5);
    expectPixels(planes, [0.3, 0.6, 1], [0, 1, 0.75]);
  });
});

describe('scaleContrast', () => {
  // Greys: 0.299 for red and 0.587 for green; their mean is 0.443.
  it('moves values from the mean grey of the picture', () => {
    const planes = planesOf([1, 0, 0], [0, 1, 0]);
    scaleContrast(planes, 0.5);
    expectPixels(planes, [0.7215, 0.2215, 0.2215], [0.2215, 0.7215, 0.2215]);
  });

  it('holds within 0..1', () => {
    const planes = planesOf([0.6, 0.6, 0.6], [0.2, 0.2, 0.2], [0.4, 0.4, 0.4], [0.9, 0.9, 0.1]);
    // Greys 0.6, 0.2, 0.4 and 0.9 · 0.886 + 0.1 · 0.114 = 0.8088: mean 0.5022, of which 2 · value - 0.5022 is left.
    scaleContrast(planes, 2);
    expectPixels(planes, [0.6978, 0.6978, 0.6978], [0, 0, 0], [0.2978, 0.2978, 0.2978], [1, 1, 0]);
  });
});

describe('scaleSaturation', () => {
  it('moves each pixel from its own grey', () => {
    const planes = planesOf([1, 0, 0], [0.5, 0.5, 0.5]);
    scaleSaturation(planes, 0.5);
    expectPixels(planes, [0.6495, 0.1495, 0.1495], [0.5, 0.5, 0.5]);
  });

  it('is grey at 0 and holds within 0..1', () => {
    const grey = planesOf([0.2, 0.4, 0.6]);
    scaleSaturation(grey, 0);
    // 0.0598 + 0.2348 + 0.0684
    expectPixels(grey, [0.363, 0.363, 0.363]);
    const strong = planesOf([0.2, 0.4, 0.6]);
    scaleSaturation(strong, 3);
    expectPixels(strong, [0, 0.474, 1]);
  });
});

describe('makeGrey', () => {
  it('puts the luma into all planes', () => {
    const planes = planesOf([1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]);
    makeGrey(planes);
    expectPixels(planes, ...[0.299, 0.587, 0.114, 1].map((grey) => [grey, grey, grey]));
  });
});

describe('turnHue', () => {
  const turned = (pixel: number[], degrees: number): Float32Array => {
    const planes = planesOf(pixel);
    turnHue(planes, degrees);
    return planes;
  };

  it('turns red through the colours', () => {
    expectPixels(turned([1, 0, 0], 60), [1, 1, 0]);
    expectPixels(turned([1, 0, 0], 120), [0, 1, 0]);
    expectPixels(turned([1, 0, 0], 180), [0, 1, 1]);
    expectPixels(turned([1, 0, 0], -120), [0, 0, 1]);
    expectPixels(turned([1, 0, 0], -30), [1, 0, 0.5]);
  });

  it('keeps saturation and value', () => {
    // Value 0.8 and chroma 0.6, hue 20° (0.4 = 0.2 + 0.6 · 20/60): at 50° green is 0.2 + 0.6 · 50/60.
    expectPixels(turned([0.8, 0.4, 0.2], 30), [0.8, 0.7, 0.2]);
    expectPixels(turned([0.2, 0.4, 0.8], 360), [0.2, 0.4, 0.8]);
    expectPixels(turned([0.4, 0.8, 0.2], 0), [0.4, 0.8, 0.2]);
  });

  it('leaves greys as they are', () => {
    expectPixels(turned([0.3, 0.3, 0.3], 77), [0.3, 0.3, 0.3]);
  });
});
