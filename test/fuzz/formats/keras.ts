/** Files of Keras: `.h5`, `.keras` and weights alone. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import * as fc from 'fast-check';
import { unzipSync } from 'fflate';
import type { WantedLayer } from '../../../src/formats/keras/numbered-layers.js';
import type * as kerasReading from '../../../src/formats/keras/read.node.js';
import { zip } from '../../../src/formats/zip.js';
import { exportRun } from '../../../src/training/export.js';
import { layoutsOf, smallPretrained, unpacked } from '../../support/pretrained.js';
import { referenceBytes } from '../../support/reference.js';
import type { Family } from '../format.js';
import { built } from '../format.js';
import { mutatedBinary } from '../mutations.js';
import { makeSmallRun } from '../small-run.js';
import { jsonOf, mutatedValue } from '../values.js';

/** Seconds after which the quick thread is given up; then the product has to show that it copes. */
const PATIENCE = 2;
/** Files that one thread reads, before the memory that damage may have left in disorder is thrown away. */
const PER_THREAD = 100;

interface Task {
  readonly bytes: Uint8Array;
  readonly file: string;
  readonly wanted?: readonly WantedLayer[];
  readonly options?: object;
}

/**
 * Reads files in a thread that is used again. Where that one does not end in a value or a typed error, be it that the HDF5
 * library crashed, runs without end or was left in disorder by an earlier file, the product's own way of reading has the word.
 */
class QuickReader {
  #worker: Worker | undefined;
  #read = 0;

  /** @param safely reads as the product does */
  async read(task: Task, safely: () => Promise<unknown>): Promise<void> {
    const answer = await this.#ask(task);
    if (answer === 'valid') return;
    if (answer === 'failed') await this.close();
    if (answer === 'refused') throw new RefusedError();
    await safely();
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #ask(task: Task): Promise<'valid' | 'refused' | 'failed'> {
    if (this.#read++ % PER_THREAD === 0) await this.close();
    const worker = (this.#worker ??= new Worker(new URL('../../support/keras-worker.js', import.meta.url), {
      ...{ workerData: { dist: new URL('../../../dist/', import.meta.url).href }, stdout: true, stderr: true, execArgv: [] },
    }));
    const ended = new AbortController();
    worker.postMessage(task);
    const answers = ['message', 'error', 'exit'].map(async (event) => ((await once(worker, event, { signal: ended.signal })) as unknown[])[0]);
    try {
      const answer = await Promise.race([...answers, sleep(PATIENCE * 1000, undefined, { signal: ended.signal })]);
      return answer === 'valid' || answer === 'refused' ? answer : 'failed';
    } catch {
      return 'failed';
    } finally {
      ended.abort();
      await Promise.allSettled(answers);
    }
  }
}

/** Stands for a typed error, which stayed in the thread. */
class AgebandError extends Error {}
class RefusedError extends AgebandError {}

export async function openKeras(folder: string): Promise<Family> {
  const { readKerasSafely, readKerasWeightsSafely } = await built<typeof kerasReading>('formats/keras/read.node.js');
  const quick = new QuickReader();
  const run = await makeSmallRun(folder);
  const [own, ownArchive] = await Promise.all(
    ['own.h5', 'own.keras'].map(async (name) => {
      await exportRun(run, join(folder, name));
      return await readFile(join(folder, name));
    }),
  );
  const whole = [own!, own!, referenceBytes('keras-rescaled.h5'), referenceBytes('keras-base.h5')];
  const archive = referenceBytes('keras-varied.keras');
  const members = unzipSync(archive);
  const [config, metadata] = ['config.json', 'metadata.json'].map((name) => JSON.parse(Buffer.from(members[name]!).toString()) as unknown);
  const weights = [
    ...[unpacked('pretrained-vgg16-notop.h5.gz'), referenceBytes('keras-pretrained-weights.h5')],
    ...[unpacked('keras-resnet-50.weights.h5.gz'), referenceBytes('keras-numbered.weights.h5'), referenceBytes('keras-half-weights.h5')],
  ];
  const wanted = layoutsOf(smallPretrained('vgg16')).map(({ layer, kind }) => ({ layer, kind }));
  const options = { inputRange: '0..255' } as const;
  /** Archives that are whole, with one member that is not. */
  const inside = fc.oneof(
    mutatedValue([config]).map((value) => zip({ ...members, 'config.json': Buffer.from(jsonOf(value)) })),
    mutatedValue([metadata]).map((value) => zip({ ...members, 'metadata.json': Buffer.from(jsonOf(value)) })),
    mutatedBinary([members['model.weights.h5']!]).map((bytes) => zip({ ...members, 'model.weights.h5': bytes })),
  );
  const network = { cases: fc.oneof(mutatedBinary([ownArchive!, archive]), inside), read: readNetwork };
  async function readNetwork(bytes: Uint8Array, file: string): Promise<void> {
    await quick.read({ bytes, file, options }, () => readKerasSafely(bytes, file, options, 2 * PATIENCE));
  }
  return {
    formats: [
      { name: 'h5', cases: mutatedBinary(whole), read: readNetwork },
      { name: 'keras', ...network },
      {
        name: 'h5-weights',
        cases: mutatedBinary(weights),
        read: (bytes, file) => quick.read({ bytes, file, wanted }, () => readKerasWeightsSafely(bytes, file, wanted)),
      },
    ],
    close: () => quick.close(),
  };
}
