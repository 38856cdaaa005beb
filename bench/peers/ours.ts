/** A model of ours: the largest face, found and aligned as `ageband crop` does, on one thread of ONNX Runtime. */
import { likeliest } from '../../src/base/classes.js';
import { middleOfBand, parseBand } from '../../src/data/bands.js';
import { openClassifier } from '../../src/evaluation/classify.js';
import { alignFace } from '../../src/faces/align.js';
import { openFaceFinder } from '../../src/faces/finder.node.js';
import { writePlanes } from '../../src/images/picture.js';
import type { Estimator, OwnOptions } from './estimator.js';

export async function openOurs({ model, alignment }: OwnOptions): Promise<Estimator> {
  const classifier = await openClassifier(model, { threads: 1 });
  const bands = classifier.classes.map(parseBand);
  if (!bands.every((band) => band !== undefined)) throw new Error(`${model} has classes that are no age bands`);
  const finder = await openFaceFinder({ threads: 1 });
  const size = classifier.imageSize;
  return async (picture) => {
    const [face] = await finder.find(picture);
    if (face === undefined) return undefined;
    const images = new Float32Array(3 * size ** 2);
    writePlanes(alignFace(picture, face.landmarks, { ...alignment, size }), images);
    const probabilities = await classifier.probabilities(images);
    const age = bands.reduce((sum, band, index) => sum + probabilities[index]! * middleOfBand(band), 0);
    return { age, band: bands[likeliest(probabilities)]! };
  };
}
