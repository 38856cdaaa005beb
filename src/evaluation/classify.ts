import type { Alignment } from '../base/alignment.js';
import { messageOf, PictureError } from '../base/errors.js';
import { floatTensor } from '../base/tensor.js';
import type { Box } from '../faces/face.js';
import type { InputContract } from '../formats/onnx-contract.js';
import { chooseDevice } from '../runtime/choose-device.node.js';
import type { DeviceChoice } from '../runtime/device.js';
import { Session } from '../runtime/session.node.js';
import type { BandPrediction } from './face-classifier.js';
import { classifyPictures } from './face-classifier.js';
import { loadModel, requireClasses } from './model-source.js';
import { BUILT_IN_MODEL } from './built-in-model.js';
import { SubjectFinder } from './subjects.js';

/** What a model says about one picture, or about its largest face. */
export interface Prediction extends BandPrediction {
  /** The path as it was given, or `<buffer>`. */
  readonly file: string;
  /**
   * All faces, the largest first, of a model that takes aligned faces; where there is none, the prediction is that of the
   * whole picture. Undefined for a model that takes pictures as they are.
   */
  readonly faces?: readonly FacePrediction[];
}

/** A face in a picture, and what the model says about it. */
export interface FacePrediction extends BandPrediction {
  /** In pixels of the upright picture. */
  readonly box: Box;
}

/** A picture that could not be classified, and why. */
export interface FailedPrediction {
  readonly file: string;
  readonly error: string;
}

/** A picture: its path, or the bytes of a file. */
export type PictureSource = string | Uint8Array;

export interface ModelChoice {
  /** Folder of a run, or path of an exported ONNX file; the built-in model by default. */
  readonly model?: string;
}

export interface ClassifierOptions {
  /** What computes; `cpu` by default. */
  readonly device?: DeviceChoice;
  /** Threads of ONNX Runtime on the processor; one per core by default. */
  readonly threads?: number;
}

/** A loaded model. Call `dispose` when done. */
export class Classifier {
  readonly classes: readonly string[];
  readonly imageSize: number;
  /** How faces are cut out for it; undefined where it takes pictures as they are. */
  readonly alignment: Alignment | undefined;
  readonly #session: Session;
  readonly #finder: SubjectFinder;

  constructor(session: Session, { classes, imageSize, alignment }: InputContract) {
    this.#session = session;
    this.classes = classes;
    this.imageSize = imageSize;
    this.alignment = alignment;
    this.#finder = new SubjectFinder({ ...(alignment && { alignment }) }, session.device);
  }

  /**
   * Probabilities of pictures that are already in the form of the network.
   * @param images [N, 3, H, W], RGB, 0..1
   * @returns [N, classes]
   * @throws {EngineError} when the model is another than its metadata say
   */
  async probabilities(images: Float32Array): Promise<Float32Array> {
    return (await this.run(images)).probabilities;
  }

  /**
   * The same, with the probability of each year of age, [years] per picture, of a network that tells ages by years.
   * @throws as `probabilities`
   */
  async run(images: Float32Array): Promise<{ probabilities: Float32Array; years?: Float32Array[] }> {
    const pixels = this.imageSize ** 2;
    const feed = floatTensor(images, [images.length / (3 * pixels), 3, this.imageSize, this.imageSize]);
    const { probabilities, years } = await this.#session.run({ images: feed });
    requireClasses(probabilities!, this.classes);
    const ofBands = { probabilities: probabilities!.data as Float32Array };
    return years === undefined ? ofBands : { ...ofBands, years: rowsOf(years.data as Float32Array, years.shape[1]!) };
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
    await Promise.all([this.#session.dispose(), this.#finder.dispose()]);
  }

  async #classifyOne(source: PictureSource): Promise<Prediction> {
    const subjects = await this.#finder.find(source);
    const inputs = await Promise.all(subjects.map(({ input }) => input(this.imageSize)));
    const predictions = await classifyPictures(this, inputs);
    const faces = subjects.flatMap(({ box }, index) => (box === null ? [] : [{ box, ...predictions[index]! }]));
    return { file: nameOf(source), ...predictions[0]!, ...(this.alignment && { faces }) };
  }
}

function rowsOf(values: Float32Array, length: number): Float32Array[] {
  return Array.from({ length: values.length / length }, (_, row) => values.subarray(row * length, (row + 1) * length));
}

/**
 * Opens a model for classification: the built-in one, unless another is named.
 * @throws {FileError} {ConfigError} {FormatError} when there is no such model, or it cannot be used
 * @throws {DeviceError} when the device cannot be used
 */
export async function openClassifier(options: ModelChoice & ClassifierOptions = {}): Promise<Classifier> {
  const { model = BUILT_IN_MODEL, device = 'cpu', ...threads } = options;
  const { bytes, ...contract } = await loadModel(model);
  return new Classifier(await Session.create(bytes, { ...threads, device: await chooseDevice(device) }), contract);
}

/**
 * Tells the age band of pictures, or of the largest face in each, with a model that is opened for this call.
 * @example
 * const [first] = await classify(['one.jpg', 'two.jpg']);
 * const mine = await classify(['one.jpg'], { model: 'runs/a' });
 */
export async function classify(
  pictures: readonly PictureSource[],
  options: ModelChoice & ClassifierOptions = {},
): Promise<(Prediction | FailedPrediction)[]> {
  const classifier = await openClassifier(options);
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
