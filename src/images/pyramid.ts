import { halvePicture } from './kernels/kernels.js';
import type { Picture } from './picture.js';

/**
 * A picture together with reduced copies of itself, so that a small part of a large picture is sampled without skipping
 * pixels. Level k has 1/2^k of the width and height. Copies are made when they are first asked for.
 */
export class Pyramid {
  readonly #levels: Picture[];

  constructor(picture: Picture) {
    this.#levels = [picture];
  }

  /** The picture itself. */
  get picture(): Picture {
    return this.#levels[0]!;
  }

  /** The level that is wanted, or the last one before a side would vanish, and its number. */
  at(wanted: number): { readonly picture: Picture; readonly level: number } {
    let last = this.#levels.at(-1)!;
    while (this.#levels.length <= wanted && last.width > 1 && last.height > 1) {
      last = halvePicture(last);
      this.#levels.push(last);
    }
    const level = Math.min(wanted, this.#levels.length - 1);
    return { picture: this.#levels[level]!, level };
  }
}
