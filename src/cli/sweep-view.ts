import type { RunEvent } from '../jobs/runs/run-item.js';
import type { Trial } from '../jobs/sweep/record.js';
import { ranked, runName } from '../jobs/sweep/record.js';
import { effortOf } from '../jobs/sweep/effort.js';
import type { Metric, SweepPlan } from '../jobs/sweep/settings.js';
import type { SweepEvent } from '../jobs/sweep/sweep.js';
import { LiveLines } from './live-lines.js';
import type { SecondsLeft } from './progress.js';
import { clock, epochLine, megabytes, secondsLeftOf } from './progress.js';
import { counted, type Output } from './style.js';
import { choiceText } from './sweep-text.js';
import { table } from './table.js';

/** Finished trials that the live table shows. */
const BEST_SHOWN = 8;

export interface SweepView {
  show: (event: SweepEvent) => void;
  /** Leaves the terminal in order, however it ended. */
  close: () => void;
}

/**
 * On a terminal a table of the trials under way and the best so far, with the time that is left; elsewhere a line when a trial
 * begins, at the end of each of its epochs, and when it has finished.
 */
export function sweepView(output: Output, plan: SweepPlan): SweepView {
  return output.isTTY === true ? liveView(output, plan) : plainView(output, plan.settings.metric);
}

function plainView(output: Output, metric: Metric): SweepView {
  const print = (line: string): void => void output.write(`${line}\n`);
  const show = (event: SweepEvent): void => {
    if (event.kind === 'trials') {
      if (event.changed === undefined) print(summaryOf(event.trials));
      else print(changeLine(event.changed, metric));
    } else if (event.kind === 'run' && event.event.kind === 'epoch') {
      const { record, epochs, steps } = event.event;
      print(`${runName(event.trial - 1)} epoch ${record.epoch}/${epochs}: ${epochLine(record, steps)}`);
    }
  };
  return { show, close: () => undefined };
}

function liveView(output: Output, plan: SweepPlan): SweepView {
  const { metric } = plan.settings;
  const lines = new LiveLines(output);
  const doings = new Map<number, string>();
  const epochs = new Map<number, number>();
  let secondsLeft: SecondsLeft | undefined;
  const timeLeft = (): string => {
    const { done, total } = effortOf(plan, trials, epochs);
    // Not before the first step: reading pictures says nothing of how long training takes.
    if (epochs.size > 0) secondsLeft ??= secondsLeftOf(done);
    const seconds = secondsLeft?.(done, total);
    return seconds === undefined ? '' : `, ETA ${clock(seconds)}`;
  };
  let trials: readonly Trial[] = [];
  const draw = (): string[] => {
    const underWay = trials.filter(({ trial }) => doings.has(trial));
    const finished = trials.filter(({ result, status, trial }) => result !== undefined && status !== 'failed' && !doings.has(trial));
    const best = ranked(finished, metric).slice(0, BEST_SHOWN);
    const rows = [
      ...underWay.map(({ trial, run, choice }) => [run, doings.get(trial)!, choiceText(choice)]),
      ...best.map(({ run, choice, result }) => [run, `${metric} ${result![metric].toFixed(4)}`, choiceText(choice)]),
    ];
    return [`${summaryOf(trials)}${timeLeft()}`, ...(rows.length > 0 ? table(rows) : [])];
  };
  const show = (event: SweepEvent): void => {
    if (event.kind === 'weights') {
      lines.show(() => [`fetches weights ${megabytes(event.done)}/${megabytes(event.total)} MB`]);
      return;
    }
    if (event.kind === 'run') {
      const doing = doingOf(event.event);
      if (doing !== undefined) doings.set(event.trial, doing);
      if (event.event.kind === 'step') epochs.set(event.trial, event.event.epoch - 1 + event.event.step / event.event.steps);
      lines.show(draw);
      return;
    }
    trials = event.trials;
    const { changed } = event;
    if (changed?.status === 'begun') doings.set(changed.trial, 'begins');
    else if (changed !== undefined) {
      doings.delete(changed.trial);
      epochs.delete(changed.trial);
    }
    if (changed?.status === 'failed') {
      lines.clear();
      output.write(`${changeLine(changed, metric)}\n`);
    }
    lines.show(draw, true);
  };
  return { show, close: () => lines.clear() };
}

/** What a trial is doing, in a few words. */
function doingOf(event: RunEvent): string | undefined {
  switch (event.kind) {
    case 'loading':
      return `reads ${event.done}/${event.total}`;
    case 'step':
      return `epoch ${event.epoch}/${event.epochs} step ${event.step}/${event.steps} loss ${event.loss.toFixed(4)}`;
    case 'validation':
      return `validates ${event.done}/${event.total}`;
    case 'evaluation':
      return `is measured ${event.done}/${event.total}`;
    default:
      return undefined;
  }
}

function summaryOf(trials: readonly Trial[]): string {
  const count = (...statuses: Trial['status'][]): number => trials.filter(({ status }) => statuses.includes(status)).length;
  const failed = count('failed');
  return `${counted(trials.length, 'trial')}, ${count('done', 'stopped')} done${failed > 0 ? `, ${failed} failed` : ''}`;
}

function changeLine({ run, status, choice, result, reason }: Trial, metric: Metric): string {
  if (status === 'failed') return `${run} failed: ${reason ?? ''}`;
  if (status === 'begun') return `${run} ${result === undefined ? 'begins' : `goes on after epoch ${result.epochs}`}: ${choiceText(choice)}`;
  const { epochs, [metric]: value } = result!;
  return `${run} after ${counted(epochs, 'epoch')}: ${metric} ${value.toFixed(4)}`;
}
