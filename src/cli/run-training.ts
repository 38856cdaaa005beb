import type { TrainingListener } from '../training/events.js';
import type { TrainResult } from '../training/train.js';
import { INTERRUPTED, untilInterrupted } from './interrupt.js';
import { jsonTrainingView, trainingView } from './progress.js';
import { quotedPath } from './shown-path.js';

/** A training that waits to be started. */
export type StartTraining = (listen: TrainingListener, signal: AbortSignal) => Promise<TrainResult>;

/**
 * Runs a training in view of the user, to its end or to Ctrl-C. Then the curves are drawn or, after Ctrl-C, it says how
 * to go on.
 */
export async function runTraining(start: StartTraining, json: boolean): Promise<void> {
  const view = json ? jsonTrainingView(process.stdout) : trainingView(process.stdout);
  let result: TrainResult;
  try {
    result = await untilInterrupted((signal) => start(view.show, signal));
  } finally {
    view.close();
  }
  const { run, reason } = result;
  if (reason === 'interrupted') {
    console.error(`To go on: ageband train --resume --out ${quotedPath(run)}`);
    process.exitCode = INTERRUPTED;
    return;
  }
  const { plotHistory } = await import('../evaluation/plots.node.js');
  const files = await plotHistory(run);
  if (!json) for (const file of files) console.log(file);
}
