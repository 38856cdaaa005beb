import { Worker } from 'node:worker_threads';
import type { TransferredError } from '../../base/error-transfer.js';
import { unpackError } from '../../base/error-transfer.js';
import { FormatError } from '../../base/errors.js';
import type { ByteListener } from '../../base/files.node.js';
import type { WantedLayer } from './numbered-layers.js';
import type { ImportedNetwork, ReadKerasOptions } from './read.js';
import type { StoredLayer } from './read-weights.js';

/** Seconds after which a file that is not read yet is taken for damaged, and bytes that give it a second more. */
const SECONDS = 60;
const BYTES_PER_SECOND = 10e6;

/** What the thread is to read: a network, or the arrays of some layers. */
export type ReadingTask = { readonly bytes: Uint8Array; readonly file: string } & (
  | { readonly options: Omit<ReadKerasOptions, 'onRead'> }
  | { readonly wanted: readonly WantedLayer[] }
);

/** What the thread tells. */
type FromReader =
  | { readonly read: [done: number, total: number] }
  | { readonly result: unknown }
  | { readonly error: TransferredError };

/**
 * Reads a network as `readKeras` does, in a thread of its own, which neither an endless loop nor a crash in the HDF5
 * library outlives.
 * @throws {FormatError} as `readKeras`, and when it takes too long
 */
export async function readKerasSafely(
  bytes: Uint8Array,
  file: string,
  options: ReadKerasOptions = {},
  seconds = secondsFor(bytes),
): Promise<ImportedNetwork> {
  const { onRead, ...plain } = options;
  return (await readInThread({ bytes, file, options: plain }, onRead, seconds)) as ImportedNetwork;
}

/** Reads the arrays of layers as `readKerasWeights` does, in such a thread. @throws {FormatError} as {@link readKerasSafely} */
export async function readKerasWeightsSafely(
  bytes: Uint8Array,
  file: string,
  wanted: readonly WantedLayer[],
  onRead?: ByteListener,
): Promise<StoredLayer[]> {
  return (await readInThread({ bytes, file, wanted }, onRead, secondsFor(bytes))) as StoredLayer[];
}

function secondsFor({ length }: Uint8Array): number {
  return SECONDS + length / BYTES_PER_SECOND;
}

async function readInThread(task: ReadingTask, onRead: ByteListener | undefined, seconds: number): Promise<unknown> {
  const settings = { workerData: task, stdout: true, stderr: true };
  const worker = new Worker(new URL('./read-worker.node.js', import.meta.url), settings);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<unknown>((resolve, reject) => {
      const fail = (reason: string, cause?: unknown) => reject(new FormatError(task.file, `is damaged: ${reason}`, { cause }));
      timer = setTimeout(() => fail(`it could not be read within ${Math.round(seconds)} seconds`), seconds * 1000);
      worker.on('message', (message: FromReader) => {
        if ('read' in message) onRead?.(...message.read);
        else if ('error' in message) reject(unpackError(message.error));
        else resolve(message.result);
      });
      worker.on('error', (error) => fail('the HDF5 library failed on it', error));
      worker.on('exit', () => fail('the HDF5 library ended'));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
