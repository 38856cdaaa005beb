import { createHash } from 'node:crypto';
import { ConfigError, DataError, FormatError } from '../base/errors.js';
import { sizeOf } from '../base/tensor.js';
import { BatchLoader } from '../data/batches.js';
import { checkReadable, samplesOf } from '../data/dataset.js';
import type { Dataset, Split } from '../data/sample.js';
import { usableDevice } from '../runtime/choose-device.node.js';
import type { DeviceChoice } from '../runtime/device.js';
import type { CheckpointState } from './checkpoint.js';
import { checkFits, loadCheckpoint } from './checkpoint.js';
import type { TrainConfig } from './config.js';
import { augmentationOf, givenClasses, networkOf, optimiserOf, parseConfig, scheduleOf, withAbsolutePaths } from './config.js';
import { TrainingEngine } from './engine.js';
import { writeEnvironment } from './environment.js';
import type { TrainingListener } from './events.js';
import { exportRun } from './export.js';
import { truncateHistory } from './history.js';
import { RunKeeper } from './keeper.js';
import { chooseLayers } from './layer-choice.js';
import { trainingLoop, VALIDATION_BATCH } from './loop.js';
import { choosePictures, readPictures, requireSamePictures, writePictures, writeProblems } from './pictures.js';
import type { LockedRun, RunConfig } from './run-folder.js';
import { createRun, discardRun, hasBegun, readConfig, reopenRun } from './run-folder.js';
import type { LockKind } from './run-lock.js';
import { Stages } from './stages.js';
import { startingPoint } from './starting-weights.js';
import { classWeightsOf, emptyScore, knownAges } from './targets.js';
import { freezes } from './transfer-options.js';

/** How far a run is trained, and on whose word. */
export interface Turn {
  /**
   * Epoch after which to pause, from 1; without it, it is trained to the end. The settings, and with them the course of
   * the learning rate, are those of the whole run; {@link continueRun} goes on.
   */
  readonly until?: number | undefined;
  /** `leased`: a queue has sent this process, which takes the run over from any that it sent before. */
  readonly lock?: LockKind | undefined;
}

/** Starts a new run in `out` and trains to the end, or to that of a turn, on the calling thread. */
export async function startRun(
  settings: { readonly out: string } & Readonly<Record<string, unknown>>,
  listen: TrainingListener,
  signal: AbortSignal,
  { until, lock }: Turn = {},
): Promise<void> {
  const { out, ...given } = settings;
  const asked = parseConfig(given);
  const classes = givenClasses(asked);
  networkOf({ ...asked, ...(classes && { classes }) });
  const dataset = await choosePictures(asked);
  const config = withAbsolutePaths({ ...asked, classes: [...dataset.classes] });
  const run = await createRun(out, config, lock);
  try {
    await begin(run, config, dataset, { listen, signal, until });
  } catch (error) {
    // A leased one may have been given to another process, which begins it anew.
    if (lock !== 'leased' && !(await hasBegun(run))) await discardRun(run);
    throw error;
  } finally {
    run.release();
  }
}

/**
 * Goes on with an interrupted or paused run, to the end or to that of a turn, on the calling thread.
 * @param device what computes from now on; by default what the run was started with
 */
export async function continueRun(
  out: string,
  listen: TrainingListener,
  signal: AbortSignal,
  { until, lock, device }: Turn & { readonly device?: DeviceChoice | undefined } = {},
): Promise<void> {
  const control = { listen, signal, until };
  const run = await reopenRun(out, lock);
  try {
    const settings = await readConfig(run);
    const config = parseConfig(device === undefined ? settings : { ...settings, device });
    if (config.imported === true) {
      throw new ConfigError(`${out}: its network was imported from ${config.data}; there is no training to go on with`, {
        hint: 'Train it further with `ageband fine-tune`.',
      });
    }
    if (await hasBegun(run)) {
      await trainIn(run, config, await readPictures(run, config.classes ?? []), control, true);
    } else {
      // It was killed while pictures were read. The settings alone decide how it begins.
      await begin(run, config, await choosePictures(config), control);
    }
  } finally {
    run.release();
  }
}

/** How a training is followed and stopped. */
interface Control {
  readonly listen: TrainingListener;
  readonly signal: AbortSignal;
  readonly until: number | undefined;
}

async function begin(run: LockedRun, config: TrainConfig, dataset: Dataset, control: Control): Promise<void> {
  await writePictures(run, dataset);
  await trainIn(run, config, dataset, control, false);
}

