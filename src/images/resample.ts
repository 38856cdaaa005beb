/** Blurring and resizing for training: filters that work on rows and columns apart. */
import type { Planes } from './planes.js';

/** For each place of a line, the places of another line that it is a weighted mean of. */
interface Taps {
  /** Places of the line that is made. */
  readonly length: number;
  /** Places of the line that it is made from. */
  readonly from: number;
  /** The first place that each takes from. */
  readonly first: Int32Array;
  /** How many it takes from, at most `room`. */
  readonly count: Int32Array;
  /** [length, room]; the weights of each place add up to 1. */
  readonly weights: Float64Array;
  readonly room: number;
}

/**
 * Blurs planes in place with a Gaussian; beyond the edges their pixels hold. It is cut off at three standard deviations,
 * rounded up, and normalised.
 * @param sigma standard deviation in pixels, above 0
 */
export function blurPlanes({ data, width, height }: Planes, sigma: number): void {
  const blurred = mixBoth(data, width, gaussianTaps(height, sigma), gaussianTaps(width, sigma));
  data.set(blurred);
}

/**
 * Reduces planes and enlarges them to their size again, in place: what is left of a picture that was small. The filter
 * is linear both ways and widens with the reduction, so that no pixel is skipped (Pillow's `BILINEAR`).
 * @param factor of the reduction, at least 1; the sides become whole numbers of pixels, at least one
 */
export function coarsenPlanes({ data, width, height }: Planes, factor: number): void {
  const columns = Math.max(1, Math.round(width / factor));
  const rows = Math.max(1, Math.round(height / factor));
  const reduced = mixBoth(data, width, linearTaps(height, rows), linearTaps(width, columns));
  data.set(mixBoth(reduced, columns, linearTaps(rows, height), linearTaps(columns, width)));
}

/** Makes new rows, then new columns. @param source [3, H, width]; the result is [3, rows.length, columns.length] */
function mixBoth(source: Float32Array, width: number, rows: Taps, columns: Taps): Float32Array {
  const upright = mixRows(source, width, rows);
  const onSide = mixRows(transpose(upright, rows.length, width), rows.length, columns);
  return transpose(onSide, columns.length, rows.length);
}

/** Rows that are weighted means of rows; whole rows are added up at a time. @returns [3, taps.length, width] */
function mixRows(source: Float32Array, width: number, { length, from, first, count, weights, room }: Taps): Float32Array {
  const result = new Float32Array(3 * length * width);
  const sums = new Float64Array(width);
  for (let line = 0; line < 3 * length; line++) {
    const channel = Math.floor(line / length);
    const place = line - channel * length;
    sums.fill(0);
    for (let tap = 0; tap < count[place]!; tap++) {
      const weight = weights[place * room + tap]!;
      const start = (channel * from + first[place]! + tap) * width;
      for (let column = 0; column < width; column++) sums[column]! += weight * source[start + column]!;
    }
    result.set(sums, line * width);
  }
  return result;
}

/** [3, height, width] to [3, width, height]. */
function transpose(source: Float32Array, height: number, width: number): Float32Array {
  const result = new Float32Array(source.length);
  for (let channel = 0, index = 0; channel < 3; channel++) {
    for (let row = 0; row < height; row++) {
      let target = channel * height * width + row;
      for (let column = 0; column < width; column++, index++, target += height) result[target] = source[index]!;
    }
  }
  return result;
}

function gaussianTaps(size: number, sigma: number): Taps {
  const radius = Math.ceil(3 * sigma);
  return tapsOf(size, size, 2 * radius + 1, (place) => {
    const low = place - radius;
    return { low, high: place + radius, weight: (from) => Math.exp(-((from - place) ** 2) / (2 * sigma ** 2)) };
  });
}

function linearTaps(from: number, to: number): Taps {
  const scale = from / to;
  const support = Math.max(scale, 1);
  return tapsOf(from, to, Math.ceil(2 * support) + 1, (place) => {
    // Places are counted from the edge of the picture, and a pixel's centre lies half a pixel from its edge.
    const centre = (place + 0.5) * scale - 0.5;
    const low = Math.max(0, Math.ceil(centre - support));
    const high = Math.min(from - 1, Math.floor(centre + support));
    return { low, high, weight: (at) => 1 - Math.abs(at - centre) / support };
  });
}

/** What one place takes: from `low` to `high`, with these weights. Beyond the line, the place at its end is meant. */
interface Window {
  readonly low: number;
  readonly high: number;
  readonly weight: (place: number) => number;
}

function tapsOf(from: number, to: number, room: number, windowOf: (place: number) => Window): Taps {
  const taps = { first: new Int32Array(to), count: new Int32Array(to), weights: new Float64Array(to * room) };
  const hold = (place: number): number => Math.min(Math.max(place, 0), from - 1);
  for (let place = 0; place < to; place++) {
    const { low, high, weight } = windowOf(place);
    const first = hold(low);
    const weights = taps.weights.subarray(place * room, (place + 1) * room);
    let sum = 0;
    for (let at = low; at <= high; at++) {
      weights[hold(at) - first]! += weight(at);
      sum += weight(at);
    }
    for (let tap = 0; tap < room; tap++) weights[tap]! /= sum;
    taps.first[place] = first;
    taps.count[place] = hold(high) - first + 1;
  }
  return { length: to, from, room, ...taps };
}
