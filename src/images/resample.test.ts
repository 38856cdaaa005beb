import { describe, expect, it } from 'vitest';
import type { Planes } from './planes.js';
import { blurPlanes, coarsenPlanes } from './resample.js';

/** Planes whose second and third are the first plus 0.1 and 0.2. */
function planesOf(rows: readonly (readonly number[])[]): Planes {
  const plane = rows.flat();
  const data = Float32Array.from([0, 0.1, 0.2].flatMap((more) => plane.map((value) => value + more)));
  return { data, width: rows[0]!.length, height: rows.length };
}

function expectPlanes({ data }: Planes, rows: readonly (readonly number[])[]): void {
  const expected = planesOf(rows).data;
  data.forEach((value, index) => expect(value, `value ${index}`).toBeCloseTo(expected[index]!, 6));
}

describe('blurPlanes', () => {
  // A standard deviation of 0.6 reaches two pixels: weights e^0, e^(-1/0.72) and e^(-4/0.72), normalised.
  const [middle, near, far] = [0.6638183, 0.1655246, 0.0025663];

  it('spreads a point as the outer product of the weights', () => {
    const point = Array.from({ length: 5 }, (_, row) => Array.from({ length: 5 }, (__, column) => Number(row === 2 && column === 2)));
    const planes = planesOf(point);
    blurPlanes(planes, 0.6);
    const line = [far, near, middle, near, far];
    const expected = planesOf(line.map((down) => line.map((right) => down * right))).data;
    planes.data.forEach((value, index) => expect(value, `value ${index}`).toBeCloseTo(expected[index]!, 5));
  });

  it('lets the edges hold', () => {
    const planes = planesOf([[1, 0, 0, 0]]);
    blurPlanes(planes, 0.6);
    const expected = planesOf([[middle + near + far, near + far, far, 0]]).data;
    planes.data.forEach((value, index) => expect(value, `value ${index}`).toBeCloseTo(expected[index]!, 5));
  });

  it('leaves an even picture as it is, also when the blur is wider than the picture', () => {
    const even = [
      [0.3, 0.3],
      [0.3, 0.3],
      [0.3, 0.3],
    ];
    const planes = planesOf(even);
    blurPlanes(planes, 4);
    expectPlanes(planes, even);
  });
});

describe('coarsenPlanes', () => {
  it('reduces with a triangle two pixels wide on each side and enlarges between the centres', () => {
    // Four places become two, at 0.5 and 2.5, of weights 3:3:1 and 1:3:3: (0.3 + 0.1)/7 and (0.1 + 0.3 + 0.6)/7. Back at
    // -0.25, 0.25, 0.75 and 1.25 of the two.
    const [first, second] = [(3 * 0 + 3 * 0.1 + 0.1) / 7, (0.1 + 3 * 0.1 + 3 * 0.2) / 7];
    const planes = planesOf([[0, 0.1, 0.1, 0.2]]);
    coarsenPlanes(planes, 2);
    expectPlanes(planes, [[first, 0.75 * first + 0.25 * second, 0.25 * first + 0.75 * second, second]]);
  });

  it('treats rows as it treats columns', () => {
    const lying = planesOf([[0, 0.1, 0.1, 0.2]]);
    const upright = planesOf([[0], [0.1], [0.1], [0.2]]);
    coarsenPlanes(lying, 2);
    coarsenPlanes(upright, 2);
    expect(upright.data).toEqual(lying.data);
  });

  it('leaves at least one pixel', () => {
    const planes = planesOf([
      [0, 0.4],
      [0.4, 0],
    ]);
    coarsenPlanes(planes, 20);
    expectPlanes(planes, [
      [0.2, 0.2],
      [0.2, 0.2],
    ]);
  });
});
