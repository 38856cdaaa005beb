/** Entry of the thread in which `read.node.ts` reads one file. */
import { parentPort, workerData } from 'node:worker_threads';
import { packError } from '../../base/error-transfer.js';
import type { HostTensor } from '../../base/tensor.js';
import type { ReadingTask } from './read.node.js';
import { readKeras } from './read.js';
import { readKerasWeights } from './read-weights.js';

const { bytes, file, ...task } = workerData as ReadingTask;
const onRead = (...read: [done: number, total: number]): void => parentPort!.postMessage({ read });
const post = (result: unknown, arrays: readonly HostTensor['data'][]): void =>
  parentPort!.postMessage({ result }, [...new Set(arrays.map((data) => data.buffer as ArrayBuffer))]);

try {
  if ('wanted' in task) {
    const layers = await readKerasWeights(bytes, file, task.wanted, onRead);
    post(layers, layers.flatMap(({ arrays }) => arrays.flatMap(({ values }) => values ?? [])));
  } else {
    const network = await readKeras(bytes, file, { ...task.options, onRead });
    const tensors = [...network.weights.values(), ...(network.optimiser?.slots.values() ?? [])];
    post(network, tensors.map(({ data }) => data));
  }
} catch (error) {
  parentPort!.postMessage({ error: packError(error) });
}
