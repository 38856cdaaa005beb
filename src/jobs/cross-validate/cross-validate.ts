import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { unpackError } from '../../base/error-transfer.js';
import { ConfigError } from '../../base/errors.js';
import { readJsonObject, writeFileAtomic } from '../../base/files.node.js';
import { writeProblemsFile } from '../../data/problems-file.js';
import type { Problem } from '../../data/sample.js';
import { doAll } from '../executor.js';
import { openJobFolder } from '../job-folder.js';
import { Journal } from '../journal.js';
import type { QueuePlace } from '../queue/queue-executor.js';
import { keepWeights } from '../runs/kept-weights.js';
import { onThisMachine } from '../runs/on-this-machine.js';
import type { StartRuns } from '../runs/process-executor.js';
import type { RunEvent, RunItem, RunOutcome, RunResult } from '../runs/run-item.js';
import { runResultSchema } from '../runs/run-item.js';
import type { DrawnFolds } from './drawn-folds.js';
import { foldManifest, foldRun, hasFolds, openFolds } from './drawn-folds.js';
import type { CrossValidateOptions, CrossValidationPlan, CrossValidationSettings } from './settings.js';
import { planCrossValidation } from './settings.js';
import type { Summary } from './summary.js';
import { summarise } from './summary.js';

/** One fold of a cross-validation. */
export interface FoldResult extends Omit<RunResult, 'problems'> {
  /** From 1; its run is `fold-1`. */
  readonly fold: number;
  /** What the manifest calls it. */
  readonly name: string;
  /** Pictures that were trained, validated and tested on. */
  readonly train: number;
  readonly valid: number;
  readonly test: number;
}

export interface CrossValidation extends Partial<Summary> {
  /** Folder of the runs and results. */
  readonly out: string;
  /** Whether all folds are done; false after an abort. Only then there are means. */
  readonly finished: boolean;
  readonly settings: CrossValidationSettings;
  readonly classes: readonly string[];
  /** Those that are done. */
  readonly folds: readonly FoldResult[];
  /** Subjects that published folds part. */
  readonly leaks: number;
  /** What was left out of the data set and of the tests. */
  readonly problems: readonly Problem[];
}

/** What a cross-validation tells while it is under way. */
export type CrossValidationEvent =
  /** Pictures that have been read in search of copies. */
  | { readonly kind: 'reading'; readonly done: number; readonly total: number }
  /** Bytes of weights at an address that have come. */
  | { readonly kind: 'weights'; readonly done: number; readonly total: number }
  /** The folds are known; so many were done before. */
  | { readonly kind: 'folds'; readonly folds: DrawnFolds['folds']; readonly epochs: number; readonly done: number }
  | { readonly kind: 'run'; readonly fold: number; readonly event: RunEvent }
  | { readonly kind: 'result'; readonly result: FoldResult };

type Listener = (event: CrossValidationEvent) => void;

const SETTINGS_FILE = 'settings.json';

const recordSchema = z.object({ fold: z.int().positive(), result: runResultSchema });
type FoldRecord = z.infer<typeof recordSchema>;

/**
 * Trains and tests a network once per fold: on that fold as the test, with a validation drawn from the others. Each fold
 * is a run in `out`, and `cross-validation.json` there holds the results.
 *
 * Called again with the same options, it goes on at the fold and epoch where it was stopped or killed; `device` may then be
 * another, and `giveUpAfter`.
 * @param listen is told of what goes on
 * @param signal when aborted, the run under way writes a checkpoint, and what is done so far is returned
 * @throws {ConfigError} for options that cannot be used, or a folder with results of other options
 * @throws {DataError} when the data set cannot be divided so
 * @throws what the training of a fold failed with
 * @example const { mean } = await crossValidate({ data: 'adience.csv', folds: 'published', imageSize: 64 });
 */
export async function crossValidate(
  options: CrossValidateOptions,
  listen?: Listener,
  signal?: AbortSignal,
): Promise<CrossValidation> {
  const plan = planCrossValidation(options);
  return await runCrossValidation(plan, onThisMachine(plan.giveUpAfter), listen, signal);
}

/**
 * The same, its folds being done by workers on any number of machines, which must see the pictures and `out` under the
 * same paths: as many at once as there are workers.
 * @throws {ConnectionError} when Redis cannot be reached
 */
export async function crossValidateThrough(
  place: QueuePlace,
  options: CrossValidateOptions,
  listen?: Listener,
  signal?: AbortSignal,
): Promise<CrossValidation> {
  // Only who needs a queue loads what it takes.
  const { throughQueue } = await import('../queue/queue-runs.js');
  return await runCrossValidation(planCrossValidation(options), throughQueue(place), listen, signal);
}

/**
 * Goes on with a cross-validation that was interrupted.
 * @param out its folder
 * @param options.device what computes from now on; by default what it was begun with
 * @param options.giveUpAfter as of {@link crossValidate}
 * @throws {ConfigError} when the folder holds none
 */
export async function resumeCrossValidation(
  out: string,
  listen?: Listener,
  signal?: AbortSignal,
  options: Pick<CrossValidateOptions, 'device' | 'giveUpAfter'> = {},
): Promise<CrossValidation> {
  return await crossValidate({ ...(await optionsIn(out)), ...options }, listen, signal);
}

/**
 * The options of a cross-validation that was begun, which {@link crossValidateThrough} goes on with as well.
 * @param out its folder
 * @throws {ConfigError} when the folder holds none
 */
