import { likeliest } from '../base/likeliest.js';
import { ConfigError, PictureError } from '../base/errors.js';
import type { MapMethod } from '../explain/map-methods.js';
import { Explainer } from '../explain/explainer.js';
import { explanationModel } from '../explain/explanation-model.js';
import type { ClassMap } from '../explain/heat-map.js';
import { isEmptyMap } from '../explain/heat-map.js';
import { DEFAULT_OPACITY, overlayMap } from '../explain/overlay.js';
import type { Box } from '../faces/face.js';
import { decodePicture } from '../images/decode.node.js';
import type { Picture } from '../images/picture.js';
import { writePlanes } from '../images/picture.js';
import type { TrainedNetwork } from '../nn/network.js';
import { chooseDevice } from '../runtime/choose-device.node.js';
import type { Device } from '../runtime/device.js';
import { capabilitiesOf } from '../runtime/device.js';
import { Session } from '../runtime/session.node.js';
import { BUILT_IN_MODEL } from './built-in-model.js';
import type { ClassifierOptions, FailedPrediction, ModelChoice, PictureSource, Prediction } from './classify.js';
import { loadTrained } from './model-source.js';
import { SubjectFinder } from './subjects.js';

export interface ExplainerOptions extends ClassifierOptions, ModelChoice {
  /** Which weights of a run: the best by validation (the default), or the last. */
  readonly checkpoint?: 'best' | 'last';
  /** How the map is made. Default: `hires-cam`. */
  readonly method?: MapMethod;
  /** Name of the convolution whose activations are looked at. Default: the last whose map has 5 × 5 cells or more. */
  readonly layer?: string;
}

export type ExplainOptions = ExplainerOptions & ViewOptions;

/** What is explained of a picture, and how it is shown. */
export interface ViewOptions {
  /** The band that is explained. Default: for each picture, the likeliest. */
  readonly band?: string;
  /** Of the map's colours over the picture, 0..1. Default: 0.5. */
  readonly opacity?: number;
  /** Longer side of the pictures in the result, in pixels. Default: 600. */
  readonly side?: number;
}

/** What a network says of a picture, and where it finds what speaks for a band. */
export interface PictureExplanation extends Omit<Prediction, 'age' | 'faces'> {
  /** The band that is explained. */
  readonly explained: string;
  /**
   * The largest face, which is what is explained, in pixels of the upright picture; null where there is none, and of a model that
   * takes pictures as they are: then it is the whole picture.
   */
  readonly box: Box | null;
  readonly method: MapMethod;
  /** The layer whose activations the map is made of. */
  readonly layer: string;
  /** Cell by cell, as the method gives it. */
  readonly map: ClassMap;
  /** Whether nothing in the picture speaks for the band, by this map. */
  readonly isEmpty: boolean;
}

/** A picture with its explanation, ready to be shown. */
export interface ExplainedPicture extends PictureExplanation {
  readonly picture: Picture;
  /** The picture under the colours of the map. */
  readonly overlay: Picture;
}

export const DEFAULT_SIDE = 600;

/** Explains what a network says of pictures. Call `dispose` when done. */
export class PictureExplainer {
  readonly #explainer: Explainer;
  readonly #finder: SubjectFinder;

  /** @param device on which faces are found */
  constructor(explainer: Explainer, device: Device) {
    this.#explainer = explainer;
    this.#finder = new SubjectFinder(explainer.description, device);
  }

  get classes(): readonly string[] {
    return this.#explainer.description.classes;
  }

  /** Name of the layer whose activations the maps are made of. */
  get layer(): string {
    return this.#explainer.description.layer;
  }

  get method(): MapMethod {
    return this.#explainer.description.method;
  }

  /** Height and width to which pictures are squashed, in pixels. */
  get imageSize(): number {
    return this.#explainer.description.imageSize;
  }

  /**
   * Tells where the network finds what speaks for a band in a picture, or in its largest face where it takes aligned ones.
   * @param band the likeliest by default
   * @throws {ConfigError} when there is no such band
   * @throws {PictureError} when the picture cannot be read
   */
  async explain(source: PictureSource, { band, opacity = DEFAULT_OPACITY, side = DEFAULT_SIDE }: ViewOptions = {}): Promise<ExplainedPicture> {
    const [{ box, input }] = await this.#finder.find(source);
    const explanation = await this.explainInput(await input(this.imageSize), band);
    const picture = box === null ? await decodeToSide(source, side) : await input(side);
    const file = typeof source === 'string' ? source : '<buffer>';
    return { file, box, ...explanation, picture, overlay: overlayMap(picture, explanation.map, opacity) };
  }

