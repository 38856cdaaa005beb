import { expect, it } from 'vitest';
import type { HostTensor } from '../base/tensor.js';
import { floatTensor } from '../base/tensor.js';
import { Pyramid } from '../images/pyramid.js';
import type { Runner } from '../runtime/runner.js';
import { FaceDetector } from './detector.js';
import { wholePicture } from './region.js';

const PICTURE = { data: new Uint8Array(448 * 448 * 3), width: 448, height: 448 };

/** Boxes by number of the anchor on the grid of 14 × 14: the logit of the score, then the sixteen numbers of the box. */
function networkThatSees(boxes: Readonly<Record<number, readonly [logit: number, values: readonly number[]]>>): Runner {
  const scores = new Float32Array(392).fill(-100);
  const values = new Float32Array(392 * 16);
  for (const [anchor, [logit, box]] of Object.entries(boxes)) {
    scores[Number(anchor)] = logit;
    values.set(box, 16 * Number(anchor));
  }
  const outputs: Record<string, HostTensor> = {
    scores_16: floatTensor(scores, [1, 392, 1]),
    boxes_16: floatTensor(values, [1, 392, 16]),
    scores_32: floatTensor(new Float32Array(294).fill(-100), [1, 294, 1]),
    boxes_32: floatTensor(new Float32Array(294 * 16), [1, 294, 16]),
  };
  return { run: () => Promise.resolve(outputs), dispose: () => Promise.resolve() };
}

/** A box of 64 × 32 input pixels whose centre is 8 to the right and 16 above its anchor, and its points at the centre. */
const BOX = [8, -16, 64, 32, ...Array.from({ length: 6 }, () => [8, -16]).flat()];

async function detect(runner: Runner, roll = 0) {
  return await new FaceDetector(runner).detect(new Pyramid(PICTURE), wholePicture(448, 448, 1, roll), 0.25);
}

it('reads boxes from their anchors on, in pixels of the picture', async () => {
  // Anchors 30 and 31 stand in the second row and the second column: at (24, 24) of 224.
  const [found, ...others] = await detect(networkThatSees({ 30: [0, BOX] }));
  expect(others).toEqual([]);
  expect(found!.score).toBe(0.5);
  // Centre (32, 8) of 224 is (64, 16) of 448, which is half a pixel less where pixels count from their centres.
  expect(found!.box).toEqual({ left: -0.5, top: -16.5, width: 128, height: 64 });
  expect(found!.points).toEqual(Array(6).fill({ x: 63.5, y: 15.5 }));
});

it('turns what a turned region shows back into the picture', async () => {
  const [found] = await detect(networkThatSees({ 30: [0, BOX] }), Math.PI);
  expect(found!.box.left).toBeCloseTo(447 - 63.5 - 64);
  expect(found!.box.top).toBeCloseTo(447 - 15.5 - 32);
});

it('passes over what scores less than the threshold', async () => {
  expect(await detect(networkThatSees({ 30: [-1.2, BOX] }))).toEqual([]);
});

it('takes boxes of the same face together, weighted by their scores', async () => {
  const shifted = BOX.with(0, 12);
  const logitOfOneThird = Math.log(1 / 2);
  const found = await detect(networkThatSees({ 30: [0, BOX], 31: [logitOfOneThird, shifted] }));
  expect(found).toHaveLength(1);
  expect(found[0]!.score).toBe(0.5);
  // Centres at 32 and 36 with the weights 3 and 2 give 33.6, which is 67.2 of 512; the box is 128 wide.
  expect(found[0]!.box.left).toBeCloseTo(67.2 - 64.5, 4);
});

it('keeps boxes apart that hardly overlap, the surest first', async () => {
  const found = await detect(networkThatSees({ 30: [0, BOX], 200: [2, BOX] }));
  expect(found.map(({ score }) => score)).toEqual([expect.closeTo(0.88, 2), 0.5]);
});
