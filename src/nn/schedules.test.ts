import { describe, expect, it } from 'vitest';
import type { Schedule } from './schedules.js';
import { constantRate, cosineDecay, stepDecay, timeDecay, withWarmUp } from './schedules.js';

function expectRates(schedule: Schedule, rates: Readonly<Record<number, number>>): void {
  for (const [step, rate] of Object.entries(rates)) {
    expect(schedule(Number(step)), `step ${step}`).toBeCloseTo(rate, 12);
  }
}

it('constantRate never changes', () => {
  expectRates(constantRate(0.3), { 0: 0.3, 1: 0.3, 100_000: 0.3 });
});

it('timeDecay divides by one plus the decay of each step', () => {
  expectRates(timeDecay(0.6, 0.5), { 0: 0.6, 1: 0.4, 2: 0.3, 4: 0.2 });
  expectRates(timeDecay(0.001, 1e-5), { 1000: 0.001 / 1.01 });
});

it('cosineDecay falls along half a cosine to zero and stays there', () => {
  expectRates(cosineDecay(0.8, 6), { 0: 0.8, 2: 0.6, 3: 0.4, 4: 0.2, 6: 0, 7: 0, 100: 0 });
});

it('stepDecay drops after every interval', () => {
  expectRates(stepDecay(8, 0.5, 3), { 0: 8, 2: 8, 3: 4, 5: 4, 6: 2, 9: 1 });
});

describe('withWarmUp', () => {
  it('rises in equal steps to the rate, then follows the schedule from its start', () => {
    const rates = { 0: 0.15, 1: 0.3, 2: 0.45, 3: 0.6, 4: 0.6, 5: 0.4, 6: 0.3 };
    expectRates(withWarmUp(timeDecay(0.6, 0.5), 4), rates);
  });

  it('of no steps is the schedule itself', () => {
    expectRates(withWarmUp(stepDecay(8, 0.5, 1), 0), { 0: 8, 1: 4 });
  });
});
