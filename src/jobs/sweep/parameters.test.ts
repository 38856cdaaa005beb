import { describe, expect, it } from 'vitest';
import { drawChoice, gridChoices } from './parameters.js';
import type { Parameters } from './parameters.js';

describe('a grid', () => {
  it('is every combination, the last parameter fastest', () => {
    expect(gridChoices({ batchSize: [32, 64], nesterov: [true, false] })).toEqual([
      { batchSize: 32, nesterov: true },
      { batchSize: 32, nesterov: false },
      { batchSize: 64, nesterov: true },
      { batchSize: 64, nesterov: false },
    ]);
  });
});

describe('random draws', () => {
  const parameters: Parameters = {
    learningRate: { distribution: 'log-uniform', min: 0.0001, max: 1 },
    momentum: { distribution: 'uniform', min: 0.5, max: 0.9 },
    stepSize: { distribution: 'integer', min: 2, max: 4 },
    model: ['a', 'b'],
  };
  const draws = Array.from({ length: 2000 }, (_, trial) => drawChoice(parameters, 1, trial));

  it('depend on the seed, the trial and the names alone', () => {
    const reversed = Object.fromEntries(Object.entries(parameters).reverse());
    expect(drawChoice(reversed, 1, 5)).toEqual(draws[5]);
    expect(drawChoice(parameters, 1, 5)).toEqual(draws[5]);
    expect(drawChoice(parameters, 2, 5)).not.toEqual(draws[5]);
    expect(draws[6]).not.toEqual(draws[5]);
  });

  it('follow their distributions', () => {
    const share = (holds: (choice: (typeof draws)[number]) => boolean): number => draws.filter(holds).length / draws.length;
    // Half of the logarithms lie below that of the geometric mean, 0.01. Five standard errors are 0.056.
    expect(share(({ learningRate }) => (learningRate as number) < 0.01)).toBeCloseTo(1 / 2, 1);
    expect(share(({ momentum }) => (momentum as number) < 0.6)).toBeCloseTo(1 / 4, 1);
    for (const size of [2, 3, 4]) expect(share(({ stepSize }) => stepSize === size)).toBeCloseTo(1 / 3, 1);
    expect(share(({ model }) => model === 'a')).toBeCloseTo(1 / 2, 1);
    expect(draws.every(({ momentum }) => (momentum as number) >= 0.5 && (momentum as number) <= 0.9)).toBe(true);
  });

  it('have as many digits as a table shows', () => {
    expect(draws.every(({ learningRate }) => learningRate === Number((learningRate as number).toPrecision(4)))).toBe(true);
  });
});
