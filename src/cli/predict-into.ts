import { rateText } from '../base/counts.js';
import type { PredictSummary } from '../jobs/predict/predict-pictures.js';
import type { Device } from '../runtime/device.js';
import { INTERRUPTED, untilInterrupted } from './interrupt.js';
import { firstProblems } from './problems.js';
import { LOOKING_THROUGH_SOURCE, pictureProgress } from './progress.js';
import { queuePlace } from './redis-option.js';
import { counted, withCommas } from './style.js';

/** The exit code when some pictures could not be classified. */
const SOME_FAILED = 2;

interface Options {
  readonly json: boolean | undefined;
  readonly root: string | undefined;
  readonly redis: string | undefined;
  readonly model?: string;
  readonly device?: Device;
  readonly threads?: number;
}

/** `ageband predict --out`: the age bands of many pictures, into a folder. */
export async function predictInto(out: string, source: string[], { json, redis, ...chosen }: Options): Promise<void> {
  const { predictPictures, predictPicturesThrough } = await import('../jobs/predict/predict-pictures.js');
  const { root, model, device, threads: workers } = chosen;
  const options = { source, out, ...(root === undefined ? {} : { root }), ...(model === undefined ? {} : { model }) };
  const progress = pictureProgress(process.stderr, 'classified', LOOKING_THROUGH_SOURCE);
  const place = redis === undefined ? undefined : await queuePlace(redis, progress);
  const summary = await untilInterrupted((signal) =>
    place === undefined
      ? predictPictures({ ...options, ...(device && { device }), ...(workers && { workers }) }, progress.show, signal)
      : predictPicturesThrough(place, options, progress.show, signal),
  ).finally(progress.close);
  console.log(json ? JSON.stringify(summary, null, 2) : summaryText(summary));
  for (const line of firstProblems(summary.problems)) console.error(line);
  if (summary.problems.length > 0) process.exitCode = SOME_FAILED;
  if (summary.finished) return;
  console.error('To go on: the same command again');
  process.exitCode = INTERRUPTED;
}

function summaryText({ out, finished, pictures, predicted, unreadable, done, picturesPerSecond }: PredictSummary): string {
  const of = finished ? counted(pictures, 'picture') : `${withCommas(predicted + unreadable)} of ${counted(pictures, 'picture')}`;
  const rate = done === 0 ? 'all done before' : `${rateText(picturesPerSecond)} pictures/s`;
  return `${of}: ${withCommas(predicted)} classified, ${withCommas(unreadable)} unreadable, in ${out}, ${rate}`;
}
