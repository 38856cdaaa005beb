import type { HostTensor } from '../base/tensor.js';
import type { CheckpointState } from './checkpoint.js';
import { saveCheckpoint } from './checkpoint.js';
import type { TrainingEngine } from './engine.js';
import type { TrainingListener } from './events.js';
import type { EpochRecord } from './history.js';
import { appendEpoch, isBetter } from './history.js';
import type { RunFolder } from './run-folder.js';
import { emptyScore } from './targets.js';
import { writeTensorBoard } from './tensorboard.js';

export interface KeeperOptions {
  readonly run: RunFolder;
  readonly engine: TrainingEngine;
  readonly listen: TrainingListener;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** Epochs between checkpoints that stay. */
  readonly checkpointEvery: number;
}

/**
 * Writes what a run leaves behind. Files of one epoch are written in such an order that a process killed between any
 * two of them is resumed correctly: the last checkpoint comes last.
 */
export class RunKeeper {
  readonly #options: KeeperOptions;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** The file of the last checkpoint. */
  get lastFile(): string {
    return this.#options.run.checkpointFile('last');
  }

  /** Writes the last checkpoint. */
  async checkpoint(state: CheckpointState, reason: 'start' | 'last' | 'stop'): Promise<void> {
    await this.#save('last', state, reason);
  }

  /** Records a finished epoch and moves `state` to the start of the next. */
  async closeEpoch(state: CheckpointState, record: EpochRecord): Promise<void> {
    const { run, checkpointEvery, epochs, stepsPerEpoch, listen } = this.#options;
    const history = await appendEpoch(run, record);
    await writeTensorBoard(run, history);
    listen({ kind: 'epoch', record, epochs, steps: stepsPerEpoch });

    const isBest = state.best === undefined || isBetter(record, state.best);
    if (isBest) state.best = record;
    state.epoch++;
    state.batchInEpoch = 0;
    state.sums = emptyScore();
    if (isBest) await this.#save('best', state, 'best');
    if (record.epoch % checkpointEvery === 0) await this.#save(record.epoch, state, 'epoch');
    await this.#save('last', state, 'last');
  }

  async #save(
    which: 'last' | 'best' | number,
    state: CheckpointState,
    reason: 'start' | 'epoch' | 'best' | 'last' | 'stop',
  ): Promise<void> {
    const { run, engine, listen } = this.#options;
    const file = run.checkpointFile(which);
    await engine.read();
    const tensors = new Map<string, HostTensor>(engine.state);
    await saveCheckpoint(file, { tensors, state });
    listen({ kind: 'checkpoint', file, reason });
  }
}
