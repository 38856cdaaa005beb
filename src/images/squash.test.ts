import { expect, it } from 'vitest';
import type { Picture } from './picture.js';
import { squashPicture } from './squash.js';

/** Levels without a pattern: value i is (7i² + 13i) mod 251. */
function pattern(width: number, height: number): Picture {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, index) => (index * index * 7 + index * 13) % 251);
  return { data, width, height };
}

/** Made with `cv2.resize(pattern, (width, height))` of OpenCV 4.6. */
const REFERENCE: readonly { from: [number, number]; to: [number, number]; levels: number[] }[] = [
  {
    from: [7, 5],
    to: [4, 4],
    levels: [
      ...[44, 86, 129, 103, 159, 91, 147, 84, 90, 146, 101, 106, 106, 166, 122, 176, 93, 162, 36, 26, 169, 93, 157, 43],
      ...[196, 153, 65, 117, 88, 73, 122, 29, 88, 108, 168, 107, 96, 185, 150, 119, 143, 182, 213, 92, 204, 109, 50, 79],
    ],
  },
  {
    from: [3, 2],
    to: [5, 4],
    levels: [
      ...[0, 20, 54, 41, 77, 128, 102, 164, 240, 88, 175, 126, 79, 183, 50, 46, 34, 100, 74, 79, 137, 117, 147, 192, 84],
      ...[178, 134, 63, 198, 97, 137, 63, 191, 140, 83, 153, 146, 114, 96, 76, 182, 152, 30, 228, 190, 182, 77, 237, 173],
      ...[85, 161, 160, 97, 48, 72, 184, 161, 13, 243, 236],
    ],
  },
  {
    from: [1, 6],
    to: [3, 3],
    levels: [
      ...[51, 92, 147, 51, 92, 147, 51, 92, 147, 131, 130, 144, 131, 130, 144, 131, 130, 144, 87, 170, 142, 87, 170, 142],
      ...[87, 170, 142],
    ],
  },
  {
    from: [8, 6],
    to: [4, 3],
    levels: [
      ...[91, 111, 146, 111, 91, 147, 71, 135, 86, 159, 118, 91, 124, 64, 81, 98, 122, 97, 137, 182, 116, 115, 119, 136],
      ...[161, 82, 143, 151, 93, 113, 143, 169, 147, 137, 122, 121],
    ],
  },
];

it.each(REFERENCE)('squashPicture gives the levels of cv2.resize, $from to $to', ({ from, to, levels }) => {
  const { data, width, height } = squashPicture(pattern(...from), ...to);
  expect([width, height]).toEqual(to);
  expect(data).toHaveLength(levels.length);
  const differences = levels.map((level, index) => Math.abs(level - data[index]!));
  expect(Math.max(...differences)).toBeLessThanOrEqual(1);
  expect(differences.filter((difference) => difference > 0).length).toBeLessThanOrEqual(levels.length / 25);
});

it('squashPicture keeps a picture that has the size already', () => {
  const picture = pattern(9, 4);
  expect(squashPicture(picture, 9, 4)).toEqual(picture);
});
