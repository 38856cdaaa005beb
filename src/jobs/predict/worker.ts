/** Entry of a worker thread that classifies pictures; `predict-pictures.ts` is its other end. */
import { workerData } from 'node:worker_threads';
import { serveTasks } from '../../base/worker-pool.node.js';
import { openClassifier } from '../../evaluation/classify.js';
import type { Device } from '../../runtime/device.js';
import type { PictureOrigin } from '../source-pictures.js';
import { requireModel } from './model-file.js';
import { Predictor } from './predictor.js';
import type { PredictItem } from './predictor.js';

/** What such a thread is started with. */
export interface PredictWorkerData {
  /** Where the pictures are, and where the model of the job is. */
  readonly folders: PictureOrigin & { readonly out: string };
  /** Of the model, see {@link digestOf}. */
  readonly model: string;
  readonly device: Device;
}

const { folders, model, device } = workerData as PredictWorkerData;
const predictor = requireModel(folders.out, model)
  .then((path) => openClassifier({ model: path, threads: 1, device }))
  .then((classifier) => new Predictor(classifier, folders));
// Whoever gives the first task hears of it.
predictor.catch(() => undefined);

serveTasks(async (item: PredictItem) => (await predictor).predict(item));
