import type { RunResult } from '../runs/run-item.js';

/** What is averaged over the folds; see `RunResult`. `ageError` is in years. */
export const FIGURES = [
  'accuracy',
  'oneOff',
  'balancedAccuracy',
  'meanClassError',
  'ageError',
  'loss',
  'calibrationError',
] as const;
export type Figure = (typeof FIGURES)[number];

/** Null where a figure is not defined, as the error in years where ages are not known. */
export type Figures = Readonly<Record<Figure, number | null>>;

/** What the folds come to together. */
export interface Summary {
  readonly mean: Figures;
  /** Of the sample: the squared distances from the mean are divided by the number of folds less one. */
  readonly standardDeviation: Figures;
  /** Pictures of all test folds by [true class][predicted class]. */
  readonly confusion: number[][];
}

/** The figures of one fold, and null for those that it lacks. */
export function figuresOf(result: RunResult): Figures {
  return { ...result, ageError: result.ageError?.years ?? null };
}

/** @param results of two folds or more, on the same classes */
export function summarise(results: readonly RunResult[]): Summary {
  const folds = results.map(figuresOf);
  const over = (statistic: (values: number[]) => number): Figures => {
    const entries = FIGURES.map((figure) => {
      const values = folds.map((figures) => figures[figure]).filter((value) => value !== null);
      return [figure, values.length < folds.length ? null : statistic(values)] as const;
    });
    return Object.fromEntries(entries) as Figures;
  };
  const confusion = results[0]!.confusion.map((row, label) =>
    row.map((_, predicted) => results.reduce((sum, result) => sum + result.confusion[label]![predicted]!, 0)),
  );
  return { mean: over(mean), standardDeviation: over(sampleDeviation), confusion };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function sampleDeviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}
