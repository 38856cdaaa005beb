/** A network that is measured: it gives logits, so that temperatures can be tried. */
import { ConfigError } from '../base/errors.js';
import type { HostTensor } from '../base/tensor.js';
import { floatTensor } from '../base/tensor.js';
import type { BatchLoaderOptions } from '../data/batches.js';
import { BatchLoader } from '../data/batches.js';
import type { Problem, Sample } from '../data/sample.js';
import { OLDEST_YEAR } from '../models/over-years.js';
import type { OutputCalibration } from '../nn/network.js';
import { chooseDevice } from '../runtime/choose-device.node.js';
import type { Device, DeviceChoice } from '../runtime/device.js';
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

/** A calibration, and the data that it was fitted on, if they are known. */
export type FittedCalibration = OutputCalibration & Pick<StoredCalibration, 'temperature' | 'data'>;

/** A loaded network. Call `dispose` when done. */
export interface MeasuredNetwork {
  readonly classes: readonly string[];
  /** What its logits are logits of. */
  readonly scale: OutputScale;
  /** What was fitted for these weights, if anything, and the data that it was fitted on, if they are known. */
  readonly calibration: FittedCalibration | undefined;
  /**
   * The logits of pictures, not calibrated.
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
  /** [N, outputs], row-major, as the scale says. */
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
 * @throws {DeviceError} when the device cannot be used
 */
export async function openNetwork(
  { run, onnx, model }: MeasuredData,
  checkpoint: 'best' | 'last',
  choice: DeviceChoice = 'cpu',
): Promise<MeasuredNetwork> {
  const device = await chooseDevice(choice);
  if (onnx === undefined) return await openRunNetwork(run!, checkpoint, device);
  if (checkpoint === 'last') {
    throw new ConfigError(`${model}: an ONNX file holds one set of weights`, { hint: 'Leave out --checkpoint.' });
  }
  return await openOnnxNetwork(onnx, device);
}

/** Opens the network of a run. @throws as {@link openNetwork} */
export async function openRunNetwork(run: RunFolder, checkpoint: 'best' | 'last', device: Device = 'cpu'): Promise<RunNetwork> {
  const loaded = await loadNetwork(run, checkpoint);
  const { classes, imageSize, weights } = loaded;
  const tellsYears = loaded.network.layers(classes.length).at(-1)?.kind === 'BandsOfYears';
  const scale = { classes, years: tellsYears ? OLDEST_YEAR + 1 : 0 };
  const calibration = await readCalibration(run, checkpoint, weights);
  const session = await Session.create(inferenceModel({ ...loaded, output: 'logits' }), { device });
  const logitsOf = async (images: HostTensor): Promise<Float32Array> => (await session.run({ images }))['logits']!.data as Float32Array;
  return { weights, calibration, ...networkOf(session, scale, imageSize, logitsOf) };
}

/** Opens an ONNX file. Logits are made of its probabilities: their logarithms, with what calibration did to them undone. */
async function openOnnxNetwork({ bytes, calibration, classes, imageSize }: LoadedModel, device: Device): Promise<MeasuredNetwork> {
  const session = await Session.create(bytes, { device });
  const { temperature = 1, offsets } = calibration ?? {};
  const logitsOf = async (images: HostTensor): Promise<Float32Array> => {
    const { probabilities, years } = await session.run({ images });
    requireClasses(probabilities!, classes);
    const ofClasses = undone(probabilities!, temperature, offsets);
    const ofYears = years && undone(years, temperature);
    return Float32Array.from(ofClasses.flatMap((row, picture) => [...row, ...(ofYears?.[picture] ?? [])]));
  };
  const scale = { classes, years: session.outputNames.includes('years') ? OLDEST_YEAR + 1 : 0 };
  return { calibration, ...networkOf(session, scale, imageSize, logitsOf) };
}

/** The logits of each picture. @param probabilities [N, length] */
function undone({ data, shape }: HostTensor, temperature: number, offsets?: readonly number[]): number[][] {
  const length = shape[1]!;
  const logits = Array.from(data as Float32Array, (value, index) => {
    return temperature * Math.log(Math.max(value, LEAST_PROBABILITY)) - (offsets?.[index % length] ?? 0);
  });
  return Array.from({ length: shape[0]! }, (_, row) => logits.slice(row * length, (row + 1) * length));
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
