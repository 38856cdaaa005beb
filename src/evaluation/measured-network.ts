/** A network that is measured: it gives logits, so that temperatures can be tried. */
import { ConfigError } from '../base/errors.js';
import type { HostTensor } from '../base/tensor.js';
import { floatTensor } from '../base/tensor.js';
import type { BatchLoaderOptions } from '../data/batches.js';
import { BatchLoader } from '../data/batches.js';
import type { Problem, Sample } from '../data/sample.js';
import { OLDEST_YEAR } from '../models/over-years.js';
import type { YearRange } from '../nn/layers/index.js';
import { yearShares } from '../nn/layers/index.js';
import { yearRanges } from '../nn/network.js';
import { Session } from '../runtime/session.node.js';
import type { StoredCalibration } from '../training/calibration.js';
import { readCalibration } from '../training/calibration.js';
import { loadNetwork } from '../training/export.js';
import { inferenceModel } from '../training/inference-model.js';
import type { RunFolder } from '../training/run-folder.js';
import type { OutputScale } from './distributions.js';
import { outputsOf } from './distributions.js';
import type { MeasuredData } from './measured-data.js';
import { requireNumbers } from './judge.js';
import type { LoadedModel } from './model-source.js';
import { requireClasses } from './model-source.js';

/** A loaded network. Call `dispose` when done. */
export interface MeasuredNetwork {
  readonly classes: readonly string[];
  /** What its logits are logits of. */
  readonly scale: OutputScale;
  /** The temperature that was fitted for these weights, if any, and the data that it was fitted on, if they are known. */
  readonly calibration: Pick<StoredCalibration, 'temperature' | 'data'> | undefined;
  /**
   * The logits of pictures, not divided by the temperature.
   * @param settings how the pictures are read and varied; all are taken, in their order
   * @throws {DataError} when no picture can be read
   * @throws {EngineError} naming the picture whose logits are no finite numbers
   */
  readonly predict: (samples: readonly Sample[], settings: PredictSettings) => Promise<Predictions>;
  readonly dispose: () => Promise<void>;
}

/** The network of a run. */
export interface RunNetwork extends MeasuredNetwork {
  readonly weights: Awaited<ReturnType<typeof loadNetwork>>['weights'];
}

export type PredictSettings = Pick<BatchLoaderOptions, 'augmentation' | 'seed' | 'workers' | 'onProgress'> & {
  /** Is told how many of the pictures that can be read have passed through the network. */
  readonly onPredicted?: (done: number, total: number) => void;
};

/** What a network says about those pictures that can be read. */
export interface Predictions {
  /** [N] */
  readonly samples: readonly Sample[];
  /** [N, outputs], row-major: of the classes, or of single years. */
  readonly logits: Float32Array;
  /** The pictures that cannot be read. */
  readonly problems: readonly Problem[];
}

/** Pictures that pass through the network together. */
const BATCH = 16;

/** Stands for a probability of 0, which has no logarithm: the smallest normal float32. */
const LEAST_PROBABILITY = 2 ** -126;

/**
 * Opens the network that is to be measured.
 * @throws {FileError} {FormatError} when the checkpoint or the calibration of a run is missing or damaged
 * @throws {ConfigError} when another checkpoint of an ONNX file is asked for than the one that it was made of
 */
export async function openNetwork({ run, onnx, model }: MeasuredData, checkpoint: 'best' | 'last'): Promise<MeasuredNetwork> {
  if (onnx === undefined) return await openRunNetwork(run!, checkpoint);
  if (checkpoint === 'last') {
    throw new ConfigError(`${model}: an ONNX file holds one set of weights`, { hint: 'Leave out --checkpoint.' });
  }
  return await openOnnxNetwork(onnx);
}

/** Opens the network of a run. @throws as {@link openNetwork} */
export async function openRunNetwork(run: RunFolder, checkpoint: 'best' | 'last'): Promise<RunNetwork> {
  const loaded = await loadNetwork(run, checkpoint);
  const { classes, imageSize, weights } = loaded;
  const scale = scaleOf(classes, yearRanges(loaded.network.layers(classes.length)));
  const calibration = await readCalibration(run, checkpoint, weights);
  const session = await Session.create(inferenceModel({ ...loaded, output: 'logits' }));
  const logitsOf = async (images: HostTensor): Promise<Float32Array> => (await session.run({ images }))['logits']!.data as Float32Array;
  return { weights, calibration, ...networkOf(session, scale, imageSize, logitsOf) };
}

/** Opens an ONNX file. Logits are made of its probabilities, of years where it has them: their logarithms, times the temperature that the graph divides by. */
async function openOnnxNetwork({ bytes, temperature, yearRanges, classes, imageSize }: LoadedModel): Promise<MeasuredNetwork> {
  const session = await Session.create(bytes);
  const logitsOf = async (images: HostTensor): Promise<Float32Array> => {
    const { probabilities, years } = await session.run({ images });
    requireClasses(probabilities!, classes);
    const values = (years ?? probabilities!).data as Float32Array;
    return values.map((value) => (temperature ?? 1) * Math.log(Math.max(value, LEAST_PROBABILITY)));
  };
  const calibration = temperature === undefined ? undefined : { temperature };
  return { calibration, ...networkOf(session, scaleOf(classes, yearRanges), imageSize, logitsOf) };
}

function scaleOf(classes: readonly string[], ranges: readonly YearRange[] | undefined): OutputScale {
  return { classes, ...(ranges && { yearShares: yearShares(ranges, OLDEST_YEAR + 1) }) };
}

function networkOf(
  session: Session,
  scale: OutputScale,
  imageSize: number,
  logitsOf: (images: HostTensor) => Promise<Float32Array>,
): Pick<MeasuredNetwork, 'classes' | 'scale' | 'predict' | 'dispose'> {
  const outputs = outputsOf(scale);
  const predict = async (given: readonly Sample[], { onPredicted, ...settings }: PredictSettings): Promise<Predictions> => {
    const batchSize = Math.min(BATCH, given.length);
    const loader = await BatchLoader.open({ ...settings, samples: given, imageSize, batchSize, shuffle: false });
    try {
      const logits = new Float32Array(loader.size * outputs);
      const samples: Sample[] = [];
      for await (const batch of loader.batches(0)) {
        const images = floatTensor(batch.images, [batch.size, 3, imageSize, imageSize]);
        logits.set(await logitsOf(images), samples.length * outputs);
        for (const index of batch.samples) samples.push(given[index]!);
        onPredicted?.(samples.length, loader.size);
      }
      requireNumbers(samples, logits, scale);
      return { samples, logits, problems: loader.problems };
    } finally {
      await loader.close();
    }
  };
  return { classes: scale.classes, scale, predict, dispose: () => session.dispose() };
}
