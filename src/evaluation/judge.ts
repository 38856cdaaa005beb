import { likeliest } from '../base/likeliest.js';
import { EngineError } from '../base/errors.js';
import { groupIndices } from '../data/groups.js';
import type { Sample } from '../data/sample.js';
import type { AgeError } from './ages.js';
import { ageErrorOf } from './ages.js';
import { bandPictures } from './band-pictures.js';
import type { Calibration } from './calibration.js';
import { calibrationInterval, computeCalibration } from './calibration.js';
import type { Distributions, OutputScale } from './distributions.js';
import { outputsOf } from './distributions.js';
import type { Headlines } from './headlines.js';
import type { Interval } from './intervals.js';
import { bootstrapIntervals } from './intervals.js';
import type { Metrics } from './metrics.js';
import { computeMetrics } from './metrics.js';

/** A picture that was taken for another class. */
export interface Mistake {
  readonly file: string;
  /** The true class. */
  readonly label: string;
  /** The likeliest class, and its probability. */
  readonly predicted: string;
  readonly probability: number;
  /** Probability of the true class. */
  readonly labelProbability: number;
}

/** Everything that is said about a classifier's predictions. */
export interface Judgement extends Metrics {
  /** Pictures whose age lies between two bands. Only the error in years counts them. */
  readonly between: number;
  readonly calibration: Calibration;
  /** 95 %, of the calibration error; null when the pictures are all of one subject. */
  readonly calibrationInterval: Interval | null;
  /** 95 % intervals; null when the pictures are all of one subject. */
  readonly intervals: Record<keyof Headlines, Interval> | null;
  /** Subjects that were drawn for the intervals; a picture without a group counts as one. */
  readonly subjects: number;
  /** Null when no age is known, or a class is no age band. */
  readonly ageError: AgeError | null;
  /** Those with the least probability for the true class, the worst first. */
  readonly worstMistakes: readonly Mistake[];
}

const WORST = 20;

/**
 * Judges predictions.
 * @param samples [N], what is known about the pictures
 * @param distributions what is said of the samples
 * @param worst how many of the worst mistakes are listed
 * @throws {EngineError} naming the picture, when a probability is NaN or infinite
 * @throws {DataError} {ShapeError} as `computeMetrics`
 */
export function judge(
  samples: readonly Sample[],
  distributions: Distributions,
  classes: readonly string[],
  worst = WORST,
): Judgement {
  requireNumbers(samples, distributions.probabilities, { classes, years: 0 });
  const { members, labels, probabilities } = bandPictures(samples, distributions, classes);
  const groups = groupIndices(members.map(({ group }) => group));
  return {
    ...computeMetrics(probabilities, labels, classes),
    between: samples.length - members.length,
    calibration: computeCalibration(probabilities, labels),
    calibrationInterval: calibrationInterval(probabilities, labels, groups),
    intervals: bootstrapIntervals(probabilities, labels, groups) ?? null,
    subjects: groups.length,
    ageError: ageErrorOf(samples, distributions, classes) ?? null,
    worstMistakes: worstMistakes(members, probabilities, classes).slice(0, worst),
  };
}

/**
 * @param values [N, outputs], of a network
 * @throws {EngineError} naming the picture whose values are no finite numbers
 */
export function requireNumbers(samples: readonly Sample[], values: Float32Array, scale: OutputScale): void {
  const broken = values.findIndex((value) => !Number.isFinite(value));
  const outputs = outputsOf(scale);
  const sample = samples[Math.floor(broken / outputs)];
  if (broken < 0 || sample === undefined) return;
  throw new EngineError(`${sample.file}: the network gives ${values[broken]!} for ${outputName(scale, broken % outputs)}`, {
    hint: 'Its weights are damaged, or its training has diverged: try other weights with --checkpoint.',
  });
}

function outputName({ classes }: OutputScale, output: number): string {
  return classes[output] ?? `the age of ${output - classes.length} years`;
}

function worstMistakes(samples: readonly Sample[], probabilities: Float32Array, classes: readonly string[]): Mistake[] {
  const mistakes = samples.flatMap(({ file, label }, picture): Mistake[] => {
    const row = probabilities.subarray(picture * classes.length, (picture + 1) * classes.length);
    const predicted = likeliest(row);
    if (predicted === label) return [];
    const names = { label: classes[label]!, predicted: classes[predicted]! };
    return [{ file, ...names, probability: row[predicted]!, labelProbability: row[label]! }];
  });
  return mistakes.sort((a, b) => a.labelProbability - b.labelProbability || b.probability - a.probability);
}
