import { packError } from '../../base/error-transfer.js';
import { readFileIfPresent } from '../../base/files.node.js';
import { evaluateRun } from '../../evaluation/evaluate.js';
import { parseConfig } from '../../training/config.js';
import type { TrainingEnd } from '../../training/events.js';
import { bestEpoch, readHistory } from '../../training/history.js';
import type { DeviceChoice } from '../../runtime/device.js';
import { continueRun, startRun } from '../../training/run.js';
import { openRun, readConfig, RunFolder } from '../../training/run-folder.js';
import type { RunEvent, RunItem, RunOutcome, RunResult } from './run-item.js';

/**
 * Trains a run, from the start or from where it stands, and measures its best weights, on the calling thread. Done again,
 * it comes to the same result. It never fails: what goes wrong is an outcome too.
 * @param signal when aborted, training writes a checkpoint and a measurement is given up
 */
export async function doRun(item: RunItem, listen: (event: RunEvent) => void, signal: AbortSignal): Promise<RunOutcome> {
  const { out } = item;
  try {
    const end = await trainItem(item, listen, signal);
    if (end === 'interrupted' || signal.aborted) return { kind: 'interrupted', out };
    const result = await Promise.race([measure(item, listen), abortOf(signal)]);
    return result === undefined ? { kind: 'interrupted', out } : { kind: 'done', out, result };
  } catch (error) {
    return { kind: 'failed', out, error: packError(error) };
  }
}

async function trainItem(
  { out, settings, until, lock }: RunItem,
  listen: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<TrainingEnd | undefined> {
  const ends: TrainingEnd[] = [];
  const hear = (event: RunEvent): void => {
    if (event.kind === 'end') ends.push(event.reason);
    listen(event);
  };
  if (await hasRun(out)) await continueRun(out, hear, signal, { until, lock, device: settings['device'] as DeviceChoice | undefined });
  else await startRun({ ...settings, out }, hear, signal, { until, lock });
  return ends.at(-1);
}

async function hasRun(out: string): Promise<boolean> {
  return (await readFileIfPresent(new RunFolder(out).configFile)) !== undefined;
}

async function measure({ out, split }: RunItem, listen: (event: RunEvent) => void): Promise<RunResult> {
  const run = await openRun(out);
  const { data } = parseConfig(await readConfig(run));
  // Whoever drew the splits has looked for leaks, once for all runs.
  const options = { split, allowLeaks: true, nearDuplicates: false };
  const evaluation = await evaluateRun(out, data, options, (done, total) => listen({ kind: 'evaluation', done, total }));
  const { pictures, subjects, loss, accuracy, oneOff, balancedAccuracy, meanClassError, ageError, confusion } = evaluation;
  const history = await readHistory(run);
  return {
    ...{ pictures, subjects, loss, accuracy, oneOff, balancedAccuracy, meanClassError, confusion },
    ageError: ageError && { years: ageError.years, pictures: ageError.pictures },
    calibrationError: evaluation.calibration.error,
    bestEpoch: bestEpoch(history)?.epoch ?? 0,
    epochs: history.length,
    seconds: history.reduce((sum, record) => sum + record.seconds, 0),
    problems: evaluation.problems.map(({ file, line, reason }) => ({ file, reason, ...(line === undefined ? {} : { line }) })),
  };
}

async function abortOf(signal: AbortSignal): Promise<undefined> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
