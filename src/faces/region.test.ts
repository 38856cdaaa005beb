import { describe, expect, it } from 'vitest';
import type { Picture } from '../images/picture.js';
import { Pyramid } from '../images/pyramid.js';
import type { Region } from './region.js';
import { aroundBox, sampleRegion, toPicture, wholePicture } from './region.js';

/** Red is 10 per column, green 10 per row, blue 100. */
function ramp(width: number, height: number): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    data.set([10 * (pixel % width), 10 * Math.floor(pixel / width), 100], 3 * pixel);
  }
  return { data, width, height };
}

const LEVELS = { scale: 1, offset: 0 };

/** What `sampleRegion` writes. */
function sampled(picture: Picture, region: Region, size: number, scaling = LEVELS): Float32Array {
  const target = new Float32Array(3 * size * size);
  sampleRegion(new Pyramid(picture), region, size, scaling, target);
  return target;
}

describe('wholePicture', () => {
  it('is centred, and the longer side fills a part of it', () => {
    expect(wholePicture(6, 3, 0.75, 0)).toEqual({ centre: { x: 2.5, y: 1 }, side: 8, roll: 0 });
  });
});

describe('aroundBox', () => {
  it('has the middle and the longer side of the box', () => {
    const box = { left: 10, top: 20, width: 4, height: 8 };
    expect(aroundBox(box, 1.5, 0.1)).toEqual({ centre: { x: 12, y: 24 }, side: 12, roll: 0.1 });
  });
});

describe('toPicture', () => {
  it('turns clockwise about the centre', () => {
    const region = { centre: { x: 5, y: 5 }, side: 4, roll: Math.PI / 2 };
    const { x, y } = toPicture(region, 1, 0.5);
    // What lies to the right in the region lies below in the picture.
    expect([x, y]).toEqual([expect.closeTo(5, 12), 7]);
  });
});

describe('sampleRegion', () => {
  it('gives the picture itself where the region is the picture', () => {
    const values = sampled(ramp(3, 3), wholePicture(3, 3, 1, 0), 3);
    expect(Array.from(values)).toEqual([
      ...[0, 10, 20, 0, 10, 20, 0, 10, 20],
      ...[0, 0, 0, 10, 10, 10, 20, 20, 20],
      ...Array<number>(9).fill(100),
    ]);
  });

  it('pads a wide picture above and below, with the value of black', () => {
    const values = sampled(ramp(4, 2), wholePicture(4, 2, 1, 0), 4, { scale: 2, offset: -1 });
    const blue = Array.from(values.subarray(32));
    expect(blue).toEqual([-1, -1, -1, -1, 199, 199, 199, 199, 199, 199, 199, 199, -1, -1, -1, -1]);
  });

  it('interpolates between pixels', () => {
    const region = { centre: { x: 1.25, y: 1 }, side: 1, roll: 0 };
    const values = sampled(ramp(3, 3), region, 1);
    expect(Array.from(values)).toEqual([12.5, 10, 100]);
  });

  it('turned by a quarter, rows of the region are columns of the picture', () => {
    const region = { ...wholePicture(3, 3, 1, 0), roll: Math.PI / 2 };
    const red = Array.from(sampled(ramp(3, 3), region, 3).subarray(0, 9));
    expect(red.map((value) => Math.round(value))).toEqual([20, 20, 20, 10, 10, 10, 0, 0, 0]);
  });

  it('gives the same values in rows that lie inside and in rows that reach beyond the picture', () => {
    // The same four places: of a region inside, and of a larger one that covers the whole picture.
    const inside = sampled(ramp(8, 8), { centre: { x: 3.3, y: 5.2 }, side: 2, roll: 0 }, 2);
    const crossing = sampled(ramp(8, 8), { centre: { x: 3.3, y: 0.2 }, side: 12, roll: 0 }, 12);
    for (const channel of [0, 1, 2]) {
      const rows = [0, 1].flatMap((row) => [0, 1].map((column) => crossing[channel * 144 + (row + 10) * 12 + column + 5]));
      expect(rows).toEqual(Array.from(inside.subarray(channel * 4, channel * 4 + 4), (value) => expect.closeTo(value, 4) as number));
    }
  });

  it('takes means where the picture is much larger', () => {
    const stripes: Picture = { data: new Uint8Array(16 * 16 * 3), width: 16, height: 16 };
    for (let pixel = 0; pixel < 256; pixel++) stripes.data.fill(pixel % 2 === 0 ? 0 : 200, 3 * pixel, 3 * pixel + 3);
    const values = sampled(stripes, wholePicture(16, 16, 1, 0), 4);
    expect(new Set(values)).toEqual(new Set([100]));
  });
});
