import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { parseSettings } from '../../base/settings.js';
import { writeManifest } from '../../data/manifest-file.js';
import { writeProblemsFile } from '../../data/problems-file.js';
import type { Problem } from '../../data/sample.js';
import { BUILT_IN_MODEL } from '../../evaluation/built-in-model.js';
import { loadModel } from '../../evaluation/model-source.js';
import { usableDevice } from '../../runtime/choose-device.node.js';
import { DEVICE_CHOICES } from '../../runtime/device.js';
import { sourceState } from '../file-state.js';
import { openJobFolder } from '../job-folder.js';
import { absoluteSource, openJobPictures } from '../job-pictures.js';
import { localExecutor } from '../local-executor.js';
import { doPictures } from '../picture-job.js';
import type { QueuePlace } from '../queue/queue-executor.js';
import type { ShardExecutor } from '../shards.js';
import { inShards } from '../shards.js';
import { workerCount } from '../worker-count.js';
import { digestOf, keepModel } from './model-file.js';
import type { PredictItem } from './predictor.js';
import { undonePrediction } from './predictor.js';
import type { PredictionRecord } from './record.js';
import { recordSchema } from './record.js';
import { predictionsTable } from './table.js';
import type { PredictWorkerData } from './worker.js';

const WORKER = new URL('./worker.js', import.meta.url);

const path = z.string().min(1);

const optionsSchema = z.strictObject({
  /** Folder of pictures, CSV manifest, list of addresses, address, or one or several fold files of Adience. */
  source: z.union([path, z.array(path).min(1)]),
  /** Folder of the predictions. */
  out: path,
  /** Folder that the file names of a manifest start from; its own folder by default. */
  root: path.optional(),
  /** Folder of a run, or an exported ONNX file. */
  model: path.default(BUILT_IN_MODEL),
  /** What computes. */
  device: z.enum(DEVICE_CHOICES).default('cpu'),
  /** Worker threads; one per core by default, one alone on WebGPU. */
  workers: z.int().min(1).optional(),
});

/** Options of `predictPictures`; what is left out takes the default. */
export type PredictOptions = z.input<typeof optionsSchema>;

/** What a prediction job came to. */
export interface PredictSummary {
  /** Folder of the predictions. */
  readonly out: string;
  /** Whether all pictures were done; false after an abort. */
  readonly finished: boolean;
  /** Pictures of the source. */
  readonly pictures: number;
  /** Pictures with a prediction, and those that could not be read; of an unfinished job, so far. */
  readonly predicted: number;
  readonly unreadable: number;
  /** Pictures that this call did; the others were done before. */
  readonly done: number;
  readonly picturesPerSecond: number;
  /** Pictures that could not be read, and what else of the source was left out. */
  readonly problems: readonly Problem[];
}

/** Starts what does the items. */
type StartPredicting = (job: Omit<PredictWorkerData, 'device'>) => Promise<ShardExecutor<PredictItem, PredictionRecord>>;
type Listener = (done: number, total: number) => void;

/**
 * Classifies all pictures of a folder or manifest, however many: `predictions.csv` in the folder of the predictions has a
 * row per face, or per picture without one.
 *
 * Called again with the same options, it goes on where it was stopped or killed; what is done is not done again, unless
 * the picture has changed. The files are the same however often it was interrupted and with any number of workers.
 * @param onProgress is told how many pictures are done
 * @param signal when aborted, the pictures under way are finished and the lists are not written
 * @throws {ConfigError} for options that cannot be used, or a folder with predictions of another model or source
 * @throws {DataError} when the source cannot be used
 * @throws {FileError} {FormatError} when there is no such model, it cannot be used, or something cannot be written
 * @example await predictPictures({ source: 'photos', out: 'ages' });
 */
export async function predictPictures(options: PredictOptions, onProgress?: Listener, signal?: AbortSignal): Promise<PredictSummary> {
  const device = await usableDevice(options.device ?? 'cpu');
  const workers = workerCount(options.workers, device);
  const start: StartPredicting = (job) => {
    const data: PredictWorkerData = { ...job, device };
    return Promise.resolve(inShards(localExecutor(WORKER, workers, data)));
  };
  return await runPredictJob(options, start, onProgress, signal);
}

/**
 * The same, done by workers on any number of machines, which must see the source and the predictions under the same paths.
 * @throws {ConnectionError} when Redis cannot be reached
 */
export async function predictPicturesThrough(
  place: QueuePlace,
  options: Omit<PredictOptions, 'device' | 'workers'>,
  onProgress?: Listener,
  signal?: AbortSignal,
): Promise<PredictSummary> {
  // Only who needs a queue loads what it takes.
  const { openQueueExecutor } = await import('../queue/queue-executor.js');
  const start: StartPredicting = ({ folders, model }) =>
    openQueueExecutor(
      {
        out: folders.out,
        taskOf: (items) => ({ kind: 'predict', settings: { model }, folders: { ...folders }, items: [...items] }),
        resultSchema: recordSchema,
        deadResult: undonePrediction,
      },
      place,
      signal,
    );
  return await runPredictJob(options, start, onProgress, signal);
}

async function runPredictJob(
  options: PredictOptions,
  start: StartPredicting,
  onProgress: Listener = () => undefined,
  signal?: AbortSignal,
): Promise<PredictSummary> {
  const { source, root, out, model } = parseSettings(optionsSchema, options);
  const { bytes, classes } = await loadModel(model);
  const pictures = await openJobPictures(source, root, out);
  const settings = {
    source: [source].flat().map(absoluteSource),
    ...(root === undefined ? {} : { root: resolve(root) }),
    model: digestOf(bytes),
  };
  const release = await openJobFolder(out, { settingsFile: 'predict.json', settings, makes: 'predictions' });
  try {
    await keepModel(out, bytes);
    const folders = { root: pictures.root, out: await realpath(out) };
    return await doPictures(
      {
        ...{ out: folders.out, journalFile: join(out, 'journal.jsonl'), schema: recordSchema },
        files: pictures.files,
        itemAt: (index) => ({ file: pictures.files[index]! }),
        // A picture that could not be read is tried again.
        stillHolds: async ({ error, state }, { file }) =>
          error === undefined && state === (await sourceState(pictures.root, file)),
        start: () => start({ folders, model: settings.model }),
      },
      async ({ results, finished, done, perSecond }) => {
        const problems = [...pictures.problems];
        for (const { file, error } of results) if (error !== undefined) problems.push({ file, reason: error });
        const unreadable = problems.length - pictures.problems.length;
        if (finished) {
          await writeProblemsFile(join(out, 'problems.csv'), problems);
          await writeManifest(join(out, 'predictions.csv'), predictionsTable(classes, results));
        }
        return {
          ...{ out, finished, pictures: pictures.files.length, predicted: results.size - unreadable },
          ...{ unreadable, done, picturesPerSecond: perSecond, problems },
        };
      },
      onProgress,
      signal,
    );
  } finally {
    release();
  }
}
