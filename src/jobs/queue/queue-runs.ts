/** The runs of a sweep or a cross-validation, done by workers on any number of machines. */
import { relative, resolve, sep } from 'node:path';
import { packError } from '../../base/error-transfer.js';
import { EngineError } from '../../base/errors.js';
import { withAbsolutePaths, parseConfig } from '../../training/config.js';
import type { Executor } from '../executor.js';
import type { Runs, StartRuns } from '../runs/process-executor.js';
import type { RunItem, RunOutcome } from '../runs/run-item.js';
import { runOutcomeSchema } from '../runs/run-item.js';
import { parseProgress } from '../runs/run-progress.js';
import { standOf } from '../runs/run-stand.js';
import type { QueuePlace } from './queue-executor.js';
import { QueueDesk } from './queue-desk.js';
import { ResultFiles } from './result-files.js';
import type { RunTask, TaskInput } from './task.js';
import { idOf, parseTask } from './task.js';

/**
 * Has runs done through Redis: as many at once as there are workers, unless the job says how many.
 *
 * A run whose worker is no more goes on at its last checkpoint elsewhere, as often as it must. Only when it fails in every
 * attempt without getting any further it has failed.
 * @throws {ConnectionError} when Redis cannot be reached
 */
export function throughQueue({ address, tell }: QueuePlace): StartRuns {
  return async (runs) => {
    const out = resolve(runs.out);
    // Done again, a run that is done comes to the same; what an earlier producer has not taken may have failed.
    await new ResultFiles(out).removeAll();
    const hear = (id: string, progress: unknown): void => executor.hear(id, progress);
    const onWorkers = (count: number): void => executor.takeNote(count);
    const desk = await QueueDesk.open({ address, out, resultSchema: runOutcomeSchema, tell, hear, onWorkers });
    const executor = new QueuedRuns(desk, { ...runs, out }, await desk.countWorkers());
    return executor;
  };
}

class QueuedRuns implements Executor<RunItem, RunOutcome> {
  readonly #desk: QueueDesk<RunOutcome>;
  readonly #runs: Runs;
  /** The folder of each run under way, as its job names it, by the name of its shard. */
  readonly #underWay = new Map<string, string>();
  #workers: number;
  #hearOfRoom = (): void => undefined;

  constructor(desk: QueueDesk<RunOutcome>, runs: Runs, workers: number) {
    this.#desk = desk;
    this.#runs = runs;
    this.#workers = workers;
    runs.signal.addEventListener('abort', this.#stop);
  }

  get capacity(): number {
    return this.#runs.parallel ?? Math.max(1, this.#workers);
  }

  readonly onRoom = (hear: () => void): void => void (this.#hearOfRoom = hear);

  takeNote(workers: number): void {
    this.#workers = workers;
    this.#hearOfRoom();
  }

  hear(id: string, progress: unknown): void {
    const [out, event] = [this.#underWay.get(id), parseProgress(progress)];
    if (out !== undefined && event !== undefined) this.#runs.listen(out, event);
  }

  async run(item: RunItem): Promise<RunOutcome> {
    const { out } = item;
    const task = this.#taskOf(item);
    const id = idOf(parseTask(task));
    this.#underWay.set(id, out);
    try {
      for (;;) {
        const before = await standOf(out);
        const outcome = await this.#desk.submit(task);
        if (outcome === undefined) return { kind: 'interrupted', out };
        if (outcome.kind === 'done') return { ...outcome.results[0]!, out };
        if ((await standOf(out)) === before) return { kind: 'failed', out, error: packError(new EngineError(outcome.reason)) };
      }
    } finally {
      this.#underWay.delete(id);
    }
  }

  async taken(item: RunItem): Promise<void> {
    await this.#desk.taken(this.#taskOf(item));
  }

  async close(): Promise<void> {
    this.#runs.signal.removeEventListener('abort', this.#stop);
    // Something is under way only when the job has failed: nobody waits for it any more.
    await this.#desk.stopAll();
    await this.#desk.close();
  }

  readonly #stop = (): void => void this.#desk.stopAll();

  #taskOf({ out, settings, until, split }: RunItem): TaskInput & Pick<RunTask, 'kind'> {
    const run = relative(this.#runs.out, resolve(out)).split(sep).join('/');
    const item = { run, settings: withAbsolutePaths(parseConfig(settings)), split };
    return { kind: 'run', folders: { out: this.#runs.out }, items: [until === undefined ? item : { ...item, until }] };
  }
}
