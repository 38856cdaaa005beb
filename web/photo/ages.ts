/** Figures of bands as texts. */
import type { AgeEstimate } from '../../src/base/expected-age.js';
import { estimateAge, estimateAgeOfYears } from '../../src/base/expected-age.js';
import type { BandClass, Said } from '../engine/messages.js';

export function percent(share: number): string {
  return `${(100 * share).toFixed(share > 0 && share < 0.01 ? 1 : 0)} %`;
}

/** Undefined where the classes are no age bands. */
export function ageOf({ probabilities, years }: Said, classes: readonly BandClass[]): AgeEstimate | undefined {
  const spans = classes.map(({ ages }) => ages);
  if (years !== null) return estimateAgeOfYears(years);
  return spans.every((span) => span !== null) ? estimateAge(probabilities, spans) : undefined;
}
