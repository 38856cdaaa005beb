import { ConfigError } from '../base/errors.js';
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

/** First and last age of a band in whole years, both included; `to` is null where there is no last one. */
export type YearBounds = Pick<AgeSpan, 'from' | 'to'>;

/**
 * The age that stands for a band without an end: about the mean age of the persons of that age and more in UTKFace, to
 * which this line comes within 2.5 years from 18+ to 80+. For 60+ it is 72.
 */
function middleFrom(from: number): number {
  return Math.max(from, 72 + 0.73 * (from - 60));
}

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

/** Index of the band that an age in years, which counts as the years completed, lies in; `undefined` when in none. */
export function bandHoldingAge(age: number, bands: readonly YearBounds[]): number | undefined {
  const years = Math.floor(age);
  const band = bands.findIndex(({ from, to }) => years >= from && years <= (to ?? Infinity));
  return band === -1 ? undefined : band;
}

/**
 * Whether a picture counts for the figures of bands: not when its age is known to lie between two, whatever band it was given.
 * @param bands undefined where the classes are no age bands
 */
export function countsForBands(age: number | undefined, bands: readonly YearBounds[] | undefined): boolean {
  return age === undefined || bands === undefined || bandHoldingAge(age, bands) !== undefined;
}

/** Index of the band that another one lies in as a whole; `undefined` when in none. */
export function bandHolding(inner: YearBounds, bands: readonly YearBounds[]): number | undefined {
  const band = bands.findIndex(({ from, to }) => inner.from >= from && (inner.to ?? Infinity) <= (to ?? Infinity));
  return band === -1 ? undefined : band;
}

/** Index into {@link AGE_BANDS} of the band that an age in years lies in or nearest to; of two as near, the younger. */
export function nearestBand(age: number): number {
  const years = Math.floor(age);
  const distances = BOUNDS.map(([first, last]) => Math.max(first - years, years - last, 0));
  return distances.indexOf(Math.min(...distances));
}

/** What a band stands for, given by its index. */
function spanOfBand(band: number): AgeSpan {
  const [from, last] = BOUNDS[band]!;
  return last === Infinity ? { from, to: null, middle: middleFrom(from) } : { from, to: last, middle: (from + last) / 2 };
}

/**
 * What classes stand for, if all of them are age bands: those of {@link AGE_BANDS} in any spelling, or bands of any other
 * bounds (see {@link parseAnyBand}) from young to old that share no year.
 */
export function spansOfClasses(classes: readonly string[]): AgeSpan[] | undefined {
  const known = classes.map(parseBand);
  if (known.every((band) => band !== undefined)) return known.map(spanOfBand);
  const bands = classes.map(parseAnyBand);
  if (!bands.every((band) => band !== undefined) || disorderOf(bands) !== undefined) return undefined;
  return bands.map(({ from, to }) => ({ from, to, middle: to === null ? middleFrom(from) : (from + to) / 2 }));
}

/** The bands just below and above an age between two bands, for a message: `'15-20 and 25-32'`. */
export function bandsAround(age: number): string {
  return namesAround(age, AGE_BANDS, AGE_BANDS.map((_, band) => spanOfBand(band)));
}

/** The same for bands of other bounds. @param names as they are called */
export function namesAround(age: number, names: readonly string[], bands: readonly YearBounds[]): string {
  const above = bands.findIndex(({ from }) => from > age);
  const below = above === -1 ? bands.length - 1 : above - 1;
  return `${names[below] ?? 'none'} and ${names[above] ?? 'none'}`;
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

const OLDEST = 130;

/**
 * The bounds of a band as it is written, whatever they are: `26-59`, `26–59`, `(26, 59)` or `60+`; `undefined` for any
 * other text, and for bounds that are no ages or stand the wrong way round.
 */
export function parseAnyBand(text: string): YearBounds | undefined {
  const match = /^\(?(?<from>\d{1,3})(?:[-,–—_](?<to>\d{1,3})\)?|\+)$/.exec(text.replaceAll(/\s/g, ''));
  if (match === null) return undefined;
  const { from, to } = match.groups as { from: string; to?: string };
  const bounds = { from: Number(from), to: to === undefined ? null : Number(to) };
  return bounds.from <= (bounds.to ?? OLDEST) && (bounds.to ?? bounds.from) <= OLDEST ? bounds : undefined;
}

/**
 * The names of bands in a list such as `0-12, 13-25, 26-59, 60+`, in one spelling.
 * @throws {ConfigError} naming what is no band, and bands that overlap or do not stand from young to old
 */
export function parseBandList(list: string): string[] {
  const texts = list.split(',').map((text) => text.trim());
  const bands = texts.map((text) => {
    const band = parseAnyBand(text);
    if (band === undefined) throw new ConfigError(`${JSON.stringify(text)} is no age band such as 8-13 or 60+`);
    return band;
  });
  if (bands.length < 2) throw new ConfigError(`at least two are needed, got ${list}`);
  const names = bands.map(({ from, to }) => (to === null ? `${from}+` : `${from}-${to}`));
  const wrong = disorderOf(bands);
  if (wrong === undefined) return names;
  const [before, after] = [bands[wrong]!, bands[wrong + 1]!];
  const overlap = (before.to ?? Infinity) >= after.from && before.from <= (after.to ?? Infinity);
  const pair = `${names[wrong]!} and ${names[wrong + 1]!}`;
  throw new ConfigError(`${pair} ${overlap ? 'overlap' : 'do not stand from young to old'}`);
}

/** Index of the first band that does not end before the next one begins. */
function disorderOf(bands: readonly YearBounds[]): number | undefined {
  const index = bands.findIndex(({ to }, band) => band + 1 < bands.length && (to ?? Infinity) >= bands[band + 1]!.from);
  return index === -1 ? undefined : index;
}
