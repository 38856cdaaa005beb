/** The thread that trains: ONNX Runtime blocks it, while the main thread shows progress and hears Ctrl-C. */
import { parentPort, workerData } from 'node:worker_threads';
import { packError } from '../base/error-transfer.js';
import { continueRun, startRun } from './run.js';
import type { FromTrainingThread, TrainingTask } from './train.js';

const port = parentPort!;
const post = (message: FromTrainingThread): void => port.postMessage(message);
const controller = new AbortController();
port.on('message', () => controller.abort());

const task = workerData as TrainingTask;
try {
  const listen = (event: Extract<FromTrainingThread, { event: unknown }>['event']): void => post({ event });
  if (task.kind === 'start') await startRun(task.settings, listen, controller.signal);
  else await continueRun(task.out, listen, controller.signal, task);
} catch (error) {
  post({ error: packError(error) });
}
port.close();
