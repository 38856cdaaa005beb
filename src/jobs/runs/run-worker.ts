/** The thread of a run's process: ONNX Runtime blocks it, while the main thread hears what the job asks. */
import { parentPort } from 'node:worker_threads';
import { doRun } from './do-run.js';
import type { FromRun, ToRun } from './process-executor.js';

const port = parentPort!;
const post = (message: FromRun): void => port.postMessage(message);
const controller = new AbortController();

port.on('message', (message: ToRun) => {
  if (message === 'stop') controller.abort();
  else void doRun(message.item, (event) => post({ event }), controller.signal).then((outcome) => post({ outcome }));
});
