import type { RunState, RunSummary } from '../../src/server/runs/summary.js';

export type { RunSummary };

export const STATES: Readonly<Record<RunState, string>> = {
  running: 'training',
  stopped: 'stopped',
  finished: 'finished',
  damaged: 'damaged',
};

export function runAddress(id: string): string {
  return `#/run?run=${encodeURIComponent(id)}`;
}

export function comparisonAddress(ids: readonly string[]): string {
  return `#/compare?${ids.map((id) => `run=${encodeURIComponent(id)}`).join('&')}`;
}

export function share(value: number | null | undefined): string {
  return value == null ? '–' : `${(100 * value).toFixed(1)} %`;
}

/** `12 s`, `3 min`, `2 h 5 min` */
export function span(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