  /**
   * The same of a picture that has the form and size of the network's input already.
   * @throws {ConfigError} when there is no such band
   */
  async explainInput(picture: Picture, band?: string): Promise<Omit<PictureExplanation, 'file' | 'box'>> {
    const { classes, imageSize, method, layer } = this.#explainer.description;
    const wanted = band === undefined ? undefined : requireBand(band, classes);
    const image = new Float32Array(3 * imageSize ** 2);
    writePlanes(picture, image);
    const { probabilities, target, map } = await this.#explainer.explain(image, wanted);
    return {
      band: classes[likeliest(probabilities)]!,
      probabilities: classes.map((name, index) => ({ band: name, probability: probabilities[index]! })),
      ...{ explained: classes[target]!, method, layer, map, isEmpty: isEmptyMap(map) },
    };
  }

  async dispose(): Promise<void> {
    await Promise.all([this.#explainer.dispose(), this.#finder.dispose()]);
  }
}

/**
 * Opens a model to explain what it says: the built-in one, unless another is named.
 * @throws {ConfigError} when there is no such run or convolution, or the network does not allow the method
 * @throws {FileError} {FormatError} when the model is missing or damaged, or an ONNX file does not hold its layers
 */
export async function openExplainer(options: ExplainerOptions = {}): Promise<PictureExplainer> {
  const { model = BUILT_IN_MODEL, checkpoint } = options;
  return await explainerOf(await loadTrained(model, checkpoint), options);
}

/** Opens a network to explain what it says. @throws {ConfigError} as {@link openExplainer} */
export async function explainerOf(
  network: TrainedNetwork,
  { method, layer, threads, device: choice = 'cpu' }: ExplainerOptions,
): Promise<PictureExplainer> {
  const device = await chooseDevice(choice);
  const { bytes, description } = explanationModel({
    ...network,
    capabilities: capabilitiesOf(device),
    ...(method === undefined ? {} : { method }),
    ...(layer === undefined ? {} : { layer }),
  });
  const session = await Session.create(bytes, { device, ...(threads === undefined ? {} : { threads }) });
  return new PictureExplainer(new Explainer(session, description), device);
}

/**
 * Tells where a network finds what speaks for a band in pictures, and paints it over them. A picture that cannot be read gives
 * its error in place of an explanation.
 * @throws as {@link openExplainer}; {ConfigError} also when the band or the opacity makes no sense
 * @example
 * const [first] = await explainPictures(['one.jpg'], { method: 'grad-cam++' });
 */
export async function explainPictures(
  pictures: readonly PictureSource[],
  options: ExplainOptions = {},
): Promise<(ExplainedPicture | FailedPrediction)[]> {
  const explainer = await openExplainer(options);
  try {
    const results: (ExplainedPicture | FailedPrediction)[] = [];
    for (const source of pictures) results.push(await explainPicture(explainer, source, options));
    return results;
  } finally {
    await explainer.dispose();
  }
}

/** One picture of {@link explainPictures}, for those who go through many. */
export async function explainPicture(
  explainer: PictureExplainer,
  source: PictureSource,
  options: ViewOptions = {},
): Promise<ExplainedPicture | FailedPrediction> {
  try {
    return await explainer.explain(source, options);
  } catch (error) {
    if (!(error instanceof PictureError)) throw error;
    return { file: typeof source === 'string' ? source : '<buffer>', error: error.reason };
  }
}

/** A picture in its own proportions. */
async function decodeToSide(source: PictureSource, side: number): Promise<Picture> {
  const { width, height } = await decodePicture(source);
  const scale = side / Math.max(width, height);
  const scaled = (length: number): number => Math.max(1, Math.round(length * scale));
  return await decodePicture(source, { width: scaled(width), height: scaled(height) });
}

function requireBand(band: string, classes: readonly string[]): number {
  const index = classes.indexOf(band);
  if (index === -1) {
    throw new ConfigError(`the network knows no band "${band}"`, { hint: `Its bands are: ${classes.join(', ')}.` });
  }
  return index;
}