async function trainIn(
  run: LockedRun,
  config: TrainConfig,
  dataset: Dataset,
  { listen, signal, until = config.epochs }: Control,
  resumed: boolean,
): Promise<void> {
  const { frozen, rates } = chooseLayers(config, dataset.classes);
  const engine = await openEngine(config, dataset, rates);
  const taken = resumed ? { step: 0, notes: [] } : await startingPoint(config, engine, dataset.classes, { listen, signal });
  const loaders = await openLoaders(config, dataset, listen);
  const { trainLoader, validLoader } = loaders;
  const stages = new Stages({ config, frozen, dataset, engine, trainLoader, validLoader, folder: run.path, listen, signal });
  try {
    const problems = [...dataset.problems, ...trainLoader.problems, ...(validLoader?.problems ?? [])];
    if (resumed) await requireSamePictures(run, dataset, problems);
    else await writeProblems(run, problems);
    const keeper = new RunKeeper({
      ...{ run, engine, listen, epochs: config.epochs, stepsPerEpoch: trainLoader.batchesPerEpoch },
      checkpointEvery: config.checkpointEvery,
    });
    const settings = await readConfig(run);
    const state = resumed ? await loadLast(run, settings, engine, stages) : firstState(settings, config.seed, taken.step);
    if (!resumed) await stages.reopen(state);
    const notes = [...emptyBands(config, dataset), ...taken.notes, ...stages.notes];
    listen({
      kind: 'start',
      device: engine.device,
      parameters: engine.specs.reduce((sum, spec) => sum + sizeOf(spec.shape), 0),
      ...(freezes(config) ? { trainable: engine.trainable } : {}),
      trainImages: trainLoader.size,
      validImages: validLoader?.size ?? 0,
      epochs: config.epochs,
      stepsPerEpoch: trainLoader.batchesPerEpoch,
      ...(resumed ? { resumedAt: { epoch: state.epoch, step: state.batchInEpoch } } : {}),
      problems,
      ...(notes.length > 0 ? { notes } : {}),
    });
    if (!resumed) await keeper.checkpoint(state, 'start');
    await writeEnvironment(run, engine.device);
    const [train, valid] = (['train', 'valid'] as const).map((split) => samplesOf(dataset, split));
    const labels = train!.map(({ label }) => label);
    const reason = await trainingLoop(
      {
        ...{ config, engine, stages, keeper, listen, signal },
        lastEpoch: Math.min(until, config.epochs),
        classes: dataset.classes.length,
        schedule: scheduleOf(config, trainLoader.batchesPerEpoch),
        known: { train: knownAges(train!, dataset.classes), valid: knownAges(valid!, dataset.classes) },
        classWeights: classWeightsOf(labels, dataset.classes.length, config.classWeights),
      },
      state,
    );
    await engine.dispose(); // the export should find the memory free
    if (reason === 'finished' || reason === 'early-stopping') await exportRun(run.path, run.modelFile, { checkpoint: 'best' });
    listen({ kind: 'end', reason, run: run.path, ...(state.best ? { best: state.best } : {}) });
  } finally {
    await engine.dispose();
    await stages.close();
    await trainLoader.close();
    await validLoader?.close();
  }
}

/** What the user should know of bands that were given and that no picture teaches. */
function emptyBands({ bands }: TrainConfig, dataset: Dataset): string[] {
  const present = new Set(samplesOf(dataset, 'train').map(({ label }) => label));
  const empty = dataset.classes.filter((_, label) => !present.has(label));
  return bands === undefined || empty.length === 0 ? [] : [`No training picture is of the bands ${empty.join(', ')}.`];
}

async function openEngine(config: TrainConfig, dataset: Dataset, rates: ReadonlyMap<string, number>): Promise<TrainingEngine> {
  const { imageSize, seed, clipNorm, threads } = config;
  return new TrainingEngine({
    ...{ network: networkOf(config), rates, device: await usableDevice(config.device) },
    ...{ imageSize, seed, classes: dataset.classes.length, optimiser: optimiserOf(config) },
    ...(clipNorm === undefined ? {} : { clipNorm }),
    ...(threads === undefined ? {} : { threads }),
  });
}

async function openLoaders(config: TrainConfig, dataset: Dataset, listen: TrainingListener) {
  const { imageSize, seed, workers } = config;
  const augmentation = augmentationOf(config);
  const open = (split: Split, special: { batchSize: number; shuffle: boolean }, done: number) => {
    const samples = samplesOf(dataset, split);
    const total = samplesOf(dataset, 'train').length + samplesOf(dataset, 'valid').length;
    return BatchLoader.open({
      ...{ samples, imageSize, seed, workers, ...special },
      onProgress: (read) => listen({ kind: 'loading', done: done + read, total }),
      ...(split === 'train' && augmentation ? { augmentation } : {}),
    });
  };
  const trainLoader = await open('train', { batchSize: config.batchSize, shuffle: true }, 0);
  try {
    checkReadable(dataset, trainLoader.problems);
    if (trainLoader.size < config.batchSize) {
      throw new DataError(`only ${trainLoader.size} training pictures can be read, fewer than a batch of ${config.batchSize}`);
    }
    const validPictures = samplesOf(dataset, 'valid').length;
    if (validPictures === 0) return { trainLoader, validLoader: undefined };
    const special = { batchSize: Math.min(VALIDATION_BATCH, validPictures), shuffle: false };
    return { trainLoader, validLoader: await open('valid', special, samplesOf(dataset, 'train').length) };
  } catch (error) {
    await trainLoader.close();
    throw error;
  }
}

/** Where training starts. @param step steps of the optimiser that count as taken */
function firstState(settings: RunConfig, seed: number, step: number): CheckpointState {
  return { epoch: 1, step, batchInEpoch: 0, seed, sums: emptyScore(), figures: 'target', configHash: hashOf(settings) };
}

/** Where training goes on: at the last checkpoint, which is loaded. */
async function loadLast(run: LockedRun, settings: RunConfig, engine: TrainingEngine, stages: Stages): Promise<CheckpointState> {
  const file = run.checkpointFile('last');
  const checkpoint = await loadCheckpoint(file);
  const { state } = checkpoint;
  if (state.configHash !== hashOf(settings)) {
    throw new FormatError(file, `belongs to other settings than those in ${run.configFile}`, {
      hint: 'A run can only be resumed with the configuration that it was started with.',
    });
  }
  await stages.reopen(state);
  checkFits(checkpoint, engine.stateSpecs, file);
  await engine.load(checkpoint.tensors);
  await truncateHistory(run, state.epoch - 1);
  return state;
}

/**
 * Of the settings as they stand in the file: an option that came later, and that an older run lacks, changes nothing. Nor does
 * the device, which may be another one when a run is resumed.
 */
function hashOf(settings: RunConfig): string {
  const { device: _device, ...deciding } = settings;
  return createHash('sha256').update(JSON.stringify(deciding)).digest('hex');
}
