import { stat } from 'node:fs/promises';
import { AgebandError } from '../../base/errors.js';
import { parseConfig } from '../../training/config.js';
import type { EpochRecord } from '../../training/history.js';
import { bestEpoch, readHistory } from '../../training/history.js';
import { isLocked } from '../../training/run-lock.js';
import { readConfig, RunFolder } from '../../training/run-folder.js';
import type { FoundRun } from './find-runs.js';

/** `running`: a process works at it; `stopped`: it can be resumed; `finished`: its network is ready. */
export type RunState = 'running' | 'stopped' | 'finished' | 'damaged';

/** What the page shows of a run at a glance. */
export interface RunSummary {
  readonly id: string;
  readonly state: RunState;
  /** Such as `baseline, 64 × 64`; of a damaged run what is wrong. */
  readonly about: string;
  /** Epochs that are over, and how many there shall be. */
  readonly done: number;
  readonly epochs: number;
  readonly last: EpochRecord | null;
  readonly best: EpochRecord | null;
  /** When the last epoch should be over, in ms since 1970; null where nothing runs or nothing is known yet. */
  readonly endsAt: number | null;
  /** When the last checkpoint was written, in ms since 1970. */
  readonly checkpointAt: number | null;
}

/** Epochs that the time left is judged by. */
const RECENT = 5;

/** What a run is at. It is read as it stands, whoever writes it. */
export async function summariseRun(found: FoundRun): Promise<RunSummary> {
  const run = new RunFolder(found.path);
  try {
    const config = parseConfig(await readConfig(run));
    const history = await readHistory(run);
    const [writtenAt = null, checkpointAt = null, modelAt = null] = await Promise.all(
      [run.historyJsonLines, run.checkpointFile('last'), run.modelFile].map(timeOf),
    );
    const state = isLocked(found.path) ? 'running' : modelAt === null ? 'stopped' : 'finished';
    return {
      ...{ id: found.id, state, about: `${config.model}, ${config.imageSize} × ${config.imageSize}` },
      ...{ done: history.length, epochs: config.epochs, last: history.at(-1) ?? null, best: bestEpoch(history) ?? null },
      endsAt: state === 'running' && writtenAt !== null ? endOf(history, config.epochs, writtenAt) : null,
      checkpointAt,
    };
  } catch (error) {
    if (!(error instanceof AgebandError)) throw error;
    const nothing = { done: 0, epochs: 0, last: null, best: null, endsAt: null, checkpointAt: null };
    return { id: found.id, state: 'damaged', about: error.message, ...nothing };
  }
}

/**
 * When the epochs that are left should be over, if each takes as long as the last few did.
 * @param writtenAt when the last one was over, in ms since 1970
 */
export function endOf(history: readonly EpochRecord[], epochs: number, writtenAt: number): number | null {
  const recent = history.slice(-RECENT);
  if (recent.length === 0) return null;
  const each = recent.reduce((sum, { seconds }) => sum + seconds, 0) / recent.length;
  return writtenAt + 1000 * each * (epochs - history.length);
}

/** When a file was last written, in ms since 1970; null when there is none. */
async function timeOf(path: string): Promise<number | null> {
  return await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );
}
