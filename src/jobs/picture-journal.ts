import type { z } from 'zod';
import { Journal } from './journal.js';

interface Named {
  /** Path of the picture in the source, or its address. */
  readonly file: string;
}

/** The index of a picture of the job; undefined for what is none. */
export type IndexOf = (file: string) => number | undefined;

/** Stands for a picture without a result: entries begin at 0 or later. */
const NONE = -1;

/**
 * The results of the pictures of a job, in the order of the pictures. In memory is of each no more than where it stands in the
 * journal, 8 bytes; what is asked for is read there.
 */
export class PictureJournal<Result extends Named> implements Iterable<Result> {
  readonly #places: Float64Array;
  readonly #superseded: number[] = [];
  #size = 0;
  #journal!: Journal<Result>;

  private constructor(pictures: number) {
    this.#places = new Float64Array(pictures).fill(NONE);
  }

  /**
   * Opens a journal, new or old; the last result of a picture counts.
   * @param pictures how many the job has
   * @throws as `Journal.open`
   */
  static async open<Result extends Named>(
    path: string,
    schema: z.ZodType<Result>,
    pictures: number,
    indexOf: IndexOf,
  ): Promise<PictureJournal<Result>> {
    const results = new PictureJournal<Result>(pictures);
    results.#journal = await Journal.open(path, schema, ({ file }, place) => results.#take(indexOf(file), place));
    return results;
  }

  /** How many pictures have a result. */
  get size(): number {
    return this.#size;
  }

  has(index: number): boolean {
    return this.#places[index] !== NONE;
  }

  /** @throws as `Journal.read` */
  at(index: number): Result | undefined {
    const place = this.#places[index]!;
    return place === NONE ? undefined : this.#journal.read(place);
  }

  /** @throws as `Journal.appendAll` */
  async add(results: readonly Result[], indexOf: IndexOf): Promise<void> {
    const places = await this.#journal.appendAll(results);
    for (const [index, { file }] of results.entries()) this.#take(indexOf(file), places[index]!);
  }

  /** Lets go of a result that holds no more. */
  drop(index: number): void {
    if (!this.has(index)) return;
    this.#superseded.push(this.#places[index]!);
    this.#places[index] = NONE;
    this.#size--;
  }

  /** The results that there are, in the order of the pictures. */
  *[Symbol.iterator](): Generator<Result, void, undefined> {
    for (const place of this.#places) if (place !== NONE) yield this.#journal.read(place);
  }

  /** The results that hold no more, or are of pictures that the job has no more. */
  *superseded(): Generator<Result, void, undefined> {
    for (const place of this.#superseded) yield this.#journal.read(place);
  }

  async close(): Promise<void> {
    await this.#journal.close();
  }

  #take(index: number | undefined, place: number): void {
    if (index === undefined) {
      this.#superseded.push(place);
      return;
    }
    this.drop(index);
    this.#places[index] = place;
    this.#size++;
  }
}
