import { DataError } from '../base/errors.js';
import type { Sample } from '../data/sample.js';
import type { StoredCalibration } from '../training/calibration.js';
import { writeCalibration } from '../training/calibration.js';
import { exportRun } from '../training/export.js';
import type { RunFolder } from '../training/run-folder.js';
import { reopenRun } from '../training/run-folder.js';
import type { OutputScale } from './distributions.js';
import { outputsOf, takeRows } from './distributions.js';
import type { EvaluateOptions, EvaluationProgress } from './evaluate.js';
import { checkLeaks } from './leak-check.js';
import type { MeasuredData } from './measured-data.js';
import { measuredSamples, openMeasuredRun } from './measured-data.js';
import { openRunNetwork } from './measured-network.js';
import { fitTemperature, TEMPERATURES } from './temperature.js';
import type { TemperedFigures } from './temperature-effect.js';
import { temperedFigures } from './temperature-effect.js';

/** How a run was calibrated. */
export interface RunCalibration extends Required<Omit<StoredCalibration, 'weights'>> {
  readonly checkpoint: 'best' | 'last';
  /** Whether a lower or higher temperature than is tried might be better. */
  readonly atBound: boolean;
  /** The files of the run that were written. */
  readonly written: readonly string[];
}

/**
 * Fits a temperature on the validation split by its cross-entropy (Guo et al. 2017) and keeps it in the run: from then on
 * `evaluateRun`, `classify` and `exportRun` divide the logits of these weights by it, and the run's `model.onnx` does.
 * Which band is the likeliest does not change, unless the network tells single years: then it is the cross-entropy of the
 * ages, and the bands are sums of what has become of the years.
 * @param data the data set whose validation split is taken; by default the one that the run was trained on
 * @throws {DataError} when there are no validation pictures, or they show subjects or near copies of the training split
 * @throws {ConfigError} when another process is working on the run
 */
export async function calibrateRun(
  run: string,
  data?: string,
  options: Pick<EvaluateOptions, 'root' | 'checkpoint' | 'allowLeaks' | 'nearDuplicates'> = {},
  onProgress: EvaluationProgress = () => undefined,
): Promise<RunCalibration> {
  const { root, checkpoint = 'best' } = options;
  const measured = await openMeasuredRun(run, data, root);
  if (!measured.isSplit) {
    throw new DataError(`${measured.path}: has no valid split to calibrate on`, {
      hint: 'Take the data that the run was trained on, or split these with `ageband split`.',
    });
  }
  const given = measuredSamples(measured, 'valid');
  const locked = await reopenRun(run);
  try {
    await checkLeaks(measured, 'valid', options, (done, total) => onProgress(done, total, 'compared'));
    const { weights, ...fitted } = await fit(measured, locked, checkpoint, given, (done, total) => onProgress(done, total, 'read'));
    await writeCalibration(locked, checkpoint, weights, fitted);
    // The model in the run is that of the best weights.
    if (checkpoint === 'best') await exportRun(run, locked.modelFile);
    const written = [locked.calibrationFile, ...(checkpoint === 'best' ? [locked.modelFile] : [])];
    const atBound = Object.values(TEMPERATURES).some((bound) => bound === fitted.temperature);
    return { ...fitted, checkpoint, atBound, written };
  } finally {
    locked.release();
  }
}

async function fit(
  { config: { seed, workers }, path }: MeasuredData,
  run: RunFolder,
  checkpoint: 'best' | 'last',
  given: readonly Sample[],
  onProgress: (done: number, total: number) => void,
) {
  const { scale, weights, predict, dispose } = await openRunNetwork(run, checkpoint);
  try {
    const { samples, logits } = await predict(given, { seed, workers, onProgress });
    const { rows, labels } = truthOf(samples, scale, path);
    const temperature = fitTemperature(takeRows(logits, rows, outputsOf(scale)), labels);
    const figuresAt = (value: number): TemperedFigures => temperedFigures(logits, samples, scale, value);
    return { weights, temperature, data: path, pictures: samples.length, before: figuresAt(1), after: figuresAt(temperature) };
  } finally {
    await dispose();
  }
}

/** Which of the outputs is the right one, of those pictures of which that is known. */
function truthOf(samples: readonly Sample[], scale: OutputScale, path: string): { rows: number[]; labels: Int32Array } {
  const oldest = outputsOf(scale) - 1;
  const truths = samples.map(({ label, age }) =>
    scale.yearShares === undefined ? label : age === undefined ? undefined : Math.min(Math.floor(age), oldest),
  );
  const rows = [...truths.keys()].filter((row) => truths[row] !== undefined);
  if (rows.length > 0) return { rows, labels: Int32Array.from(rows, (row) => truths[row]!) };
  throw new DataError(`${path}: none of the validation pictures has an age`, {
    hint: 'A network that tells single years is calibrated on ages: take data with a column age.',
  });
}
