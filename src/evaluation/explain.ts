import { likeliest } from '../base/classes.js';
import { ConfigError, PictureError } from '../base/errors.js';
import type { MapMethod } from '../explain/class-maps.js';
import { Explainer } from '../explain/explainer.js';
import { explanationModel } from '../explain/explanation-model.js';
import type { ClassMap } from '../explain/heat-map.js';
import { isEmptyMap } from '../explain/heat-map.js';
import { DEFAULT_OPACITY, overlayMap } from '../explain/overlay.js';
import { decodePicture } from '../images/decode.node.js';
import type { Picture } from '../images/picture.js';
import { writePlanes } from '../images/picture.js';
import type { TrainedNetwork } from '../nn/network.js';
import { Session } from '../runtime/session.node.js';
import type { ExportOptions } from '../training/export.js';
import { loadCalibrated } from '../training/export.js';
import type { ClassifierOptions, FailedPrediction, PictureSource, Prediction } from './classify.js';

export interface ExplainerOptions extends ClassifierOptions, ExportOptions {
  /** How the map is made. Default: `grad-cam`. */
  readonly method?: MapMethod;
  /** Name of the convolution whose activations are looked at. Default: the last one. */
  readonly layer?: string;
}

export interface ExplainOptions extends ExplainerOptions {
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

/** Explains the pictures that a run's network is shown. Call `dispose` when done. */
export class PictureExplainer {
  readonly #explainer: Explainer;

  constructor(explainer: Explainer) {
    this.#explainer = explainer;
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
   * Tells where the network finds what speaks for a band in a picture.
   * @param band the likeliest by default
   * @throws {ConfigError} when there is no such band
   * @throws {PictureError} when the picture cannot be read
   */
  async explain(source: PictureSource, band?: string): Promise<PictureExplanation> {
    const { classes, imageSize, method, layer } = this.#explainer.description;
    const wanted = band === undefined ? undefined : requireBand(band, classes);
    const picture = await decodePicture(source, { width: imageSize, height: imageSize });
    const image = new Float32Array(3 * imageSize ** 2);
    writePlanes(picture, image);
    const { probabilities, target, map } = await this.#explainer.explain(image, wanted);
    const ofBands = classes.map((name, index) => ({ band: name, probability: probabilities[index]! }));
    return {
      file: typeof source === 'string' ? source : '<buffer>',
      band: classes[likeliest(probabilities)]!,
      probabilities: ofBands,
      ...{ explained: classes[target]!, method, layer, map, isEmpty: isEmptyMap(map) },
    };
  }

  async dispose(): Promise<void> {
    await this.#explainer.dispose();
  }
}

/**
 * Opens the network of a run to explain what it says.
 * @param run folder of the run: an exported ONNX file holds no network that could be differentiated
 * @throws {ConfigError} when there is no such run or convolution, or the network does not allow the method
 * @throws {FileError} {FormatError} when the checkpoint is missing or damaged
 */
export async function openExplainer(run: string, options: ExplainerOptions = {}): Promise<PictureExplainer> {
  const { checkpoint } = options;
  return await explainerOf(await loadCalibrated(run, checkpoint === undefined ? {} : { checkpoint }), options);
}

/** Opens a network to explain what it says. @throws {ConfigError} as {@link openExplainer} */
export async function explainerOf(network: TrainedNetwork, { method, layer, threads }: ExplainerOptions): Promise<PictureExplainer> {
  const { bytes, description } = explanationModel({
    ...network,
    ...(method === undefined ? {} : { method }),
    ...(layer === undefined ? {} : { layer }),
  });
  const session = await Session.create(bytes, threads === undefined ? {} : { threads });
  return new PictureExplainer(new Explainer(session, description));
}

/**
 * Tells where a run's network finds what speaks for a band in pictures, and paints it over them. A picture that cannot
 * be read gives its error in place of an explanation.
 * @throws as {@link openExplainer}; {ConfigError} also when the band or the opacity makes no sense
 * @example
 * const [first] = await explainPictures('runs/a', ['one.jpg'], { method: 'grad-cam++' });
 */
export async function explainPictures(
  run: string,
  pictures: readonly PictureSource[],
  options: ExplainOptions = {},
): Promise<(ExplainedPicture | FailedPrediction)[]> {
  const explainer = await openExplainer(run, options);
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
  { band, opacity = DEFAULT_OPACITY, side = DEFAULT_SIDE }: Pick<ExplainOptions, 'band' | 'opacity' | 'side'> = {},
): Promise<ExplainedPicture | FailedPrediction> {
  try {
    const explanation = await explainer.explain(source, band);
    const picture = await decodeToSide(source, side);
    return { ...explanation, picture, overlay: overlayMap(picture, explanation.map, opacity) };
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
