import { rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { readFileIfPresent } from '../../base/files.node.js';
import type { Problem } from '../../data/sample.js';
import { DEFAULT_CONFIG } from '../../training/config.js';
import { doAll } from '../executor.js';
import { openJobFolder } from '../job-folder.js';
import { Journal } from '../journal.js';
import { keepWeights } from '../runs/kept-weights.js';
import { onThisMachine } from '../runs/on-this-machine.js';
import type { StartRuns } from '../runs/process-executor.js';
import type { RunEvent, RunItem, RunListener, RunOutcome } from '../runs/run-item.js';
import { writeResults } from './results.js';
import type { Demand, Measured } from './memory.js';
import { hasRoom } from './memory.js';
import type { SweepPictures } from './pictures.js';
import { openPictures } from './pictures.js';
import { readSweep } from './read-sweep.js';
import type { SweepRecord, Trial } from './record.js';
import { ranked, recordSchema, runName, trialsOf, valueOf } from './record.js';
import type { Step } from './scheduler.js';
import { Scheduler } from './scheduler.js';
import type { SweepPlan, SweepSettings } from './settings.js';
import { planOnThisMachine } from './settings.js';

/** What a sweep came to. */
export interface Sweep {
  /** Folder of the runs and results. */
  readonly out: string;
  /** Whether all trials are done; false after an abort. */
  readonly finished: boolean;
  readonly settings: SweepSettings;
  /** The best first. */
  readonly trials: readonly Trial[];
  /** What was left out of the data set. */
  readonly problems: readonly Problem[];
}

/** What a sweep tells while it is under way. */
export type SweepEvent =
  /** Bytes of weights at an address that have come. */
  | { readonly kind: 'weights'; readonly done: number; readonly total: number }
  /** How the trials stand: at the start, and whenever one has begun or finished. */
  | { readonly kind: 'trials'; readonly trials: readonly Trial[]; readonly changed?: Trial; readonly rung?: number }
  | { readonly kind: 'run'; readonly trial: number; readonly event: RunEvent };

type Listener = (event: SweepEvent) => void;

const SETTINGS_FILE = 'settings.json';

/** Where the results of a sweep go without a folder: `runs/NAME` for `NAME.yaml`. */
export function defaultFolder(file: string): string {
  return join('runs', basename(file).replace(/\.ya?ml$/i, ''));
}

/**
 * Trains a network with many settings and ranks them by a figure of the validation pictures, never of the test. Each
 * trial is a run in `out`; `sweep.csv`, `sweep.json`, `sweep.svg`, `sweep.png` and `best.json` there hold the results.
 *
 * Called again with the same file, it goes on where it was stopped or killed, and tries what failed once more; `trials`, `device`, `parallel`, `threads` and
 * `memory` may then be others.
 * @param file YAML, see docs/sweeps.md
 * @param options.giveUpAfter seconds (1800 by default) without a further step, picture or epoch after which the process of a
 *   trial is ended; it goes on at its last checkpoint, and has failed when it hangs again without getting any further
 * @param listen is told of what goes on
 * @param signal when aborted, the trials under way write a checkpoint, and what is done so far is returned
 * @throws {ConfigError} {FormatError} when the file cannot be used, or the folder holds trials of other settings
 * @throws {DataError} when the data set cannot be trained on
 */
export async function sweep(
  file: string,
  { out = defaultFolder(file), giveUpAfter }: { readonly out?: string; readonly giveUpAfter?: number } = {},
  listen?: Listener,
  signal?: AbortSignal,
): Promise<Sweep> {
  return await runSweep(planOnThisMachine(await readSweep(file)), out, onThisMachine(giveUpAfter), listen, signal);
}

/** The job itself, wherever its trials are done. */
export async function runSweep(
  plan: SweepPlan,
  out: string,
  start: StartRuns,
  listen: Listener = () => undefined,
  signal: AbortSignal = new AbortController().signal,
): Promise<Sweep> {
  const { settings, choices, rungs } = plan;
  const release = await openJobFolder(out, { settingsFile: SETTINGS_FILE, settings, makes: 'trials' });
  try {
    const pictures = await choosePictures(out, settings);
    const records: SweepRecord[] = [];
    const journal = await Journal.open(join(out, 'journal.jsonl'), recordSchema, (record) => records.push(record));
    try {
      const desk = new Desk(plan, out, pictures, journal, records, listen);
      if (!desk.isFinished) await desk.keepWeights(signal);
      const hear: RunListener = (run, event) => desk.hear(run, event);
      const executor = await start({ out, parallel: plan.parallel, listen: hear, signal });
      try {
        for await (const outcome of doAll(() => desk.next(), executor, signal)) await desk.finish(outcome);
      } finally {
        await executor.close();
      }
      const trials = ranked(trialsOf(choices, desk.records, rungs.length), settings.metric);
      const result = { out, finished: desk.isFinished, settings, trials, problems: pictures.problems };
      if (result.finished) await writeResults(result, desk.configOf);
      return result;
    } finally {
      await journal.close();
    }
  } finally {
    release();
  }
}

async function choosePictures(out: string, settings: SweepSettings): Promise<SweepPictures> {
  try {
    return await openPictures(out, settings);
  } catch (error) {
    // Nothing has begun: other settings may have the folder.
    const hasBegun = (await readFileIfPresent(join(out, 'pictures.json'))) !== undefined;
    if (!hasBegun) await rm(join(out, SETTINGS_FILE), { force: true });
    throw error;
  }
}

/** Hands out the trials, as the scheduler and the memory allow, and keeps the journal of what becomes of them. */
class Desk {
  readonly #plan: SweepPlan;
  readonly #out: string;
  readonly #pictures: SweepPictures;
  readonly #journal: Journal<SweepRecord>;
  readonly #listen: Listener;
  readonly #scheduler: Scheduler;
  /** What was under way when the sweep was interrupted. */
  readonly #interrupted: Step[];
  /** What failed before, to be tried again, once. */
  readonly #failed: Step[];
  /** What is under way, by the folder of the run. */
  readonly #underWay = new Map<string, Step>();
  readonly #measured: Measured[] = [];
  #written: Promise<void> = Promise.resolve();
  #weights: ReadonlyMap<unknown, string> = new Map();
  readonly records: SweepRecord[];

  constructor(plan: SweepPlan, out: string, pictures: SweepPictures, journal: Journal<SweepRecord>, before: readonly SweepRecord[], listen: Listener) {
    const { choices, rungs, settings } = plan;
    this.#plan = plan;
    this.#out = out;
    this.#pictures = pictures;
    this.#journal = journal;
    this.#listen = listen;
    // With fewer trials than before, the others stay out of the table.
    this.records = before.filter(({ trial, rung }) => trial < choices.length && rung < rungs.length);
    this.#scheduler = new Scheduler({
      trials: choices.length,
      rungs: rungs.length,
      reductionFactor: settings.asha?.reductionFactor ?? Infinity,
    });
    for (const record of this.records) this.#take(record);
    this.#interrupted = this.#scheduler.unfinished();
    this.#failed = this.#scheduler.failed();
    this.#tell();
  }

  /** Whether nothing is left to do. */
  get isFinished(): boolean {
    return this.#scheduler.unfinished().length === 0 && this.#failed.length === 0 && this.#scheduler.next() === undefined;
  }

  /**
   * Fetches what trials start from, where it has an address.
   * @throws as the function of this name
   */
  async keepWeights(signal: AbortSignal): Promise<void> {
    const { settings, choices } = this.#plan;
    const sources = [settings.fixed, ...choices].map(({ weights }) => weights);
    this.#weights = await keepWeights(this.#out, sources, (done, total) => this.#listen({ kind: 'weights', done, total }), signal);
  }

  /** The next trial to train, if there is one and there is room for it. */
  next(): RunItem | undefined {
    const goesOn = this.#interrupted[0];
    const step = goesOn ?? this.#failed[0] ?? this.#scheduler.next();
    if (step === undefined) return undefined;
    const underWay = [...this.#underWay.values()].map(({ trial }) => this.#demandOf(trial));
    if (!hasRoom(this.#demandOf(step.trial), underWay, this.#measured, this.#plan.memory)) return undefined;
    if (step === goesOn) this.#interrupted.shift();
    else this.#record({ kind: 'begun', ...step });
    if (step === this.#failed[0]) this.#failed.shift();
    const out = join(this.#out, runName(step.trial));
    this.#underWay.set(out, step);
    this.#tell(step);
    const until = this.#plan.rungs[step.rung];
    return {
      ...{ out, settings: this.#settingsOf(step.trial), split: 'valid' },
      ...(until === undefined ? {} : { until }),
    };
  }

  /** Takes note of what became of a trial. */
  async finish(outcome: RunOutcome): Promise<void> {
    const step = this.#underWay.get(outcome.out)!;
    this.#underWay.delete(outcome.out);
    const memory = outcome.peakMemory === undefined ? {} : { peakMemory: outcome.peakMemory };
    if (outcome.kind === 'done') this.#record({ kind: 'done', ...step, ...memory, result: outcome.result });
    else if (outcome.kind === 'failed') this.#record({ kind: 'failed', ...step, ...memory, reason: outcome.error.message });
    if (outcome.kind !== 'interrupted') this.#tell(step);
    await this.#written;
  }

  hear(out: string, event: RunEvent): void {
    const step = this.#underWay.get(out);
    if (step !== undefined) this.#listen({ kind: 'run', trial: step.trial + 1, event });
  }

  /** The settings that a trial is trained with here and now. */
  #settingsOf(trial: number): Record<string, unknown> {
    const { device, threads } = this.#plan;
    const config = this.configOf(trial);
    const weights = this.#weights.get(config['weights']);
    return { ...config, ...(weights === undefined ? {} : { weights }), device, threads };
  }

  /** The settings of a trial (from 0) but for its folder, device and threads. */
  readonly configOf = (trial: number): Record<string, unknown> => {
    const { settings, choices } = this.#plan;
    const { manifest, folder, classes } = this.#pictures;
    const epochs = settings.asha === undefined ? {} : { epochs: settings.asha.maxEpochs };
    return { ...settings.fixed, ...epochs, ...choices[trial], data: resolve(manifest), root: folder, classes };
  };

  #demandOf(trial: number): Demand {
    const { model, optimiser, imageSize, batchSize } = { ...DEFAULT_CONFIG, ...this.configOf(trial) } as Demand;
    return { model, optimiser, imageSize, batchSize };
  }

  #record(record: SweepRecord): void {
    this.records.push(record);
    this.#take(record);
    // One after the other; `finish` hears of a failure.
    this.#written = this.#written.then(() => this.#journal.append(record));
    this.#written.catch(() => undefined);
  }

  #take(record: SweepRecord): void {
    if (record.kind === 'begun') {
      this.#scheduler.begin(record);
      return;
    }
    const { metric } = this.#plan.settings;
    this.#scheduler.finish(record, record.kind === 'done' ? valueOf(record.result, metric) : undefined);
    // One that failed may have been killed long before its peak.
    if (record.kind === 'done' && record.peakMemory !== undefined) {
      this.#measured.push({ demand: this.#demandOf(record.trial), peak: record.peakMemory });
    }
  }

  #tell(step?: Step): void {
    const { choices, rungs } = this.#plan;
    const trials = trialsOf(choices, this.records, rungs.length);
    this.#listen({ kind: 'trials', trials, ...(step === undefined ? {} : { changed: trials[step.trial]!, rung: step.rung }) });
  }
}
