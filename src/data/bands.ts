import type { AgeSpan } from '../base/expected-age.js';

/** The eight age bands of the Adience benchmark (Eidinger, Enbar & Hassner 2014), in whole years, youngest first. */
export const AGE_BANDS = ['0-2', '4-6', '8-13', '15-20', '25-32', '38-43', '48-53', '60+'] as const;

/** First and last age of each band, both included. Ages between two bands belong to none. */
const BOUNDS: readonly (readonly [first: number, last: number])[] = [
  [0, 2],
  [4, 6],
  [8, 13],
  [15, 20],
  [25, 32],
  [38, 43],
  [48, 53],
  [60, Infinity],
];

/** Stands for the last band, which has no middle: the mean age of the persons of 60 and more in UTKFace, rounded. */
const AGE_OF_LAST_BAND = 72;

/** Other ways in which the bands are written: Adience's own labels end the third one at 12 and the last one at 100. */
const OTHER_SPELLINGS = new Map([
  ['8-12', 2],
  ['60-100', 7],
]);

/**
 * Index into {@link AGE_BANDS} of the band of an age in years, which counts as the years completed; `undefined` when it
 * lies between two bands or is no age.
 */
export function bandOfAge(age: number): number | undefined {
  const years = Math.floor(age);
  const band = BOUNDS.findIndex(([first, last]) => years >= first && years <= last);
  return band === -1 ? undefined : band;
}

/** Whether a known age in years lies between two bands. */
export function isBetweenBands(age: number): boolean {
  return !Number.isNaN(age) && bandOfAge(age) === undefined;
}

/** Index into {@link AGE_BANDS} of the band that an age in years lies in or nearest to; of two as near, the younger. */
export function nearestBand(age: number): number {
  const years = Math.floor(age);
  const distances = BOUNDS.map(([first, last]) => Math.max(first - years, years - last, 0));
  return distances.indexOf(Math.min(...distances));
}

/** The age in years that stands for a band, given by its index: its middle, and 72 for the last. */
export function middleOfBand(band: number): number {
  const [first, last] = BOUNDS[band]!;
  return last === Infinity ? AGE_OF_LAST_BAND : (first + last) / 2;
}

/** What a band stands for, given by its index. */
export function spanOfBand(band: number): AgeSpan {
  const [from, last] = BOUNDS[band]!;
  return { from, to: last === Infinity ? null : last, middle: middleOfBand(band) };
}

/** What classes stand for, if all of them are age bands. */
export function spansOfClasses(classes: readonly string[]): AgeSpan[] | undefined {
  const bands = classes.map(parseBand);
  return bands.every((band) => band !== undefined) ? bands.map(spanOfBand) : undefined;
}

/** The bands just below and above an age between two bands, for a message: `'15-20 and 25-32'`. */
export function bandsAround(age: number): string {
  const above = BOUNDS.findIndex(([first]) => first > age);
  return `${AGE_BANDS[above - 1] ?? 'none'} and ${AGE_BANDS[above] ?? 'none'}`;
}

/**
 * Index into {@link AGE_BANDS} of a band written as `8-13`, `8–13`, `(8, 12)` (Adience's form) or `60+`; `undefined`
 * for any other text.
 */
export function parseBand(text: string): number | undefined {
  const plain = text.replaceAll(/[\s()]/g, '').replace(/[,–—_]/, '-');
  const band = AGE_BANDS.findIndex((name) => name === plain);
  return band === -1 ? OTHER_SPELLINGS.get(plain) : band;
}
