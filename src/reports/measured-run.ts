import { ConfigError, DataError } from '../base/errors.js';
import type { LeakCounts } from '../data/leaks.js';
import type { Problem, Sample, Split } from '../data/sample.js';
import type { ColumnFigures } from '../evaluation/columns.js';
import { judgeByColumns, readColumns } from '../evaluation/columns.js';
import type { Judgement } from '../evaluation/judge.js';
import { judge } from '../evaluation/judge.js';
import type { NearCopyCounts } from '../evaluation/leak-check.js';
import { checkLeaks } from '../evaluation/leak-check.js';
import type { MeasuredData } from '../evaluation/measured-data.js';
import { openMeasuredData } from '../evaluation/measured-data.js';
import type { Predictions, RunNetwork } from '../evaluation/run-network.js';
import { openRunNetwork } from '../evaluation/run-network.js';
import { probabilitiesOf } from '../evaluation/temperature.js';
import type { TemperatureEffect } from '../evaluation/temperature-effect.js';
import { temperatureEffect } from '../evaluation/temperature-effect.js';
import { fingerprintOf, storedPredictions, storePredictions } from './prediction-store.js';
import { countKnown, trainingPicturesOf } from './training-pictures.js';
import type { TrainingPictures } from './training-pictures.js';

/** A run, measured on all parts of a data set. */
export interface MeasuredRun extends MeasuredData {
  readonly classes: readonly string[];
  readonly parts: readonly MeasuredPart[];
  /** The pictures that could not be read. */
  readonly unread: readonly Problem[];
  /** Runs that the weights come from and whose pictures are not known any more. */
  readonly unknownRuns: readonly string[];
}

/** A part of a data set, measured. */
export interface MeasuredPart {
  /** Null for pictures that are not split. */
  readonly split: Split | null;
  readonly samples: readonly Sample[];
  /** [samples, classes], row-major. */
  readonly probabilities: Float32Array;
  readonly judgement: Judgement;
  /** Null for weights that are not calibrated. */
  readonly temperature: TemperatureEffect | null;
  /** How many of its subjects have been seen in training; null for the training pictures. */
  readonly known: LeakCounts | null;
  /** Near copies of training pictures; null for these, and where there is nothing to compare with. */
  readonly nearCopies: NearCopyCounts | null;
  /** Figures by gender, where the data name it. */
  readonly columns: readonly ColumnFigures[];
}

/** What is being done to how many pictures. */
export type PictureListener = (done: number, total: number, verb: 'read' | 'measured' | 'compared') => void;

/** Where pictures to measure come from. */
export interface DataOptions {
  /** A data set in any form that `train` reads; the run's own, with its own split, by default. */
  readonly data?: string;
  /** Folder that the file names of a manifest start from; its own folder by default. */
  readonly root?: string;
}

const SPLITS: readonly Split[] = ['train', 'valid', 'test'];
/** The column of figures that a report looks for. */
const GENDER = 'gender';

/**
 * Measures a run with its best weights on all parts of its own data, or of others. What was measured on its own is kept
 * in the run.
 * @throws {ConfigError} {FormatError} when there is no run, or it is damaged
 * @throws {DataError} when there are no pictures that can be read
 */
export async function measureRun(
  path: string,
  { data, root }: DataOptions = {},
  listen: PictureListener = () => undefined,
): Promise<MeasuredRun> {
  const measured = await openMeasuredData(path, data, root);
  const network = await openRunNetwork(measured.run, 'best');
  try {
    const predictions = await predictionsOf(measured, network, listen);
    const trained = await trainingPicturesOf(path);
    const parts: MeasuredPart[] = [];
    for (const split of partsOf(predictions.samples)) {
      parts.push(await measurePart(measured, network, predictions, trained, split, listen));
    }
    const { unknownRuns } = trained;
    return { ...measured, classes: network.classes, parts, unread: predictions.problems, unknownRuns };
  } finally {
    await network.dispose();
  }
}

/** The predictions of all pictures: those that the run holds, or new ones. */
async function predictionsOf(
  { run, config, dataset: { samples }, isOwn }: MeasuredData,
  network: RunNetwork,
  listen: PictureListener,
): Promise<Predictions> {
  const fingerprint = await fingerprintOf(network, config, samples);
  const stored = await storedPredictions(run, fingerprint, samples, network.classes.length);
  if (stored !== undefined) return stored;
  const predictions = await network.predict(samples, {
    ...{ seed: config.seed, workers: config.workers },
    onProgress: (done, total) => listen(done, total, 'read'),
    onPredicted: (done, total) => listen(done, total, 'measured'),
  });
  if (isOwn) await storePredictions(run, fingerprint, samples, network.classes, predictions);
  return predictions;
}

/** The parts that there are; null where nothing is split. */
function partsOf(samples: readonly Sample[]): (Split | null)[] {
  const parts = SPLITS.filter((split) => samples.some((sample) => sample.split === split));
  return parts.length === 0 ? [null] : parts;
}

async function measurePart(
  measured: MeasuredData,
  { classes, calibration }: RunNetwork,
  predictions: Predictions,
  trained: TrainingPictures,
  split: Split | null,
  listen: PictureListener,
): Promise<MeasuredPart> {
  const { samples, logits } = rowsOf(predictions, split, classes.length);
  const probabilities = probabilitiesOf(logits, classes.length, calibration?.temperature);
  const compared = (done: number, total: number): void => listen(done, total, 'compared');
  const { nearCopies } = await checkLeaks(measured, split ?? 'test', { allowLeaks: true }, compared);
  return {
    ...{ split, samples, probabilities, nearCopies, judgement: judge(samples, probabilities, classes) },
    temperature: temperatureEffect(calibration, { samples, logits }, classes, { split, data: measured.path }),
    known: split === 'train' && measured.isOwn ? null : countKnown(samples, trained),
    columns: await figuresByGender(measured, samples, probabilities, classes),
  };
}

/** The predictions of one part. */
function rowsOf({ samples, logits }: Predictions, split: Split | null, classes: number): Omit<Predictions, 'problems'> {
  const rows = [...samples.keys()].filter((row) => (samples[row]!.split ?? null) === split);
  const values = new Float32Array(rows.length * classes);
  rows.forEach((row, place) => values.set(logits.subarray(row * classes, (row + 1) * classes), place * classes));
  return { samples: rows.map((row) => samples[row]!), logits: values };
}

/** Nothing where the data are no manifest (any more), or it does not tell. */
async function figuresByGender(
  measured: MeasuredData,
  samples: readonly Sample[],
  probabilities: Float32Array,
  classes: readonly string[],
): Promise<ColumnFigures[]> {
  try {
    return judgeByColumns(await readColumns(measured, [GENDER]), samples, probabilities, classes);
  } catch (error) {
    if (error instanceof ConfigError || error instanceof DataError) return [];
    throw error;
  }
}
