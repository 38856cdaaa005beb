/** Entry of a worker thread that makes batches; the loader in `batches.ts` is its other end. */
import { workerData } from 'node:worker_threads';
import { serveTasks } from '../base/worker-pool.node.js';
import { BatchMaker } from './batch-maker.js';
import type { BatchJob, BatchSettings } from './batch-maker.js';

const maker = new BatchMaker(workerData as BatchSettings);

serveTasks(
  (job: BatchJob) => maker.make(job),
  ({ images, labels, samples }) => [images.buffer, labels.buffer, samples.buffer],
);
