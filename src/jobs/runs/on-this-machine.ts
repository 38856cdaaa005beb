import { packError } from '../../base/error-transfer.js';
import { EngineError } from '../../base/errors.js';
import type { Executor } from '../executor.js';
import { ATTEMPTS_AT_HUNG, GIVE_UP_AFTER, Hung } from '../patience.js';
import type { StartRuns } from './process-executor.js';
import { processExecutor } from './process-executor.js';
import type { RunItem, RunOutcome } from './run-item.js';
import { standOf } from './run-stand.js';

/**
 * Has runs done on this machine. One that hangs is ended and goes on at its last checkpoint, as a queue has it; when it
 * does so again without getting any further it has failed.
 * @param giveUpAfter seconds without a further step, picture or epoch after which a run counts as hanging
 */
export function onThisMachine(giveUpAfter: number = GIVE_UP_AFTER.run): StartRuns {
  return (runs) => {
    const executor = processExecutor({ ...runs, patience: giveUpAfter });
    return Promise.resolve({ ...executor, run: (item) => runPatiently(item, executor, runs.signal) });
  };
}

async function runPatiently(item: RunItem, executor: Executor<RunItem, RunOutcome>, signal: AbortSignal): Promise<RunOutcome | undefined> {
  const { out } = item;
  for (let attempts = 1; ; attempts++) {
    const before = await standOf(out);
    try {
      return await executor.run(item);
    } catch (error) {
      if (!(error instanceof Hung)) throw error;
      if (signal.aborted) return { kind: 'interrupted', out };
      if ((await standOf(out)) !== before) attempts = 0;
      if (attempts >= ATTEMPTS_AT_HUNG) return { kind: 'failed', out, error: packError(hungError(error)) };
    }
  }
}

function hungError({ message }: Hung): EngineError {
  return new EngineError(message, { hint: 'If a step just takes longer than that, allow for it: --give-up-after SECONDS' });
}
