/** The network of a run, for measurements: it gives logits, so that temperatures can be tried. */
import { floatTensor } from '../base/tensor.js';
import type { BatchLoaderOptions } from '../data/batches.js';
import { BatchLoader } from '../data/batches.js';
import type { Problem, Sample } from '../data/sample.js';
import { Session } from '../runtime/session.node.js';
import type { StoredCalibration } from '../training/calibration.js';
import { readCalibration } from '../training/calibration.js';
import { loadNetwork } from '../training/export.js';
import { inferenceModel } from '../training/inference-model.js';
import type { RunFolder } from '../training/run-folder.js';
import { requireNumbers } from './judge.js';

/** A loaded network. Call `dispose` when done. */
export interface RunNetwork {
  readonly classes: readonly string[];
  readonly weights: Awaited<ReturnType<typeof loadNetwork>>['weights'];
  /** The temperature that was fitted for these weights, if any. */
  readonly calibration: StoredCalibration | undefined;
  /**
   * The logits of pictures, not divided by the temperature.
   * @param settings how the pictures are read and varied; all are taken, in their order
   * @throws {DataError} when no picture can be read
   * @throws {EngineError} naming the picture whose logits are no finite numbers
   */
  readonly predict: (samples: readonly Sample[], settings: PredictSettings) => Promise<Predictions>;
  readonly dispose: () => Promise<void>;
}

export type PredictSettings = Pick<BatchLoaderOptions, 'augmentation' | 'seed' | 'workers' | 'onProgress'>;

/** What a network says about those pictures that can be read. */
export interface Predictions {
  /** [N] */
  readonly samples: readonly Sample[];
  /** [N, classes], row-major */
  readonly logits: Float32Array;
  /** The pictures that cannot be read. */
  readonly problems: readonly Problem[];
}

/** Pictures that pass through the network together. */
const BATCH = 16;

/**
 * Opens the network of a run.
 * @throws {FileError} {FormatError} when the checkpoint or the calibration is missing or damaged
 */
export async function openRunNetwork(run: RunFolder, checkpoint: 'best' | 'last'): Promise<RunNetwork> {
  const loaded = await loadNetwork(run, checkpoint);
  const { classes, imageSize, weights } = loaded;
  const calibration = await readCalibration(run, checkpoint, weights);
  const session = await Session.create(inferenceModel({ ...loaded, output: 'logits' }));
  const predict = async (samples: readonly Sample[], settings: PredictSettings): Promise<Predictions> => {
    const batchSize = Math.min(BATCH, samples.length);
    const loader = await BatchLoader.open({ ...settings, samples, imageSize, batchSize, shuffle: false });
    try {
      return { ...(await logitsOf(session, loader, samples, classes, imageSize)), problems: loader.problems };
    } finally {
      await loader.close();
    }
  };
  return { classes, weights, calibration, predict, dispose: () => session.dispose() };
}

async function logitsOf(
  session: Session,
  loader: BatchLoader,
  samples: readonly Sample[],
  classes: readonly string[],
  imageSize: number,
): Promise<Omit<Predictions, 'problems'>> {
  const logits = new Float32Array(loader.size * classes.length);
  const read: Sample[] = [];
  for await (const batch of loader.batches(0)) {
    const outputs = await session.run({ images: floatTensor(batch.images, [batch.size, 3, imageSize, imageSize]) });
    logits.set(outputs['logits']!.data as Float32Array, read.length * classes.length);
    for (const index of batch.samples) read.push(samples[index]!);
  }
  requireNumbers(read, logits, classes);
  return { samples: read, logits };
}
