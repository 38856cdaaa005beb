import { likeliest } from '../base/likeliest.js';
import { EngineError, ShapeError } from '../base/errors.js';
import { floatTensor } from '../base/tensor.js';
import type { Runner } from '../runtime/runner.js';
import type { ExplanationDescription } from './description.js';
import type { ClassMap } from './heat-map.js';
import { splitMaps } from './heat-map.js';

/** What a network says of a picture, and where it finds what speaks for one of the classes. */
export interface Explanation {
  /** Of all classes, summing to 1. */
  readonly probabilities: Float32Array;
  /** Index of the class that is explained. */
  readonly target: number;
  readonly map: ClassMap;
}

/** An explanation model that is loaded, in Node or in a page. Call `dispose` when done. */
export class Explainer {
  readonly description: ExplanationDescription;
  readonly #session: Runner;

  /** @param session of a model for one picture at a time */
  constructor(session: Runner, description: ExplanationDescription) {
    this.#session = session;
    this.description = description;
  }

  /**
   * Explains one picture.
   * @param image [3, H, W], RGB, 0..1
   * @param target index of the class; the likeliest by default, for which the network is run twice
   * @throws {ShapeError} when there is no such class, or the picture has another size
   * @throws {EngineError} when the network gives a number that is none, as with damaged weights
   */
  async explain(image: Float32Array, target?: number): Promise<Explanation> {
    const { classes } = this.description;
    if (target !== undefined && !(Number.isInteger(target) && target >= 0 && target < classes.length)) {
      throw new ShapeError(`there is no class ${target}; the network has ${classes.length}, counted from 0`);
    }
    const chosen = target ?? likeliest((await this.#run(image, 0)).probabilities);
    return { ...(await this.#run(image, chosen)), target: chosen };
  }

  /** Frees the memory of the network. */
  async dispose(): Promise<void> {
    await this.#session.dispose();
  }

  async #run(image: Float32Array, target: number): Promise<{ probabilities: Float32Array; map: ClassMap }> {
    const { classes, imageSize } = this.description;
    const weights = new Float32Array(classes.length);
    weights[target] = 1;
    const { probabilities, maps } = await this.#session.run({
      images: floatTensor(image, [1, 3, imageSize, imageSize]),
      class_weights: floatTensor(weights, [1, classes.length]),
    });
    const [map] = splitMaps(maps!.data as Float32Array, maps!.shape);
    const shares = probabilities!.data as Float32Array;
    if (![...shares, ...map!.values].every(Number.isFinite)) {
      throw new EngineError('the network gives values that are no numbers', {
        hint: 'Its weights are damaged, or its training diverged.',
      });
    }
    return { probabilities: shares, map: map! };
  }
}
