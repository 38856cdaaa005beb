import type { Dataset, Problem, Sample, Split } from '../data/sample.js';
import { judge } from '../evaluation/judge.js';
import { loadModel } from '../evaluation/model-source.js';
import type { TrainConfig } from '../training/config.js';
import { parseConfig } from '../training/config.js';
import type { RunFolder } from '../training/run-folder.js';
import { openRun, readConfig } from '../training/run-folder.js';
import { fingerprintOf, storedPredictions, storePredictions } from './prediction-store.js';
import type { DataOptions, PictureListener, Predictions } from './predictions.js';
import { isOwnData, openPictures, predict } from './predictions.js';
import type { MeasuredPart } from './results.js';
import { countKnown, trainingPicturesOf } from './training-pictures.js';

/** A run, measured on all parts of a data set. */
export interface MeasuredRun {
  readonly run: RunFolder;
  readonly config: TrainConfig;
  readonly classes: readonly string[];
  readonly dataset: Dataset;
  readonly parts: readonly MeasuredPart[];
  /** The pictures that could not be read. */
  readonly problems: readonly Problem[];
  /** Runs that the weights come from and whose pictures are not known any more. */
  readonly unknownRuns: readonly string[];
}

const SPLITS: readonly Split[] = ['train', 'valid', 'test'];

/**
 * Measures a run on all parts of its own data, or of others. What was measured on its own is kept in the run.
 * @throws {ConfigError} {FormatError} when there is no run, or it is damaged
 * @throws {DataError} when there are no pictures that can be read
 */
export async function measureRun(path: string, data: DataOptions = {}, listen?: PictureListener): Promise<MeasuredRun> {
  const run = await openRun(path);
  const config = parseConfig(await readConfig(run));
  const model = await loadModel(path);
  const { classes } = model;
  const dataset = await openPictures(run, config, classes, data);
  const fingerprint = await fingerprintOf(model, dataset.samples);
  let predictions = await storedPredictions(run, fingerprint, dataset.samples, classes.length);
  if (predictions === undefined) {
    predictions = await predict(model, dataset.samples, config, listen);
    const isOwn = data.data === undefined || isOwnData(config, data.data);
    if (isOwn) await storePredictions(run, fingerprint, dataset.samples, classes, predictions);
  }
  const known = await trainingPicturesOf(path);
  const parts = partsOf(predictions.samples).map((split): MeasuredPart => {
    const { samples, probabilities } = rowsOf(predictions, split, classes.length);
    const isKnown = split === 'train';
    return { split, samples, probabilities, judgement: judge(samples, probabilities, classes), known: isKnown ? null : countKnown(samples, known) };
  });
  return { run, config, classes, dataset, parts, problems: predictions.problems, unknownRuns: known.unknownRuns };
}

/** The parts that there are; null where nothing is split. */
function partsOf(samples: readonly Sample[]): (Split | null)[] {
  const parts = SPLITS.filter((split) => samples.some((sample) => sample.split === split));
  return parts.length === 0 ? [null] : parts;
}

function rowsOf({ samples, probabilities }: Predictions, split: Split | null, classes: number): Pick<MeasuredPart, 'samples' | 'probabilities'> {
  const rows = [...samples.keys()].filter((row) => (samples[row]!.split ?? null) === split);
  const values = new Float32Array(rows.length * classes);
  rows.forEach((row, place) => values.set(probabilities.subarray(row * classes, (row + 1) * classes), place * classes));
  return { samples: rows.map((row) => samples[row]!), probabilities: values };
}
