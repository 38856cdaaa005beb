/** Entry of a thread that looks at pictures; `dispatcher.ts` is its other end. */
import { workerData } from 'node:worker_threads';
import { serveTasks } from '../../base/worker-pool.node.js';
import type { Device } from '../../runtime/device.js';
import { PictureReader } from './picture-reader.js';

/** What such a thread is started with. */
export interface PredictWorkerData {
  /** Folder of a run, or path of an ONNX file. */
  readonly model: string;
  readonly device: Device;
}

const { model, device } = workerData as PredictWorkerData;
const reader = PictureReader.open(model, device);
// Whoever gives the first task hears of it.
reader.catch(() => undefined);

serveTasks(async (tasks: Parameters<PictureReader['answer']>[0]) => (await reader).answer(tasks));
