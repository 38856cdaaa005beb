/** The stages of a training: first some layers are frozen, from an epoch on all are trained. */
import type { BatchLoader } from '../data/batches.js';
import { samplesOf } from '../data/dataset.js';
import type { Dataset } from '../data/sample.js';
import type { CheckpointState } from './checkpoint.js';
import type { TrainConfig } from './config.js';
import { augmentationOf } from './config.js';
import type { NetworkInput, TrainingEngine } from './engine.js';
import type { Stage } from './engine-graphs.js';
import type { TrainingListener } from './events.js';
import { FeatureCache, featureBytes, LARGEST_CACHE } from './feature-cache.js';
import { frozenEpochs } from './transfer-options.js';

/** Pictures, or features in their place, in batches. */
export interface BatchSource {
  /** Pictures in an epoch. */
  readonly size: number;
  readonly batchesPerEpoch: number;
  batches(epoch: number, startBatch?: number): AsyncIterable<TrainingBatch>;
}

export type TrainingBatch = NetworkInput & {
  /** Class indices, [N]. */
  readonly labels: Int32Array;
  /** Indices into the samples of the split, [N]. */
  readonly samples: Int32Array;
  /** N. */
  readonly size: number;
};

/** What a stage is trained on and validated with. */
export interface StageBatches {
  readonly train: BatchSource;
  readonly valid: BatchSource | undefined;
}

export interface StageParts {
  readonly config: TrainConfig;
  /** Names of the layers that are frozen at first. */
  readonly frozen: ReadonlySet<string>;
  readonly dataset: Dataset;
  readonly engine: TrainingEngine;
  readonly trainLoader: BatchLoader;
  readonly validLoader: BatchLoader | undefined;
  /** Folder of the run. */
  readonly folder: string;
  readonly listen: TrainingListener;
  readonly signal: AbortSignal;
}

/** Brings the engine to the stage of each epoch, and keeps the features of frozen layers meanwhile. */
export class Stages {
  readonly #parts: StageParts;
  #entered: 'frozen' | 'whole' | undefined;
  #caches: FeatureCache[] = [];
  #batches: StageBatches;

  constructor(parts: StageParts) {
    this.#parts = parts;
    this.#batches = { train: parts.trainLoader, valid: parts.validLoader };
  }

  /**
   * Brings the engine alone to where the checkpoint of `state` was written, whose tensors can then be loaded: at the start of
   * an epoch it holds what the epoch before has left.
   */
  async reopen(state: CheckpointState): Promise<void> {
    await this.#enterEngine({ ...state, epoch: state.batchInEpoch === 0 ? state.epoch - 1 : state.epoch });
  }

  /** Brings the engine to the epoch of `state`. @returns what that epoch is trained on */
  async enter(state: CheckpointState): Promise<StageBatches> {
    const entered = this.#isFrozenIn(state.epoch) ? 'frozen' : 'whole';
    if (entered !== this.#entered) {
      this.#entered = entered;
      await this.#enterEngine(state);
      await this.close();
      this.#batches = await this.#openBatches();
    }
    return this.#batches;
  }

  /** What the user should know of the stage that begins. */
  get notes(): string[] {
    const { config, trainLoader, engine } = this.#parts;
    if (!this.#canCache()) return [];
    if (augmentationOf(config) !== undefined) {
      return ['Training pictures are varied, so the frozen layers are computed at every step; with --no-augment they would be once.'];
    }
    const bytes = featureBytes(trainLoader.size, engine.front!.shape);
    if (bytes <= LARGEST_CACHE) return [];
    return [`The frozen layers are computed at every step: their features would take ${Math.round(bytes / 1e9)} GB.`];
  }

  /** Removes what was kept. */
  async close(): Promise<void> {
    const caches = this.#caches;
    this.#caches = [];
    for (const cache of caches) await cache.close();
  }

  async #enterEngine(state: CheckpointState): Promise<void> {
    const { engine, frozen } = this.#parts;
    if (frozen.size > 0) await engine.enter(this.#stageOf(state));
  }

  #isFrozenIn(epoch: number): boolean {
    return epoch <= frozenEpochs(this.#parts.config);
  }

  #stageOf({ epoch, step, batchInEpoch }: CheckpointState): Stage {
    const { config, frozen, trainLoader } = this.#parts;
    if (this.#isFrozenIn(epoch)) return { frozen };
    const since = step - batchInEpoch - (epoch - 1 - frozenEpochs(config)) * trainLoader.batchesPerEpoch;
    return { frozen: new Set(), late: { layers: frozen, since } };
  }

  #canCache(): boolean {
    return this.#parts.config.featureCache !== false && this.#parts.engine.front !== undefined;
  }

  async #openBatches(): Promise<StageBatches> {
    const { config, engine, trainLoader, validLoader, listen, signal, dataset, folder } = this.#parts;
    const isCached = (loader: BatchLoader | undefined): boolean =>
      loader !== undefined && this.#canCache() && featureBytes(loader.size, engine.front!.shape) <= LARGEST_CACHE;
    const isTrainCached = augmentationOf(config) === undefined && isCached(trainLoader);
    const isValidCached = isCached(validLoader);
    const total = (isTrainCached ? trainLoader.size : 0) + (isValidCached ? validLoader!.size : 0);
    let done = 0;
    const cached = async (loader: BatchLoader, split: 'train' | 'valid'): Promise<FeatureCache> => {
      const labels = samplesOf(dataset, split).map(({ label }) => label);
      const before = done;
      const onPicture = (count: number): void => {
        done = before + count;
        listen({ kind: 'features', done, total });
      };
      const cache = await FeatureCache.extract({ engine, loader, labels, folder }, onPicture, signal);
      this.#caches.push(cache);
      return cache;
    };
    return {
      train: isTrainCached ? await cached(trainLoader, 'train') : trainLoader,
      valid: isValidCached && !signal.aborted ? await cached(validLoader!, 'valid') : validLoader,
    };
  }
}
