import { groupIndices } from '../../data/groups.js';
import type { Interval } from '../intervals.js';
import { bootstrap } from '../intervals.js';
import { areaUnder } from './curves.js';

/** How the probability of the band goes while pixels are replaced; from 0 to all of them in equal steps. */
export type Curve = readonly number[];

/** Curves of one picture, in the order of its map and in random order. */
export interface CurvePair {
  readonly map: Curve;
  readonly random: Curve;
}

/** Shares of a map's mass and of the area, of one picture. */
export interface RegionShares {
  readonly mass: number;
  readonly area: number;
}

/** What was measured on one picture. */
export interface PictureMeasurement {
  readonly file: string;
  /** Pictures of one group are drawn together for the intervals. */
  readonly group: string | undefined;
  /** The band that was explained. */
  readonly explained: string;
  readonly deletion: CurvePair;
  readonly insertion: CurvePair;
  /** Null when no face was found. */
  readonly regions: { readonly face: RegionShares; readonly eyes: RegionShares } | null;
}

/** A mean over pictures with its 95 % interval; null when the pictures are all of one subject. */
export interface Mean {
  readonly mean: number;
  readonly interval: Interval | null;
}

/** Mean curves, and the areas under them. */
export interface CurveSummary extends CurvePair {
  readonly mapArea: number;
  readonly randomArea: number;
  /** By how much the map does better than the random order: above 0 is better, for deletion and for insertion. */
  readonly gain: Mean;
}

export interface RegionSummary {
  readonly mass: Mean;
  readonly area: Mean;
  /** Mass less area: above 0, the map prefers the region. */
  readonly excess: Mean;
}

export interface FaithfulnessSummary {
  readonly deletion: CurveSummary;
  readonly insertion: CurveSummary;
  /** Null when no face was found in any picture. */
  readonly regions: { readonly pictures: number; readonly face: RegionSummary; readonly eyes: RegionSummary } | null;
}

/** Sums up what was measured on one picture or more. */
export function summariseFaithfulness(measured: readonly PictureMeasurement[]): FaithfulnessSummary {
  const withFace = measured.filter((entry) => entry.regions !== null);
  const region = (name: 'face' | 'eyes'): RegionSummary => {
    const of = (value: (shares: RegionShares) => number): Mean =>
      meanOf(withFace, (entry) => value(entry.regions![name]));
    return { mass: of(({ mass }) => mass), area: of(({ area }) => area), excess: of(({ mass, area }) => mass - area) };
  };
  return {
    deletion: summariseCurves(measured, ({ deletion }) => deletion, -1),
    insertion: summariseCurves(measured, ({ insertion }) => insertion, 1),
    regions: withFace.length === 0 ? null : { pictures: withFace.length, face: region('face'), eyes: region('eyes') },
  };
}

/** @param sense 1 where a larger area is better, else -1 */
function summariseCurves(
  measured: readonly PictureMeasurement[],
  pairOf: (entry: PictureMeasurement) => CurvePair,
  sense: 1 | -1,
): CurveSummary {
  const pairs = measured.map(pairOf);
  const [map, random] = [meanCurve(pairs.map((pair) => pair.map)), meanCurve(pairs.map((pair) => pair.random))];
  const gain = meanOf(measured, (entry) => {
    const pair = pairOf(entry);
    return sense * (areaUnder(pair.map) - areaUnder(pair.random));
  });
  return { map, random, mapArea: areaUnder(map), randomArea: areaUnder(random), gain };
}

function meanCurve(curves: readonly Curve[]): Curve {
  return curves[0]!.map((_, step) => average(curves.map((curve) => curve[step]!)));
}

/** A mean with the interval that drawing whole groups again gives. */
function meanOf(measured: readonly PictureMeasurement[], valueOf: (entry: PictureMeasurement) => number): Mean {
  const values = measured.map(valueOf);
  const tallies = groupIndices(measured.map(({ group }) => group)).map((members) =>
    Float64Array.of(members.length, members.reduce((sum, index) => sum + values[index]!, 0)),
  );
  const intervals = bootstrap(tallies, ([count, sum]) => ({ mean: sum! / count! }));
  return { mean: average(values), interval: intervals?.mean ?? null };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
