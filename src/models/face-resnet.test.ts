import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { faceRecognitionWeights } from '../../scripts/age-model/face-recognition.js';
import { evaluate } from '../../test/support/numeric.js';
import { referencePath } from '../../test/support/reference.js';
import { floatTensor, sizeOf } from '../base/tensor.js';
import { buildNetwork, parameterSpecs } from '../nn/network.js';
import { faceResnet } from './face-resnet.js';

const SIDE = 150;

describe('faceResnet', () => {
  it('has 5.6 million parameters', () => {
    const specs = parameterSpecs(faceResnet, { imageSize: SIDE, classes: 8 });
    expect(specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0)).toBe(5_576_776);
  });

  it("with the weights of dlib's network has its features", async () => {
    const { means } = JSON.parse(readFileSync(referencePath('face-resnet.json'), 'utf8')) as { means: number[] };
    // The last layer takes the mean of 8 features each.
    const kernel = new Float32Array(256 * 32);
    for (let feature = 0; feature < 256; feature++) kernel[feature * 32 + Math.floor(feature / 8)] = 1 / 8;
    const weights = await faceRecognitionWeights();
    weights.set('head.kernel', floatTensor(kernel, [256, 32])).set('head.bias', floatTensor(new Float32Array(32), [32]));
    const { graph, logits } = buildNetwork(faceResnet, { batch: 1, imageSize: SIDE, classes: 32, training: false, weights });
    graph.output('means', logits);
    const outputs = await evaluate(graph, { images: floatTensor(pictureOfReference(), [1, 3, SIDE, SIDE]) });
    const actual = outputs['means']!.data as Float32Array;
    means.forEach((value, index) => expect(actual[index]).toBeCloseTo(value, 4));
  });
});

/** The picture of face_resnet.py, [3, H, W] in 0..1 instead of its levels [H, W, 3]. */
function pictureOfReference(): Float32Array {
  const pixels = SIDE * SIDE;
  const images = new Float32Array(3 * pixels);
  for (let index = 0; index < 3 * pixels; index++) {
    const level = Math.trunc(Math.sin(index * 0.01) * 60 + 128 + ((index * 7919) % 37));
    images[(index % 3) * pixels + Math.floor(index / 3)] = level / 255;
  }
  return images;
}
