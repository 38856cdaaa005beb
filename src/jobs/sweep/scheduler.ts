/**
 * Which trial is trained next, and how far: asynchronous successive halving (ASHA: Li et al., "A system for massively
 * parallel hyperparameter tuning", MLSys 2020, algorithm 2). With a single rung that is one trial after the other, as
 * a grid and a random search want it.
 */

/** A trial, from 0, that is trained to the end of a rung, from 0. */
export interface Step {
  readonly trial: number;
  readonly rung: number;
}

export interface SchedulerOptions {
  /** How many trials there are. */
  readonly trials: number;
  readonly rungs: number;
  /** Of the trials that have finished a rung, the best 1 / `reductionFactor` go on to the next. */
  readonly reductionFactor: number;
}

/** The trials of one rung. */
interface Rung {
  readonly begun: Set<number>;
  /** The value of each trial that has finished, the lower the better; infinite when it failed. */
  readonly values: Map<number, number>;
}

/**
 * The state of a sweep. It follows from the calls alone, so that the same calls in the same order, from a journal for
 * instance, lead to the same state.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #rungs: readonly Rung[];

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#rungs = Array.from({ length: options.rungs }, () => ({ begun: new Set<number>(), values: new Map<number, number>() }));
  }

  /**
   * What to begin next: the best promotion from the highest rung that has one, or else a new trial, or nothing for now.
   * A trial that failed counts in its rung as the worst.
   */
  next(): Step | undefined {
    for (let rung = this.#rungs.length - 2; rung >= 0; rung--) {
      const trial = this.#promotable(rung);
      if (trial !== undefined) return { trial, rung: rung + 1 };
    }
    const fresh = this.#rungs[0]!.begun.size;
    return fresh < this.#options.trials ? { trial: fresh, rung: 0 } : undefined;
  }

  /** Takes note that a step has begun, which `next` will not give again; or again, so that what it came to no longer counts. */
  begin({ trial, rung }: Step): void {
    const { begun, values } = this.#rungs[rung]!;
    begun.add(trial);
    values.delete(trial);
  }

  /** Takes note of what a step came to. @param value the lower the better; undefined when it failed */
  finish({ trial, rung }: Step, value: number | undefined): void {
    this.#rungs[rung]!.values.set(trial, value ?? Infinity);
  }

  /** The steps that have begun and not finished, lower rungs first, in the order of the trials. */
  unfinished(): Step[] {
    return this.#rungs.flatMap(({ begun, values }, rung) =>
      [...begun].filter((trial) => !values.has(trial)).sort((a, b) => a - b).map((trial) => ({ trial, rung })),
    );
  }

  /** The steps that failed, in the same order. */
  failed(): Step[] {
    return this.#rungs.flatMap(({ values }, rung) =>
      [...values].filter(([, value]) => value === Infinity).map(([trial]) => ({ trial, rung })).sort((a, b) => a.trial - b.trial),
    );
  }

  #promotable(rung: number): number | undefined {
    const { values } = this.#rungs[rung]!;
    const promoted = this.#rungs[rung + 1]!.begun;
    const count = Math.floor(values.size / this.#options.reductionFactor);
    const best = [...values].sort(([a, valueOfA], [b, valueOfB]) => compare(valueOfA, valueOfB) || a - b).slice(0, count);
    return best.find(([trial, value]) => value < Infinity && !promoted.has(trial))?.[0];
  }
}

/** Not their difference, which two failures have none of. */
function compare(a: number, b: number): number {
  return a < b ? -1 : Number(a > b);
}

/** The epochs at which rungs end: `least`, and `factor` times as many each time, up to `most`. */
export function rungEpochs(least: number, most: number, factor: number): number[] {
  const epochs: number[] = [];
  for (let end = least; end < most; end = Math.round(end * factor)) epochs.push(end);
  return [...epochs, most];
}