export async function optionsIn(out: string): Promise<CrossValidateOptions> {
  const settings = await readJsonObject(join(out, SETTINGS_FILE));
  if (settings === undefined || !('folds' in settings)) {
    throw new ConfigError(`${out}: holds no cross-validation`, { hint: 'Give the folder that --out named.' });
  }
  // What stands there is checked as if it had been given.
  return { ...(settings as unknown as CrossValidateOptions), out };
}

/** The job itself, wherever its runs are done. */
export async function runCrossValidation(
  { settings, out }: CrossValidationPlan,
  start: StartRuns,
  listen: Listener = () => undefined,
  signal: AbortSignal = new AbortController().signal,
): Promise<CrossValidation> {
  const release = await openJobFolder(out, { settingsFile: SETTINGS_FILE, settings, makes: 'results', mayChange: ['device'] });
  try {
    const drawn = await openFolds(out, settings, (done, total) => listen({ kind: 'reading', done, total })).catch(
      async (error: unknown) => {
        // Nothing has begun: other settings may have the folder.
        if (!(await hasFolds(out))) await rm(join(out, SETTINGS_FILE), { force: true });
        throw error;
      },
    );
    const records = new Map<number, RunResult>();
    const journal = await Journal.open(join(out, 'journal.jsonl'), recordSchema, ({ fold, result }) => records.set(fold, result));
    try {
      listen({ kind: 'folds', folds: drawn.folds, epochs: settings.epochs, done: records.size });
      const left = drawn.folds.map((_, index) => index + 1).filter((fold) => !records.has(fold));
      const hearOfWeights = (done: number, total: number): void => listen({ kind: 'weights', done, total });
      const sources = left.length === 0 ? [] : [settings.weights];
      const weights = await keepWeights(out, sources, hearOfWeights, signal);
      for await (const record of doFolds(left, { drawn, settings, out, weights }, start, listen, signal)) {
        await journal.append(record);
        records.set(record.fold, record.result);
        listen({ kind: 'result', result: foldResult(drawn, record) });
      }
      return await conclude(drawn, settings, out, records);
    } finally {
      await journal.close();
    }
  } finally {
    release();
  }
}

interface Job {
  readonly drawn: DrawnFolds;
  readonly settings: CrossValidationSettings;
  readonly out: string;
  /** Where weights lie that have an address. */
  readonly weights: ReadonlyMap<unknown, string>;
}

/** Does folds, and gives what is finished. */
async function* doFolds(
  folds: readonly number[],
  job: Job,
  start: StartRuns,
  listen: Listener,
  signal: AbortSignal,
): AsyncGenerator<FoldRecord, void, undefined> {
  const items = new Map(folds.map((fold) => [foldRun(job.out, fold), fold]));
  const hear = (run: string, event: RunEvent): void => listen({ kind: 'run', fold: items.get(run)!, event });
  const executor = await start({ out: job.out, listen: hear, signal });
  try {
    for await (const outcome of doAll(folds.map((fold) => itemOf(job, fold)), executor, signal)) {
      const result = resultOf(outcome);
      if (result !== undefined) yield { fold: items.get(outcome.out)!, result };
    }
  } finally {
    await executor.close();
  }
}

function itemOf({ drawn, settings, out, weights }: Job, fold: number): RunItem {
  const { folds: _folds, groupBy: _groupBy, nearDuplicates: _copies, allowLeaks: _leaks, limit: _limit, ...training } = settings;
  const data = resolve(foldManifest(out, fold));
  const kept = weights.get(settings.weights);
  return {
    out: foldRun(out, fold),
    settings: { ...training, ...(kept === undefined ? {} : { weights: kept }), data, root: drawn.pictures, classes: drawn.classes },
    split: 'test',
  };
}

/** Undefined when it was interrupted. Without one of its folds a cross-validation has no result: a failure ends it. */
function resultOf(outcome: RunOutcome): RunResult | undefined {
  if (outcome.kind === 'failed') throw unpackError(outcome.error);
  return outcome.kind === 'done' ? outcome.result : undefined;
}

function foldResult({ folds }: DrawnFolds, { fold, result }: FoldRecord): FoldResult {
  const { problems: _problems, ...figures } = result;
  return { fold, ...folds[fold - 1]!, ...figures };
}

async function conclude(
  drawn: DrawnFolds,
  settings: CrossValidationSettings,
  out: string,
  records: ReadonlyMap<number, RunResult>,
): Promise<CrossValidation> {
  const inOrder = drawn.folds.flatMap((_, index) => {
    const result = records.get(index + 1);
    return result === undefined ? [] : [{ fold: index + 1, result }];
  });
  const finished = inOrder.length === drawn.folds.length;
  const problems = [...drawn.problems, ...inOrder.flatMap(({ result }) => result.problems)];
  const all = {
    ...{ finished, settings, classes: drawn.classes, leaks: drawn.leaks },
    folds: inOrder.map((record) => foldResult(drawn, record)),
    ...(finished ? summarise(inOrder.map(({ result }) => result)) : {}),
  };
  if (finished) {
    if (problems.length > 0) await writeProblemsFile(join(out, 'problems.csv'), problems);
    await writeFileAtomic(join(out, 'cross-validation.json'), `${JSON.stringify(all, undefined, 2)}\n`);
  }
  return { out, ...all, problems };
}
