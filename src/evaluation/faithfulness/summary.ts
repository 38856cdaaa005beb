import { groupIndices } from '../../data/groups.js';
import type { Interval } from '../intervals.js';
import { bootstrap } from '../intervals.js';
import { areaUnder } from './curves.js';
import type { Curve, Curves, PictureMeasurement, RegionShares } from './outcome.js';

/** A mean over pictures with its 95 % interval; null when the pictures are all of one subject. */
export interface Mean {
  readonly mean: number;
  readonly interval: Interval | null;
}

/** Mean curves, and the areas under them. */
export interface CurveSummary extends Curves {
  readonly mapArea: number;
  readonly randomArea: number;
  readonly controlArea: number;
  /** By how much the map does better than the random order: above 0 is better, for deletion and for insertion. */
  readonly gain: Mean;
  /** By how much it does better than the map of random weights. */
  readonly controlGain: Mean;
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
  /**
   * How alike maps are to those of the same network with random weights: the mean rank correlation. A map that shows what was
   * learned is unlike (Adebayo et al. 2018). Null when all maps of random weights are the same everywhere.
   */
  readonly likeness: Mean | null;
  /** Null when no face was found in any picture. */
  readonly regions: { readonly pictures: number; readonly face: RegionSummary; readonly eyes: RegionSummary } | null;
}

/** Sums up what was measured on one picture or more. */
export function summariseFaithfulness(measured: readonly PictureMeasurement[]): FaithfulnessSummary {
  const compared = measured.filter(({ likeness }) => likeness !== null);
  const withFace = measured.filter((entry) => entry.regions !== null);
  const region = (name: 'face' | 'eyes'): RegionSummary => {
    const of = (value: (shares: RegionShares) => number): Mean =>
      meanOf(withFace, (entry) => value(entry.regions![name]));
    return { mass: of(({ mass }) => mass), area: of(({ area }) => area), excess: of(({ mass, area }) => mass - area) };
  };
  return {
    deletion: summariseCurves(measured, ({ deletion }) => deletion, -1),
    insertion: summariseCurves(measured, ({ insertion }) => insertion, 1),
    likeness: compared.length === 0 ? null : meanOf(compared, ({ likeness }) => likeness!),
    regions: withFace.length === 0 ? null : { pictures: withFace.length, face: region('face'), eyes: region('eyes') },
  };
}

/** @param sense 1 where a larger area is better, else -1 */
function summariseCurves(
  measured: readonly PictureMeasurement[],
  curvesOf: (entry: PictureMeasurement) => Curves,
  sense: 1 | -1,
): CurveSummary {
  const meanOfOrder = (order: keyof Curves): Curve => meanCurve(measured.map((entry) => curvesOf(entry)[order]));
  const [map, random, control] = [meanOfOrder('map'), meanOfOrder('random'), meanOfOrder('control')];
  const gainOver = (order: keyof Curves): Mean =>
    meanOf(measured, (entry) => sense * (areaUnder(curvesOf(entry).map) - areaUnder(curvesOf(entry)[order])));
  return {
    ...{ map, random, control, mapArea: areaUnder(map), randomArea: areaUnder(random), controlArea: areaUnder(control) },
    ...{ gain: gainOver('random'), controlGain: gainOver('control') },
  };
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
