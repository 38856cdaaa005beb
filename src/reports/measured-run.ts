import { ConfigError, DataError } from '../base/errors.js';
import type { Problem, Sample, Split } from '../data/sample.js';
import type { ColumnFigures } from '../evaluation/columns.js';
import { judgeByColumns, readColumns } from '../evaluation/columns.js';
import { outputsOf, takeRows } from '../evaluation/distributions.js';
import type { KnownPictures } from '../evaluation/leak-check.js';
import { checkLeaks } from '../evaluation/leak-check.js';
import type { MeasuredData, MeasuredRunData } from '../evaluation/measured-data.js';
import { openMeasuredRun } from '../evaluation/measured-data.js';
import type { Predictions, RunNetwork } from '../evaluation/measured-network.js';
import { openRunNetwork } from '../evaluation/measured-network.js';
import type { MeasuredPart } from '../evaluation/measured-part.js';
import { measurePart } from '../evaluation/measured-part.js';
import { fingerprintOf, storedPredictions, storePredictions } from '../evaluation/prediction-store.js';

/** A run, measured on all parts of a data set. */
export interface MeasuredRun extends MeasuredRunData {
  readonly classes: readonly string[];
  readonly parts: readonly ReportedPart[];
  /** The pictures that could not be read. */
  readonly unread: readonly Problem[];
}

/** A part of a data set, measured. */
export interface ReportedPart extends MeasuredPart, KnownPictures {
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
  const measured = await openMeasuredRun(path, data, root);
  const network = await openRunNetwork(measured.run, 'best');
  try {
    const predictions = await predictionsOf(measured, network, listen);
    const compared = (done: number, total: number): void => listen(done, total, 'compared');
    const parts: ReportedPart[] = [];
    for (const split of partsOf(predictions.samples)) {
      const part = measurePart(measured, network, rowsOf(predictions, split, outputsOf(network.scale)), split);
      const known = await checkLeaks(measured, split ?? 'test', { allowLeaks: true }, compared);
      parts.push({ ...part, ...known, columns: await figuresByGender(measured, part, network.classes) });
    }
    return { ...measured, classes: network.classes, parts, unread: predictions.problems };
  } finally {
    await network.dispose();
  }
}

/** The predictions of all pictures: those that the run holds, or new ones. */
async function predictionsOf(
  { run, config, dataset: { samples }, isOwn }: MeasuredRunData,
  network: RunNetwork,
  listen: PictureListener,
): Promise<Predictions> {
  const fingerprint = await fingerprintOf(network, config, samples);
  const stored = await storedPredictions(run, fingerprint, samples, outputsOf(network.scale));
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

/** The predictions of one part. */
function rowsOf({ samples, logits }: Predictions, split: Split | null, outputs: number): Omit<Predictions, 'problems'> {
  const rows = [...samples.keys()].filter((row) => (samples[row]!.split ?? null) === split);
  return { samples: rows.map((row) => samples[row]!), logits: takeRows(logits, rows, outputs) };
}

/** Nothing where the data are no manifest (any more), or it does not tell. */
async function figuresByGender(
  measured: MeasuredData,
  { samples, distributions }: MeasuredPart,
  classes: readonly string[],
): Promise<ColumnFigures[]> {
  try {
    return judgeByColumns(await readColumns(measured, [GENDER]), samples, distributions, classes);
  } catch (error) {
    if (error instanceof ConfigError || error instanceof DataError) return [];
    throw error;
  }
}
