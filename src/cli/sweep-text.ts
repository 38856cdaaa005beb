import type { Choice } from '../jobs/sweep/parameters.js';
import { bestOf } from '../jobs/sweep/results.js';
import type { Metric } from '../jobs/sweep/settings.js';
import { METRICS } from '../jobs/sweep/settings.js';
import type { Sweep } from '../jobs/sweep/sweep.js';
import { quotedPath } from './shown-path.js';
import { counted } from './style.js';
import { table } from './table.js';

const HEADINGS: Record<Metric, string> = {
  loss: 'loss',
  accuracy: 'accuracy',
  oneOff: 'one-off',
  balancedAccuracy: 'balanced',
  meanClassError: 'bands off',
};
const DIGITS = 4;

/** All trials, the best first, and what to do with the best one. */
export function sweepText({ trials, settings, out, finished }: Sweep): string {
  const { order, metric } = settings;
  // What they are ranked by comes first.
  const figures = [metric, ...METRICS.filter((name) => name !== metric)];
  const rows = trials.map(({ run, choice, result, status }) => [
    run,
    ...order.map((name) => valueText(choice[name])),
    ...figures.map((figure) => (result === undefined ? '-' : result[figure].toFixed(DIGITS))),
    ...[result === undefined ? '-' : String(result.epochs), status],
  ]);
  const lines = table([['trial', ...order, ...figures.map((figure) => HEADINGS[figure]), 'epochs', 'status'], ...rows]);
  const failed = trials.filter(({ status }) => status === 'failed');
  if (failed.length > 0) lines.push('', `${counted(failed.length, 'trial')} failed`);
  for (const { run, reason } of failed) lines.push(`  ${run}: ${reason ?? ''}`);
  const best = bestOf(trials);
  if (!finished) return lines.join('\n');
  lines.push('', `Figures on the validation pictures. Written: ${out}`);
  if (best !== undefined) {
    lines.push(`Best: ${best.run} (${choiceText(best.choice)})`);
    lines.push(`To train with its settings: ageband train --config ${quotedPath(`${out}/best.json`)} --out runs/best`);
  }
  return lines.join('\n');
}

/** `batchSize 32, learningRate 0.01` */
export function choiceText(choice: Choice): string {
  return Object.entries(choice)
    .map(([name, value]) => `${name} ${valueText(value)}`)
    .join(', ');
}

function valueText(value: Choice[string] | undefined): string {
  return value === undefined ? '-' : String(value);
}
