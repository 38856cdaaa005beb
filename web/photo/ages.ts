/** Figures of bands as texts. */
import type { AgeEstimate } from '../../src/base/expected-age.js';
import { estimateAge } from '../../src/base/expected-age.js';
import type { BandClass } from '../engine/messages.js';

export function percent(share: number): string {
  return `${(100 * share).toFixed(share > 0 && share < 0.01 ? 1 : 0)} %`;
}

/** Index of the likeliest class; of equal ones the first. */
export function likeliestOf(probabilities: readonly number[]): number {
  return probabilities.indexOf(Math.max(...probabilities));
}

/** Undefined where the classes are no age bands. */
export function ageOf(probabilities: readonly number[], classes: readonly BandClass[]): AgeEstimate | undefined {
  const spans = classes.map(({ ages }) => ages);
  return spans.every((span) => span !== null) ? estimateAge(probabilities, spans) : undefined;
}
