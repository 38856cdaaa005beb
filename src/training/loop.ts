import { DivergedError } from '../base/errors.js';
import type { Schedule } from '../nn/schedules.js';
import type { CheckpointState } from './checkpoint.js';
import type { TrainConfig } from './config.js';
import type { AgeInput, TrainingEngine } from './engine.js';
import type { TrainingEnd, TrainingListener } from './events.js';
import type { EpochRecord } from './history.js';
import type { RunKeeper } from './keeper.js';
import type { BatchSource, StageBatches, Stages, TrainingBatch } from './stages.js';
import type { KnownAges, Score } from './targets.js';
import { accuracyOf, addAnswers, agesOf, crossEntropies, emptyScore, targetsOf, yearTargetsOf } from './targets.js';
import { freezes, frozenEpochs } from './transfer-options.js';

/** Minutes after which a checkpoint is written within an epoch. */
const MINUTES_BETWEEN_CHECKPOINTS = 10;
/** Pictures that are validated together; more would only cost memory. */
export const VALIDATION_BATCH = 16;

export interface LoopParts {
  readonly config: TrainConfig;
  /** The epoch after which to pause, or the last one of the run. */
  readonly lastEpoch: number;
  readonly classes: number;
  readonly engine: TrainingEngine;
  /** Gives the pictures of each epoch; there may be none to validate with. */
  readonly stages: Stages;
  readonly schedule: Schedule;
  /** Weight of each class in the loss, [classes]. */
  readonly classWeights: Float32Array;
  /** What the training and the validation pictures say of ages. */
  readonly known: { readonly train: KnownAges; readonly valid: KnownAges };
  readonly keeper: RunKeeper;
  readonly listen: TrainingListener;
  readonly signal: AbortSignal;
}

/**
 * The training loop: epochs of steps, each followed by validation, a record in the history and checkpoints. Starts
 * wherever `state` stands, and leaves it where training ended.
 * @throws {DivergedError} when the loss or a weight is no finite number any more.
 */
export async function trainingLoop(parts: LoopParts, state: CheckpointState): Promise<TrainingEnd> {
  const { config, lastEpoch, stages, keeper, signal } = parts;
  while (state.epoch <= lastEpoch) {
    if (isExhausted(config, state)) return 'early-stopping';
    const batches = await stages.enter(state);
    const started = performance.now();
    const seenBefore = state.sums.seen;
    if (!signal.aborted) await trainEpoch(parts, batches, state, started);
    await requireFiniteWeights(parts, state);
    const trained = performance.now();
    const validation = signal.aborted ? undefined : await validate(parts, batches.valid, state);
    if (signal.aborted) {
      await keeper.checkpoint(state, 'stop');
      return 'interrupted';
    }
    const record = epochRecord(parts, state, validation, { started, trained, seenBefore });
    if (!Number.isFinite(record.val_loss ?? 0)) {
      throw diverged(`the validation loss became ${record.val_loss}`, state, keeper);
    }
    await keeper.closeEpoch(state, record);
  }
  return lastEpoch < config.epochs ? 'paused' : 'finished';
}

/** The steps of an epoch that are still to do, or as many as are done before it is interrupted. */
async function trainEpoch(parts: LoopParts, { train }: StageBatches, state: CheckpointState, started: number): Promise<void> {
  const { config, engine, keeper, listen, signal } = parts;
  const steps = train.batchesPerEpoch;
  const seenBefore = state.sums.seen;
  let saved = started;
  for await (const batch of train.batches(state.epoch, state.batchInEpoch)) {
    if (signal.aborted) return;
    const own = agesOf(parts.known.train, batch.samples);
    const { loss, logits } = await engine.step({
      ...batch,
      ...lossInputs(parts, batch, own),
      step: state.step,
      learningRate: parts.schedule(state.step),
    });
    state.step++;
    state.batchInEpoch++;
    if (!Number.isFinite(loss)) throw diverged(`the loss became ${loss}`, state, keeper);
    state.sums.loss += loss * batch.size;
    addAnswers(state.sums, logits, batch.labels, state.figures === 'target' ? own.inBand : everyPicture(batch));

    const seconds = (performance.now() - started) / 1000;
    const imagesPerSecond = (state.sums.seen - seenBefore) / seconds;
    const left = train.size - state.sums.seen;
    listen({
      ...{ kind: 'step', epoch: state.epoch, epochs: config.epochs, step: state.batchInEpoch, steps },
      ...{ loss: state.sums.loss / state.sums.seen, accuracy: accuracyOf(state.sums) },
      ...{ imagesPerSecond, secondsLeft: left / imagesPerSecond },
    });
    await new Promise(setImmediate); // lets a request to stop arrive
    if (state.batchInEpoch < steps && performance.now() - saved > MINUTES_BETWEEN_CHECKPOINTS * 60_000) {
      await requireFiniteWeights(parts, state);
      await keeper.checkpoint(state, 'last');
      saved = performance.now();
    }
  }
}

