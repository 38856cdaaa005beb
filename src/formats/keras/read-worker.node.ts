/** Entry of the thread in which `read.node.ts` reads one file. */
import { parentPort, workerData } from 'node:worker_threads';
import { packError } from '../../base/error-transfer.js';
import type { ReadKerasOptions } from './read.js';
import { readKeras } from './read.js';

const { bytes, file, options } = workerData as { bytes: Uint8Array; file: string; options: ReadKerasOptions };
try {
  const network = await readKeras(bytes, file, { ...options, onRead: (...read) => parentPort!.postMessage({ read }) });
  const tensors = [...network.weights.values(), ...(network.optimiser?.slots.values() ?? [])];
  const buffers = new Set(tensors.map(({ data }) => data.buffer as ArrayBuffer));
  parentPort!.postMessage({ network }, [...buffers]);
} catch (error) {
  parentPort!.postMessage({ error: packError(error) });
}
