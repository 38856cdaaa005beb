/** A model of ours: the largest face, as `ageband predict` finds and aligns it, on one thread of ONNX Runtime. */
import { parseBand, spansOfClasses } from '../../src/data/bands.js';
import { openClassifier } from '../../src/evaluation/classify.js';
import { FaceClassifier } from '../../src/evaluation/face-classifier.js';
import { openFaceFinder } from '../../src/faces/finder.node.js';
import type { Estimator } from './estimator.js';

/** @param model folder of a run, or an exported ONNX file; the built-in model by default */
export async function openOurs(model: string | undefined): Promise<Estimator> {
  const classifier = await openClassifier({ ...(model !== undefined && { model }), threads: 1 });
  if (spansOfClasses(classifier.classes) === undefined) throw new Error(`${model} has classes that are no age bands`);
  const faces = new FaceClassifier(await openFaceFinder({ threads: 1 }), classifier);
  return async (picture) => {
    const face = (await faces.classifyFaces([picture]))[0]![0];
    return face && { age: face.age!.expected, band: parseBand(face.band)! };
  };
}
