import type { AgeEstimate } from '../base/expected-age.js';
import { estimateAge, estimateAgeOfYears } from '../base/expected-age.js';
import { likeliest } from '../base/likeliest.js';
import { spansOfClasses } from '../data/bands.js';
import type { Face } from '../faces/face.js';
import type { FaceFinder } from '../faces/finder.js';
import { faceForNetwork } from '../faces/network-input.js';
import type { Picture } from '../images/picture.js';
import { writePlanes } from '../images/picture.js';
import type { Classifier } from './classify.js';

/** What a model says of a face, or of a whole picture. */
export interface BandPrediction {
  /** The likeliest band. */
  readonly band: string;
  /** All bands in their order, with probabilities that sum to 1. */
  readonly probabilities: readonly { readonly band: string; readonly probability: number }[];
  /** Null where the classes are no age bands. */
  readonly age: AgeEstimate | null;
}

/** A face in a picture, and its band. */
export interface ClassifiedFace extends BandPrediction {
  readonly face: Face;
}

/** Faces and pictures that pass through the network together. */
const MOST_TOGETHER = 32;

/** Finds the faces of pictures and tells the band of each. */
export class FaceClassifier {
  readonly #finder: FaceFinder;
  readonly #classifier: Classifier;

  /** Both stay with the caller, who disposes of them. */
  constructor(finder: FaceFinder, classifier: Classifier) {
    this.#finder = finder;
    this.#classifier = classifier;
  }

  /** The faces of each picture, the largest first; those of all pictures pass through the network together. */
  async classifyFaces(pictures: readonly Picture[]): Promise<ClassifiedFace[][]> {
    const found: Face[][] = [];
    for (const picture of pictures) found.push(await this.#finder.find(picture));
    const { imageSize, alignment } = this.#classifier;
    const inputs = found.flatMap((faces, index) =>
      faces.map((face) => faceForNetwork(pictures[index]!, face, imageSize, alignment)),
    );
    const predictions = (await classifyPictures(this.#classifier, inputs)).values();
    return found.map((faces) => faces.map((face) => ({ face, ...predictions.next().value! })));
  }
}

/** What a network says of pictures that have its size already. */
export async function classifyPictures(classifier: Classifier, inputs: readonly Picture[]): Promise<BandPrediction[]> {
  const { classes, imageSize } = classifier;
  const spans = spansOfClasses(classes);
  const size = 3 * imageSize ** 2;
  const predictions: BandPrediction[] = [];
  for (let first = 0; first < inputs.length; first += MOST_TOGETHER) {
    const together = inputs.slice(first, first + MOST_TOGETHER);
    const images = new Float32Array(together.length * size);
    together.forEach((picture, index) => writePlanes(picture, images, index * size));
    const { probabilities: values, years } = await classifier.run(images);
    for (let index = 0; index < together.length; index++) {
      const shares = values.slice(index * classes.length, (index + 1) * classes.length);
      predictions.push({
        band: classes[likeliest(shares)]!,
        probabilities: classes.map((band, place) => ({ band, probability: shares[place]! })),
        age: years ? estimateAgeOfYears(years[index]!) : spans ? estimateAge(shares, spans) : null,
      });
    }
  }
  return predictions;
}
