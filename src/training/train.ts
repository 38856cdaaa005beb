import { Worker } from 'node:worker_threads';
import type { TransferredError } from '../base/error-transfer.js';
import { unpackError } from '../base/error-transfer.js';
import { EngineError } from '../base/errors.js';
import type { DeviceChoice } from '../runtime/device.js';
import type { TrainConfig } from './config.js';
import { parseConfig, requireEffect } from './config.js';
import type { TrainingEnd, TrainingEvent, TrainingListener } from './events.js';
import type { EpochRecord } from './history.js';
import { openRun, readConfig } from './run-folder.js';

/** Settings of a new run; what is left out takes the report's value. */
export type TrainOptions = Partial<TrainConfig> & {
  /** Folder of `train/ valid/ test/`, folder of classes, or CSV manifest. */
  readonly data: string;
  /** Folder of the run; it must be new or empty. */
  readonly out: string;
};

export interface TrainResult {
  /** Folder of the run. */
  readonly run: string;
  readonly reason: TrainingEnd;
  /** The epoch with the lowest validation loss. */
  readonly best?: EpochRecord;
}

/** What the training thread is to do. */
export type TrainingTask =
  | { readonly kind: 'start'; readonly settings: TrainOptions }
  | { readonly kind: 'continue'; readonly out: string; readonly device?: DeviceChoice };

/** What the training thread sends. */
export type FromTrainingThread = { readonly event: TrainingEvent } | { readonly error: TransferredError };

/**
 * Trains a network in a new run folder, in a thread of its own.
 * @param listen is told of every step, epoch and checkpoint
 * @param signal when aborted, the run writes a checkpoint and ends as `interrupted`; {@link resumeRun} goes on
 * @throws {ConfigError} {DataError} before the first step, for settings or data that cannot be used, or an option that
 *   has no effect together with the others
 * @throws {DivergedError} when the loss is no finite number any more
 * @example await train({ data: 'faces', out: 'runs/a', imageSize: 64, epochs: 10 }, (event) => console.log(event));
 */
export async function train(options: TrainOptions, listen?: TrainingListener, signal?: AbortSignal): Promise<TrainResult> {
  return await startTraining(options, options, listen, signal);
}

/**
 * Goes on with an interrupted run. The weights in the end are those of a run that was not interrupted, bit for bit, on
 * the same machine and device.
 * @param options.device what computes from now on; by default what the run was started with
 * @throws {ConfigError} when the folder holds no run, or another process works on it
 */
export async function resumeRun(
  out: string,
  listen?: TrainingListener,
  signal?: AbortSignal,
  options: { readonly device?: DeviceChoice } = {},
): Promise<TrainResult> {
  return await inTrainingThread({ kind: 'continue', out, ...options }, listen, signal);
}

/** Settings of a fine-tuning run; what is left out is taken from the run that it starts from. */
export type FineTuneOptions = TrainOptions & { readonly from: string };

/**
 * Trains on other data, starting from the best weights of a run and with its settings and classes.
 * @throws {ConfigError} {FormatError} when `from` holds no run, or its weights do not fit the settings
 */
export async function fineTune(options: FineTuneOptions, listen?: TrainingListener, signal?: AbortSignal): Promise<TrainResult> {
  return await startTraining(await fineTuneOptions(options), options, listen, signal);
}

/** The options with all that they leave out, taken from the run that they start from. */
export async function fineTuneOptions(options: FineTuneOptions): Promise<FineTuneOptions> {
  const base = parseConfig(await readConfig(await openRun(options.from)));
  const { root: _root, limit: _limit, imported: _imported, weights: _weights, ...kept } = base;
  return { ...kept, ...options };
}

/** @param given the options of the call alone, of which none must go without an effect. */
async function startTraining(
  settings: TrainOptions,
  given: TrainOptions,
  listen?: TrainingListener,
  signal?: AbortSignal,
): Promise<TrainResult> {
  const { out: _out, ...config } = settings;
  requireEffect({ ...given }, parseConfig(config));
  return await inTrainingThread({ kind: 'start', settings }, listen, signal);
}

async function inTrainingThread(
  task: TrainingTask,
  listen: TrainingListener = () => undefined,
  signal?: AbortSignal,
): Promise<TrainResult> {
  const worker = new Worker(new URL('./train-worker.js', import.meta.url), { workerData: task });
  const stop = (): void => worker.postMessage('stop');
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop);
  try {
    return await new Promise<TrainResult>((resolve, reject) => {
      let result: TrainResult | undefined;
      worker.on('message', (message: FromTrainingThread) => {
        if ('error' in message) {
          reject(unpackError(message.error));
          return;
        }
        if (message.event.kind === 'end') {
          const { run, reason, best } = message.event;
          result = { run, reason, ...(best ? { best } : {}) };
        }
        listen(message.event);
      });
      worker.on('error', reject);
      worker.on('exit', (code) => {
        if (result) resolve(result);
        else reject(new EngineError(`the training thread ended early (exit code ${code})`));
      });
    });
  } finally {
    signal?.removeEventListener('abort', stop);
    await worker.terminate();
  }
}
