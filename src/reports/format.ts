/** Figures as texts. */
import type { Headlines } from '../evaluation/headlines.js';
import type { Interval } from '../evaluation/intervals.js';
import type { Judgement } from '../evaluation/judge.js';

/** What stands where a figure is not defined, such as the recall of a band without pictures. */
export const UNDEFINED = '–';

/** A share as a percentage with one decimal. */
export function percent(share: number | null): string {
  return share === null ? UNDEFINED : `${(100 * share).toFixed(1)} %`;
}

/** Seconds, minutes and hours of a duration. */
export function duration(seconds: number): string {
  const minutes = Math.floor(Math.round(seconds) / 60);
  const rest = Math.round(seconds) % 60;
  if (minutes === 0) return `${rest} s`;
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes} min ${rest} s` : `${hours} h ${minutes % 60} min`;
}

type HeadlineFigures = Headlines & Pick<Judgement, 'intervals'>;

/** How a headline figure is named and written. */
export interface HeadlineStyle {
  readonly name: keyof Headlines;
  readonly label: string;
  /** What stands behind a value, with its space: shares are written in percent. */
  readonly unit: string;
  /** Without the unit. */
  readonly write: (value: number) => string;
  /** Whether more is better. */
  readonly rising: boolean;
}

const share = (value: number): string => (100 * value).toFixed(1);

/** The headline figures, the most important ones first. */
export const HEADLINES: readonly HeadlineStyle[] = [
  { name: 'accuracy', label: 'Exact accuracy', unit: ' %', write: share, rising: true },
  { name: 'oneOff', label: 'One-off accuracy', unit: ' %', write: share, rising: true },
  { name: 'balancedAccuracy', label: 'Balanced accuracy', unit: ' %', write: share, rising: true },
  { name: 'meanClassError', label: 'Mean error in bands', unit: '', write: (value) => value.toFixed(2), rising: false },
  { name: 'loss', label: 'Loss', unit: '', write: (value) => value.toFixed(3), rising: false },
];

/** The label of a row of figures that stand without their unit. */
export function rowLabel({ label, unit }: Pick<HeadlineStyle, 'label' | 'unit'>): string {
  return unit === '' ? label : `${label},${unit}`;
}

/** An interval in the form of its figure. */
export function range({ low, high }: Interval, write: (value: number) => string): string {
  return `${write(low)} to ${write(high)}`;
}

/** A headline figure, with its interval in brackets if there is one. */
export function withInterval(figures: HeadlineFigures, { name, write }: Pick<HeadlineStyle, 'name' | 'write'>): string {
  const interval = figures.intervals?.[name];
  return interval === undefined ? write(figures[name]) : `${write(figures[name])} (${range(interval, write)})`;
}

/** A difference in the form of its figures, with its sign; what rounds to nothing has none. */
export function signed(write: (value: number) => string): (value: number) => string {
  return (value) => {
    const size = write(Math.abs(value));
    if (Number(size) === 0) return size;
    return value < 0 ? `−${size}` : `+${size}`;
  };
}
