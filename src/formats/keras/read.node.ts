import { Worker } from 'node:worker_threads';
import type { TransferredError } from '../../base/error-transfer.js';
import { unpackError } from '../../base/error-transfer.js';
import { FormatError } from '../../base/errors.js';
import type { ImportedNetwork, ReadKerasOptions } from './read.js';

/** Seconds after which a file that is not read yet is taken for damaged, and bytes that give it a second more. */
const SECONDS = 60;
const BYTES_PER_SECOND = 10e6;

/** What the thread tells. */
type FromReader =
  | { readonly read: [done: number, total: number] }
  | { readonly network: ImportedNetwork }
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
  seconds = SECONDS + bytes.length / BYTES_PER_SECOND,
): Promise<ImportedNetwork> {
  const { onRead, ...plain } = options;
  const settings = { workerData: { bytes, file, options: plain }, stdout: true, stderr: true };
  const worker = new Worker(new URL('./read-worker.node.js', import.meta.url), settings);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<ImportedNetwork>((resolve, reject) => {
      const fail = (reason: string, cause?: unknown) => reject(new FormatError(file, `is damaged: ${reason}`, { cause }));
      timer = setTimeout(() => fail(`it could not be read within ${Math.round(seconds)} seconds`), seconds * 1000);
      worker.on('message', (message: FromReader) => {
        if ('read' in message) onRead?.(...message.read);
        else if ('error' in message) reject(unpackError(message.error));
        else resolve(message.network);
      });
      worker.on('error', (error) => fail('the HDF5 library failed on it', error));
      worker.on('exit', () => fail('the HDF5 library ended'));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
