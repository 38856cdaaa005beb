/** Does runs for the queue, in processes of their own. */
import { join } from 'node:path';
import { unpackError } from '../../base/error-transfer.js';
import { isAddress } from '../../base/download.node.js';
import { AgebandError, ConfigError, EngineError, FileError } from '../../base/errors.js';
import { processExecutor } from '../runs/process-executor.js';
import type { RunEvent, RunOutcome } from '../runs/run-item.js';
import type { AllowedPlaces } from './allowed-places.js';
import { requireInside } from './allowed-places.js';
import type { RunTask } from './task.js';

/** @throws {ConfigError} when a run names what this worker may not touch */
export async function checkRun({ folders: { out }, items }: RunTask, places: AllowedPlaces): Promise<void> {
  const [{ run, settings }] = items as [RunTask['items'][number]];
  await places.requireWritable(out);
  await requireInside(out, [run]);
  const { data, root, from, weights } = settings;
  if (weights !== undefined && isAddress(weights)) {
    throw new ConfigError(`${weights}: a worker fetches no weights`, { hint: 'Fetch the file once yourself, and name its path.' });
  }
  for (const path of [data, root, from, weights]) if (path !== undefined) await places.requireReadable(path);
}

/**
 * Does a run that has been checked, from where it stands.
 * @param signal when aborted, it writes a checkpoint and comes back interrupted
 * @param patience seconds without a sign of life after which its process is ended
 * @throws {Hung} when it was
 * @throws what another attempt, or another worker, may overcome: too little memory or disk, a killed process, a lost lease
 */
export async function doRunTask(
  { folders: { out }, items }: RunTask,
  listen: (event: RunEvent) => void,
  signal: AbortSignal,
  patience: number,
): Promise<RunOutcome> {
  const [{ run, ...item }] = items as [RunTask['items'][number]];
  const executor = processExecutor({ listen: (_, event) => listen(event), signal, patience });
  try {
    const outcome = (await executor.run({ ...item, out: join(out, run), lock: 'leased' }))!;
    if (outcome.kind !== 'failed') return outcome;
    const error = unpackError(outcome.error);
    const isFinal = error instanceof AgebandError && !(error instanceof EngineError || error instanceof FileError);
    if (!isFinal) throw error;
    return outcome;
  } finally {
    await executor.close();
  }
}
