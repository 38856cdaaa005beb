import { ConfigError, DataError } from '../base/errors.js';
import type { Sample } from '../data/sample.js';
import type { StoredCalibration } from '../training/calibration.js';
import { writeCalibration } from '../training/calibration.js';
import { chooseDevice } from '../runtime/choose-device.node.js';
import { exportRun } from '../training/export.js';
import { readPictures } from '../training/pictures.js';
import type { RunFolder } from '../training/run-folder.js';
import { reopenRun } from '../training/run-folder.js';
import type { OutputScale } from './distributions.js';
import { logitsOfClasses, takeRows, logitsOfYears } from './distributions.js';
import type { EvaluateOptions, EvaluationProgress } from './evaluate.js';
import { checkLeaks } from './leak-check.js';
import { classifiedRows } from './band-pictures.js';
import type { MeasuredData } from './measured-data.js';
import { measuredSamples, openMeasuredRun } from './measured-data.js';
import type { RunNetwork } from './measured-network.js';
import { openRunNetwork } from './measured-network.js';
import { fitTemperature, TEMPERATURES } from './temperature.js';
import { calibrationFigures } from './calibration-effect.js';

/** How a run was calibrated. */
export interface RunCalibration extends Fitted {
  readonly checkpoint: 'best' | 'last';
  /** Whether a lower or higher temperature than is tried might be better. */
  readonly atBound: boolean;
  /** The files of the run that were written. */
  readonly written: readonly string[];
}

/** What was fitted: on the classes of `pictures` pictures, or on the ages of `ages`, of which `pictures` have a class. */
type Fitted = Required<Pick<StoredCalibration, 'temperature' | 'data' | 'pictures' | 'before' | 'after'>> &
  Pick<StoredCalibration, 'offsets'> & { readonly ages?: number };

export interface CalibrateOptions extends Pick<EvaluateOptions, 'root' | 'checkpoint' | 'allowLeaks' | 'nearDuplicates' | 'device'> {
  /**
   * How far rare classes are favoured, from 0 (the default) to 1: so many times the logarithm of its share among the training
   * pictures is taken off the logit of a class (Menon et al., "Long-tail learning via logit adjustment", ICLR 2021). At 1 all
   * classes are taken for equally frequent: more of the rare ones are found, and fewer pictures are right.
   */
  readonly logitAdjustment?: number;
}

/**
 * Fits a temperature on the validation split by its cross-entropy (Guo et al. 2017) and keeps it in the run: from then on
 * `evaluateRun`, `classify` and `exportRun` divide the logits of these weights by it, and the run's `model.onnx` does.
 * Which class is the likeliest does not change, unless the logits are adjusted as well. Of a network that tells single years, one
 * temperature for both is fitted on the ages: its classes are sums of years, and more pictures have an age than a class. Where no
 * age is known, it is fitted on the classes.
 * @param data the data set whose validation split is taken; by default the one that the run was trained on
 * @throws {DataError} when there are no validation pictures, or they show subjects or near copies of the training split
 * @throws {ConfigError} when another process is working on the run, or the pictures that it was trained on are not known and the
 *   logits are to be adjusted
 */
export async function calibrateRun(
  run: string,
  data?: string,
  options: CalibrateOptions = {},
  onProgress: EvaluationProgress = () => undefined,
): Promise<RunCalibration> {
  const { root, checkpoint = 'best', logitAdjustment = 0, device = 'cpu' } = options;
  if (!(logitAdjustment >= 0 && logitAdjustment <= 1)) {
    throw new ConfigError(`the logit adjustment must be a number from 0 to 1, got ${logitAdjustment}`);
  }
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
    const read = (done: number, total: number): void => onProgress(done, total, 'read');
    const offsets = logitAdjustment === 0 ? undefined : await offsetsOf(locked, measured.config.classes ?? [], logitAdjustment);
    const network = await openRunNetwork(locked, checkpoint, await chooseDevice(device));
    const { weights, ...fitted } = await fit(network, measured, given, offsets, read);
    const { ages: _, ...stored } = fitted;
    await writeCalibration(locked, checkpoint, weights, stored);
    // The model in the run is that of the best weights.
    if (checkpoint === 'best') await exportRun(run, locked.modelFile);
    const written = [locked.calibrationFile, ...(checkpoint === 'best' ? [locked.modelFile] : [])];
    const atBound = Object.values(TEMPERATURES).some((bound) => bound === fitted.temperature);
    return { ...fitted, checkpoint, atBound, written };
  } finally {
    locked.release();
  }
}

/** Disposes of the network. */
async function fit(
  { scale, weights, predict, dispose }: RunNetwork,
  { config: { seed, workers }, path }: MeasuredData,
  given: readonly Sample[],
  offsets: readonly number[] | undefined,
  onProgress: (done: number, total: number) => void,
) {
  try {
    const { samples, logits } = await predict(given, { seed, workers, onProgress });
    const ofBands = classifiedRows(samples, scale.classes);
    if (ofBands.length === 0) throw new DataError(`${path}: none of the validation pictures belongs to a band`);
    const adjusted = logitsOfClasses(logits, scale, { ...(offsets && { offsets }) });
    const labels = Int32Array.from(ofBands, (row) => samples[row]!.label);
    const ofYears = scale.years > 0 ? fitYears(logits, samples, scale) : undefined;
    const calibration: Pick<Fitted, 'temperature' | 'offsets' | 'ages'> = {
      ...(offsets && { offsets }),
      ...(ofYears ?? { temperature: fitTemperature(takeRows(adjusted, ofBands, scale.classes.length), labels) }),
    };
    const [before, after] = [undefined, calibration].map((tried) => calibrationFigures(logits, samples, scale, tried));
    return { weights, ...calibration, data: path, pictures: ofBands.length, before: before!, after: after! };
  } finally {
    await dispose();
  }
}

/** Nothing where no age is known. */
function fitYears(logits: Float32Array, samples: readonly Sample[], scale: OutputScale): { temperature: number; ages: number } | undefined {
  const rows = [...samples.keys()].filter((row) => samples[row]!.age !== undefined);
  if (rows.length === 0) return undefined;
  const years = Int32Array.from(rows, (row) => Math.min(Math.floor(samples[row]!.age!), scale.years - 1));
  const temperature = fitTemperature(takeRows(logitsOfYears(logits, scale), rows, scale.years), years);
  return { temperature, ages: rows.length };
}

/** What is added to the logits. @throws {ConfigError} when the training pictures are not known, or a class is not among them */
async function offsetsOf(run: RunFolder, classes: readonly string[], strength: number): Promise<number[]> {
  const samples = (await readPictures(run, classes)).samples.filter(({ split }) => split === 'train');
  const members = classifiedRows(samples, classes);
  const counts = classes.map((_, label) => members.filter((row) => samples[row]!.label === label).length);
  const missing = classes.find((_, label) => counts[label] === 0);
  if (missing !== undefined) {
    throw new ConfigError(`${run.path}: there is no training picture of ${missing}, so the logits cannot be adjusted`);
  }
  return counts.map((count) => -strength * Math.log(count / members.length));
}
