/** Entry of a worker thread that makes batches; `batch-workers.ts` is its other end. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../base/errors.js';
import { BatchMaker } from './batch-maker.js';
import type { BatchSettings } from './batch-maker.js';
import type { WorkerReply, WorkerRequest } from './batch-workers.js';

const maker = new BatchMaker(workerData as BatchSettings);
const port = parentPort!;

port.on('message', ({ id, job }: WorkerRequest) => {
  maker.make(job).then(
    (batch) => {
      const reply: WorkerReply = { id, batch };
      port.postMessage(reply, [batch.images.buffer, batch.labels.buffer, batch.samples.buffer]);
    },
    (error: unknown) => {
      const reply: WorkerReply = { id, failure: messageOf(error) };
      port.postMessage(reply);
    },
  );
});
