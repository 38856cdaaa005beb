import type { Evaluation } from '../evaluation/evaluate.js';
import type { Headlines } from '../evaluation/headlines.js';
import type { Interval } from '../evaluation/intervals.js';
import type { Judgement } from '../evaluation/judge.js';
import { counted } from './style.js';

/** A figure as it is shown. */
export interface ShownFigure {
  readonly label: string;
  readonly value: string;
  /** 95 %; empty where there is none. */
  readonly interval: string;
  /** What it is to be compared with, or was counted over. */
  readonly note?: string;
}

type Figures = Omit<Judgement, 'worstMistakes'> & Partial<Pick<Evaluation, 'temperature'>>;

/** The headline figures; the error in years only where ages are known. */
export function figuresOf(figures: Figures): ShownFigure[] {
  const { intervals, majority, calibration, calibrationInterval, ageError, temperature } = figures;
  const figure = (label: string, name: keyof Headlines): ShownFigure => ({
    ...{ label, value: figures[name].toFixed(4), interval: rangeText(intervals?.[name], 4) },
  });
  const tempered = temperature && { note: temperedNote(temperature) };
  return [
    { ...figure('loss', 'loss'), ...(tempered && { note: `${temperature.before.loss.toFixed(4)} ${tempered.note}` }) },
    { ...figure('accuracy', 'accuracy'), note: `always naming the most frequent band: ${majority.toFixed(4)}` },
    figure('one-off accuracy', 'oneOff'),
    figure('balanced accuracy', 'balancedAccuracy'),
    figure('mean error in bands', 'meanClassError'),
    ...(ageError === null ? [] : [ageFigure(ageError)]),
    {
      ...{ label: 'calibration error', value: calibration.error.toFixed(4), interval: rangeText(calibrationInterval ?? undefined, 4) },
      ...(tempered && { note: `${temperature.before.calibrationError.toFixed(4)} ${tempered.note}` }),
    },
  ];
}

function ageFigure({ years, pictures, interval, withinPercentiles }: NonNullable<Judgement['ageError']>): ShownFigure {
  const within = withinPercentiles === null ? '' : `, ${(100 * withinPercentiles).toFixed(1)} % within the 10th to 90th percentile`;
  const note = `${counted(pictures, 'picture')} of known age${within}`;
  return { label: 'mean error in years', value: years.toFixed(2), interval: rangeText(interval ?? undefined, 2), note };
}

function temperedNote({ value, isAdjusted }: NonNullable<Evaluation['temperature']>): string {
  return isAdjusted ? 'before calibration' : `before the temperature of ${value.toFixed(3)}`;
}

/** An interval in brackets; nothing where there is none. */
export function rangeText(interval: Interval | undefined, digits = 3): string {
  return interval === undefined ? '' : `[${interval.low.toFixed(digits)}, ${interval.high.toFixed(digits)}]`;
}

/** A figure and, where there is one, its interval. */
export function withInterval(value: string, interval: string): string {
  return interval === '' ? value : `${value}  ${interval}`;
}
