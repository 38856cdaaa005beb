import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { packError } from '../../base/error-transfer.js';
import { EngineError } from '../../base/errors.js';
import type { Executor } from '../executor.js';
import { Hung, Patience } from '../patience.js';
import type { RunEvent, RunItem, RunListener, RunOutcome } from './run-item.js';

/** What a run's process is told, and what it tells. */
export type ToRun = { readonly item: RunItem } | 'stop';
export type FromRun = { readonly event: RunEvent } | { readonly outcome: RunOutcome };

/** The runs of a job. */
export interface Runs {
  /** The folder of the job, in which those of the runs lie. */
  readonly out: string;
  /** How many to do at once; by default one on this machine, and as many as there are workers elsewhere. */
  readonly parallel?: number | undefined;
  readonly listen: RunListener;
  /** When aborted, those under way write a checkpoint. */
  readonly signal: AbortSignal;
}

interface ProcessRuns extends Omit<Runs, 'out'> {
  /** Seconds without a step, a picture or anything else that a run tells after which its process is ended. */
  readonly patience: number;
}

/** Starts what does the runs of a job. */
export type StartRuns = (runs: Runs) => Promise<Executor<RunItem, RunOutcome>>;

const ENTRY = fileURLToPath(new URL('./run-process.js', import.meta.url));
/** Characters that are kept of what a process writes to its standard error. */
const LAST_WORDS = 2000;

/**
 * Does runs in processes of their own on this machine: only when its process ends is all memory of a run free again, and
 * one that is killed for want of memory takes no other with it. One that had to be ended fails with {@link Hung}.
 */
export function processExecutor({ parallel = 1, listen, signal, patience }: ProcessRuns): Executor<RunItem, RunOutcome> {
  const children = new Set<ChildProcess>();
  return {
    capacity: parallel,
    run: async (item) => {
      const child = fork(ENTRY, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
      children.add(child);
      try {
        return await outcomeOf(child, item, listen, signal, patience);
      } finally {
        children.delete(child);
      }
    },
    close: async () => {
      const endings = [...children].map((child) => once(child, 'close'));
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(endings);
    },
  };
}

async function outcomeOf(
  child: ChildProcess,
  item: RunItem,
  listen: RunListener,
  signal: AbortSignal,
  seconds: number,
): Promise<RunOutcome> {
  const tell = (message: ToRun): void => {
    // It may have ended by itself; its outcome then comes all the same.
    if (child.connected) child.send(message, () => undefined);
  };
  const stop = (): void => tell('stop');
  let outcome: RunOutcome | undefined;
  let lastWords = '';
  let hung: Hung | undefined;
  const giveUp = (): void => {
    hung = new Hung(`the run got no step further for ${seconds} seconds`);
    child.kill('SIGKILL');
  };
  const patience = new Patience(seconds, giveUp);
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (lastWords = (lastWords + text).slice(-LAST_WORDS)));
  child.on('message', (message: FromRun) => {
    patience.hear();
    if ('outcome' in message) outcome = message.outcome;
    else listen(item.out, message.event);
  });
  const ended = once(child, 'close') as Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  signal.addEventListener('abort', stop);
  try {
    tell({ item });
    if (signal.aborted) stop();
    const [code, killedBy] = await ended;
    if (hung !== undefined && outcome === undefined) throw hung;
    return outcome ?? { kind: 'failed', out: item.out, error: packError(deathOf(code, killedBy, lastWords)) };
  } finally {
    patience.end();
    signal.removeEventListener('abort', stop);
  }
}

function deathOf(code: number | null, killedBy: NodeJS.Signals | null, lastWords: string): EngineError {
  const last = lastWords.trimEnd().split('\n').at(-1) ?? '';
  const how = killedBy === null ? `ended with code ${code ?? 'unknown'}` : `was killed (${killedBy})`;
  const why = killedBy === 'SIGKILL' ? ', as a system does that runs out of memory' : '';
  return new EngineError(`the process of the run ${how}${why}${last === '' ? '' : `: ${last}`}`, {
    hint: 'If it was for want of memory: smaller batches or pictures take less.',
  });
}
