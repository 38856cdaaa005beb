import type { Picture } from './picture.js';

/** Weights are whole numbers of this many bits, as OpenCV computes with. */
const WEIGHT_BITS = 11;
const ONE = 1 << WEIGHT_BITS;

/**
 * Brings a picture to a size without regard to its proportions, as `cv2.resize` does with its default, `INTER_LINEAR`:
 * each pixel is interpolated between the four around the place that it comes from; pixels further away are skipped. The
 * sums are OpenCV's, in whole numbers: no level differs by more than 1, and hardly one in a hundred does.
 */
export function squashPicture(picture: Picture, width: number, height: number): Picture {
  const { data } = picture;
  const rows = places(picture.height, height);
  const columns = places(picture.width, width);
  const result = new Uint8Array(3 * width * height);
  let target = 0;
  for (let row = 0; row < height; row++) {
    const down = rows.weight[row]!;
    const top = rows.first[row]! * picture.width;
    const bottom = rows.second[row]! * picture.width;
    for (let column = 0; column < width; column++) {
      const right = columns.weight[column]!;
      const left = ONE - right;
      const first = columns.first[column]!;
      const second = columns.second[column]!;
      for (let channel = 0; channel < 3; channel++) {
        const above = data[3 * (top + first) + channel]! * left + data[3 * (top + second) + channel]! * right;
        const below = data[3 * (bottom + first) + channel]! * left + data[3 * (bottom + second) + channel]! * right;
        result[target++] = ((((ONE - down) * (above >> 4)) >> 16) + ((down * (below >> 4)) >> 16) + 2) >> 2;
      }
    }
  }
  return { data: result, width, height };
}

/** For each pixel of a side, the two that it lies between, and the weight of the second. */
interface Places {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly weight: Int32Array;
}

function places(from: number, to: number): Places {
  const result: Places = { first: new Int32Array(to), second: new Int32Array(to), weight: new Int32Array(to) };
  const scale = from / to;
  for (let index = 0; index < to; index++) {
    // Places are counted from the edges of the picture, and a pixel's centre lies half a pixel from its edge.
    const place = Math.min(Math.max(Math.fround((index + 0.5) * scale - 0.5), 0), from - 1);
    const first = Math.floor(place);
    result.first[index] = first;
    result.second[index] = Math.min(first + 1, from - 1);
    result.weight[index] = Math.round(Math.fround(Math.fround(place - first) * ONE));
  }
  return result;
}
