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
      last = halve(last);
      this.#levels.push(last);
    }
    const level = Math.min(wanted, this.#levels.length - 1);
    return { picture: this.#levels[level]!, level };
  }
}

/**
 * A picture of half the width and height: each pixel is the mean of four. An odd last row or column is left out, so that
 * the pixel at column x of the result always covers columns 2x and 2x + 1.
 */
export function halve({ data, width, height }: Picture): Picture {
  const half = { width: width >> 1, height: height >> 1 };
  const target = new Uint8Array(half.width * half.height * 3);
  const stride = width * 3;
  let next = 0;
  for (let row = 0; row < half.height; row++) {
    let source = 2 * row * stride;
    for (let column = 0; column < half.width; column++, source += 6) {
      const below = source + stride;
      target[next] = (data[source]! + data[source + 3]! + data[below]! + data[below + 3]! + 2) >> 2;
      target[next + 1] = (data[source + 1]! + data[source + 4]! + data[below + 1]! + data[below + 4]! + 2) >> 2;
      target[next + 2] = (data[source + 2]! + data[source + 5]! + data[below + 2]! + data[below + 5]! + 2) >> 2;
      next += 3;
    }
  }
  return { data: target, ...half };
}