function lossInputs(parts: LoopParts, { labels }: TrainingBatch, own: KnownAges) {
  const { config, classes, classWeights } = parts;
  const targets = targetsOf(labels, classes, config.labelSmoothing);
  const ages = ageInput(parts, own);
  const bandWeights = bandWeightsOf(own, ages);
  return { targets, weights: Float32Array.from(labels, (label, row) => classWeights[label]! * bandWeights[row]!), ...(ages && { ages }) };
}

/** What the years of a network are to learn of pictures; undefined for one that tells bands alone. */
function ageInput({ engine: { years }, config }: LoopParts, { ages }: KnownAges): AgeInput | undefined {
  if (years === undefined) return undefined;
  return {
    distributions: yearTargetsOf(ages, years, config.ageSpread),
    ages: ages.map((age) => (Number.isNaN(age) ? 0 : Math.min(age, years - 1))),
    weights: ages.map((age) => (Number.isNaN(age) ? 0 : 1)),
  };
}

/** How much the bands of pictures count in the loss: where years are learnt, those of ages between two bands say nothing more. */
function bandWeightsOf({ inBand }: KnownAges, ages: AgeInput | undefined): Uint8Array {
  return ages === undefined ? new Uint8Array(inBand.length).fill(1) : inBand;
}

function everyPicture({ size }: TrainingBatch): Uint8Array {
  return new Uint8Array(size).fill(1);
}

/**
 * Sums of loss and right answers over the validation pictures, or over some of them when it is interrupted. The loss is that of
 * training, without class weights and smoothing.
 */
async function validate(parts: LoopParts, valid: BatchSource | undefined, { figures }: CheckpointState): Promise<Score | undefined> {
  const { engine, listen, signal, known } = parts;
  if (!valid) return undefined;
  const score = emptyScore();
  for await (const batch of valid.batches(0)) {
    if (signal.aborted) break;
    const own = agesOf(known.valid, batch.samples);
    const ages = figures === 'target' ? ageInput(parts, own) : undefined;
    const { logits, ageLoss } = await engine.infer({ ...batch, ...(ages && { ages }) });
    const weights = bandWeightsOf(own, ages);
    const losses = crossEntropies(logits, batch.labels);
    score.loss += losses.reduce((sum, loss, row) => sum + weights[row]! * loss, 0) + ageLoss * batch.size;
    addAnswers(score, logits, batch.labels, figures === 'target' ? own.inBand : everyPicture(batch));
    listen({ kind: 'validation', done: score.seen, total: valid.size });
    await new Promise(setImmediate); // lets a request to stop arrive
  }
  return score;
}

function epochRecord(
  { schedule, config, engine }: LoopParts,
  { epoch, step, sums }: CheckpointState,
  validation: Score | undefined,
  { started, trained, seenBefore }: { started: number; trained: number; seenBefore: number },
): EpochRecord {
  return {
    epoch,
    step,
    loss: sums.loss / sums.seen,
    accuracy: accuracyOf(sums),
    val_loss: validation ? validation.loss / validation.seen : null,
    val_accuracy: validation ? accuracyOf(validation) : null,
    learning_rate: schedule(step - 1),
    seconds: (performance.now() - started) / 1000,
    images_per_second: (sums.seen - seenBefore) / ((trained - started) / 1000),
    ...(freezes(config) ? { trainable_parameters: engine.trainable } : {}),
  };
}

/** Whether too many epochs have passed since the best one, and since layers were unfrozen if they are. */
function isExhausted(config: TrainConfig, { epoch, best }: CheckpointState): boolean {
  if (config.earlyStopping === undefined || best === undefined) return false;
  const frozen = config.unfreezeAt === undefined ? 0 : frozenEpochs(config);
  return epoch - 1 - Math.max(best.epoch, frozen) >= config.earlyStopping;
}

/** Keeps weights that a last, too long step has ruined out of the checkpoints. */
async function requireFiniteWeights({ engine, keeper }: LoopParts, state: CheckpointState): Promise<void> {
  if (!(await engine.isFinite())) throw diverged('a weight became NaN or infinite', state, keeper);
}

function diverged(what: string, { epoch, step, batchInEpoch }: CheckpointState, keeper: RunKeeper): DivergedError {
  return new DivergedError(`${what} at step ${step} (epoch ${epoch}, batch ${batchInEpoch})`, {
    hint: `The last good checkpoint is ${keeper.lastFile}. Start again with a lower --learning-rate, or with --clip-norm 1 or a --warmup.`,
  });
}
