/** What a sweep leaves behind beside its runs. */
import { stringify } from 'csv-stringify/sync';
import { join } from 'node:path';
import { writeFileAtomic } from '../../base/files.node.js';
import { writeProblemsFile } from '../../data/problems-file.js';
import { renderPng } from '../../evaluation/plots.node.js';
import { renderSvg } from '../../evaluation/plots.js';
import { sweepSpec } from './plot.js';
import type { Trial } from './record.js';
import type { Sweep } from './sweep.js';

/**
 * Writes the table of the trials as CSV and JSON, their plot, and the settings of the best one.
 * @param configOf the settings of a trial, from 0
 */
export async function writeResults(
  { out, settings, trials, problems }: Sweep,
  configOf: (trial: number) => Record<string, unknown>,
): Promise<void> {
  const place = (name: string): string => join(out, name);
  if (problems.length > 0) await writeProblemsFile(place('problems.csv'), problems);
  const rows = trials.map((trial) => rowOf(trial));
  await writeFileAtomic(place('sweep.csv'), stringify(rows, { header: true, columns: columnsOf(settings.order) }));
  await writeFileAtomic(place('sweep.json'), json({ settings, trials }));
  const best = bestOf(trials);
  if (best === undefined) return;
  const svg = await renderSvg(sweepSpec(trials, settings));
  await writeFileAtomic(place('sweep.svg'), svg);
  await writeFileAtomic(place('sweep.png'), await renderPng(svg));
  await writeFileAtomic(place('best.json'), json(configOf(best.trial - 1)));
}

/** The best trial of a ranked list; undefined when none has a result. */
export function bestOf(trials: readonly Trial[]): Trial | undefined {
  const [first] = trials;
  return first?.result === undefined || first.status === 'failed' ? undefined : first;
}

function columnsOf(parameters: readonly string[]): string[] {
  const figures = ['loss', 'accuracy', 'one_off', 'balanced_accuracy', 'mean_class_error'];
  const effort = ['best_epoch', 'epochs', 'seconds', 'peak_memory_mb', 'reason'];
  return ['trial', 'status', ...parameters, ...figures, ...effort];
}

function rowOf({ run, status, choice, result, reason, peakMemory }: Trial): Record<string, unknown> {
  return {
    ...choice,
    ...{ trial: run, status, reason },
    ...(result && {
      ...{ loss: result.loss, accuracy: result.accuracy, one_off: result.oneOff },
      ...{ balanced_accuracy: result.balancedAccuracy, mean_class_error: result.meanClassError },
      ...{ best_epoch: result.bestEpoch, epochs: result.epochs, seconds: result.seconds.toFixed(1) },
    }),
    ...(peakMemory !== undefined && { peak_memory_mb: (peakMemory / 1e6).toFixed(0) }),
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
