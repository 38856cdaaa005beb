/** A model of ours: the largest face, found and aligned as `ageband crop` does, on one thread of ONNX Runtime. */
import { parseBand, spansOfClasses } from '../../src/data/bands.js';
import { openClassifier } from '../../src/evaluation/classify.js';
import type { BandPrediction } from '../../src/evaluation/face-classifier.js';
import { classifyPictures } from '../../src/evaluation/face-classifier.js';
import { alignFace } from '../../src/faces/align.js';
import { openFaceFinder } from '../../src/faces/finder.node.js';
import type { Estimator, OwnOptions } from './estimator.js';

export async function openOurs({ model, alignment }: OwnOptions): Promise<Estimator> {
  const classifier = await openClassifier({ model, threads: 1 });
  if (spansOfClasses(classifier.classes) === undefined) throw new Error(`${model} has classes that are no age bands`);
  const finder = await openFaceFinder({ threads: 1 });
  const size = classifier.imageSize;
  return async (picture) => {
    const [face] = await finder.find(picture);
    if (face === undefined) return undefined;
    const aligned = alignFace(picture, face.landmarks, { ...alignment, ...classifier.alignment, size });
    const [{ age, band }] = (await classifyPictures(classifier, [aligned])) as [BandPrediction];
    return { age: age!.expected, band: parseBand(band)! };
  };
}
