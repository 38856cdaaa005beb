import { ConfigError } from '../base/errors.js';
import { PURPOSE, randomStream } from '../base/random.js';
import { apportion } from './apportion.js';
import type { Split } from './sample.js';

/** The splits in their order. */
export const SPLITS: readonly Split[] = ['train', 'valid', 'test'];

/** Fractions of the pictures that the splits get, each from 0 to 1; together 1. */
export type Fractions = Readonly<Record<Split, number>>;

/** The proportions of the report, and the default wherever a data set must be split. */
export const DEFAULT_FRACTIONS = { train: 0.6, valid: 0.2, test: 0.2 } as const;

/** What parts are drawn from. */
export interface Drawing {
  /** Indices of the pictures that must stay together. */
  readonly groups: readonly (readonly number[])[];
  /** The stratum of each picture, from 0 on; strata keep their proportions. */
  readonly strata: readonly number[];
  /** How many pictures of each stratum each part should get: [part][stratum]. */
  readonly wanted: readonly (readonly number[])[];
  /** The same seed gives the same parts. */
  readonly seed: number;
}

/**
 * Divides pictures into parts at random; returns the part of each. The groups are taken in random order, and each goes
 * to the part where it brings the numbers per stratum nearest to what is wanted (least squares). Without groups the
 * numbers are exact.
 */
export function drawParts({ groups, strata, wanted, seed }: Drawing): number[] {
  const missing = wanted.map((counts) => [...counts]);
  const parts = new Array<number>(strata.length);
  for (const group of randomStream(seed, PURPOSE.split).shuffle([...groups])) {
    const members = group.map((index) => strata[index]!);
    const chosen = neediest(missing, members);
    for (const stratum of members) missing[chosen]![stratum]! -= 1;
    for (const index of group) parts[index] = chosen;
  }
  return parts;
}

/**
 * The part whose squared distance from the wanted counts shrinks most when a group with these strata is added. For a
 * group g and missing counts m that is the part with the largest Σ gₖ·mₖ, since Σ(m - g)² = Σm² - 2Σgm + Σg². That is
 * above 0, as the missing counts of all parts add up to what is left; so a part that shall get nothing, where nothing
 * is ever missing, gets nothing.
 */
function neediest(missing: readonly number[][], members: readonly number[]): number {
  const needs = missing.map((counts) => members.reduce((sum, stratum) => sum + counts[stratum]!, 0));
  return needs.indexOf(Math.max(...needs));
}

/**
 * How many pictures of each stratum each split should get: [split][stratum].
 * @throws {ConfigError} when the fractions are not such.
 */
export function splitCounts(strata: readonly number[], fractions: Fractions): number[][] {
  const weights = SPLITS.map((split) => fractions[split]);
  requireFractions(weights);
  return transpose(
    stratumSizes(strata).map((size) => apportion(size, weights)),
    SPLITS.length,
  );
}

/**
 * How many pictures of each stratum each of `folds` equal folds should get: [fold][stratum]. What cannot be divided
 * goes to one fold after the other, so that both strata and folds are equal to within one picture.
 */
export function foldCounts(strata: readonly number[], folds: number): number[][] {
  let next = 0;
  const perStratum = stratumSizes(strata).map((size) => {
    const start = next;
    next += size % folds;
    const extra = (fold: number): number => Number((((fold - start) % folds) + folds) % folds < size % folds);
    return Array.from({ length: folds }, (_, fold) => Math.floor(size / folds) + extra(fold));
  });
  return transpose(perStratum, folds);
}

function requireFractions(fractions: readonly number[]): void {
  const sum = fractions.reduce((total, fraction) => total + fraction, 0);
  if (fractions.every((fraction) => fraction >= 0) && Math.abs(sum - 1) < 1e-6) return;
  throw new ConfigError(`the fractions of train, valid and test must add up to 1, got ${fractions.join(', ')}`);
}

function stratumSizes(strata: readonly number[]): number[] {
  const sizes: number[] = [];
  for (const stratum of strata) sizes[stratum] = (sizes[stratum] ?? 0) + 1;
  return Array.from(sizes, (size) => (size as number | undefined) ?? 0);
}

function transpose(rows: readonly (readonly number[])[], columns: number): number[][] {
  return Array.from({ length: columns }, (_, column) => rows.map((row) => row[column]!));
}
