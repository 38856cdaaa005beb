import { messageOf, PictureError } from '../base/errors.js';
import { floatTensor } from '../base/tensor.js';
import { decodePicture } from '../images/decode.node.js';
import { writePlanes } from '../images/picture.js';
import { Session } from '../runtime/session.node.js';
import { loadModel, requireClasses } from './model-source.js';

/** What a model says about one picture. */
export interface Prediction {
  /** The path as it was given, or `<buffer>`. */
  readonly file: string;
  /** The likeliest band. */
  readonly band: string;
  /** All bands in their order, with probabilities that sum to 1. */
  readonly probabilities: readonly { readonly band: string; readonly probability: number }[];
}

/** A picture that could not be classified, and why. */
export interface FailedPrediction {
  readonly file: string;
  readonly error: string;
}

/** A picture: its path, or the bytes of a file. */
export type PictureSource = string | Uint8Array;

export interface ClassifierOptions {
  /** Threads of ONNX Runtime; one per core by default. */
  readonly threads?: number;
}

/** A loaded model. Call `dispose` when done. */
export class Classifier {
  readonly classes: readonly string[];
  readonly imageSize: number;
  readonly #session: Session;

  constructor(session: Session, classes: readonly string[], imageSize: number) {
    this.#session = session;
    this.classes = classes;
    this.imageSize = imageSize;
  }

  /**
   * Probabilities of pictures that are already in the form of the network.
   * @param images [N, 3, H, W], RGB, 0..1
   * @returns [N, classes]
   * @throws {EngineError} when the model is another than its metadata say
   */
  async probabilities(images: Float32Array): Promise<Float32Array> {
    const pixels = this.imageSize ** 2;
    const feed = floatTensor(images, [images.length / (3 * pixels), 3, this.imageSize, this.imageSize]);
    const { probabilities } = await this.#session.run({ images: feed });
    requireClasses(probabilities!, this.classes);
    return probabilities!.data as Float32Array;
  }

  /** Classifies one picture. @throws {PictureError} when it cannot be read. */
  async classify(picture: PictureSource): Promise<Prediction>;
  /** Classifies pictures, in order; one that cannot be read gives its error in place of a prediction. */
  async classify(pictures: readonly PictureSource[]): Promise<(Prediction | FailedPrediction)[]>;
  async classify(input: PictureSource | readonly PictureSource[]) {
    if (typeof input === 'string' || input instanceof Uint8Array) return await this.#classifyOne(input);
    const results: (Prediction | FailedPrediction)[] = [];
    for (const picture of input) {
      results.push(await this.#classifyOne(picture).catch((error: unknown) => failureOf(picture, error)));
    }
    return results;
  }

  async dispose(): Promise<void> {
    await this.#session.dispose();
  }

  async #classifyOne(source: PictureSource): Promise<Prediction> {
    const { imageSize } = this;
    const picture = await decodePicture(source, { width: imageSize, height: imageSize });
    const images = new Float32Array(3 * imageSize ** 2);
    writePlanes(picture, images);
    const values = await this.probabilities(images);
    const probabilities = this.classes.map((band, index) => ({ band, probability: values[index]! }));
    const best = probabilities.reduce((a, b) => (b.probability > a.probability ? b : a));
    return { file: nameOf(source), band: best.band, probabilities };
  }
}

/**
 * Opens a model for classification.
 * @param model folder of a run, or path of an exported ONNX file
 * @throws {FileError} {ConfigError} {FormatError} when there is no such model, or it cannot be used
 */
export async function openClassifier(model: string, options: ClassifierOptions = {}): Promise<Classifier> {
  const { bytes, classes, imageSize } = await loadModel(model);
  return new Classifier(await Session.create(bytes, options), classes, imageSize);
}

/**
 * Tells the age band of pictures with a model that is opened for this call.
 * @example const results = await classify('runs/a', ['one.jpg', 'two.jpg']);
 */
export async function classify(
  model: string,
  pictures: readonly PictureSource[],
  options: ClassifierOptions = {},
): Promise<(Prediction | FailedPrediction)[]> {
  const classifier = await openClassifier(model, options);
  try {
    return await classifier.classify(pictures);
  } finally {
    await classifier.dispose();
  }
}

function failureOf(source: PictureSource, error: unknown): FailedPrediction {
  return { file: nameOf(source), error: error instanceof PictureError ? error.reason : messageOf(error) };
}

function nameOf(source: PictureSource): string {
  return typeof source === 'string' ? source : '<buffer>';
}
