import { describe, expect, it } from 'vitest';
import { drawChoices, gridChoices } from './parameters.js';
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
  const draws = drawChoices(parameters, 1, 2000);

  it('depend on the seed and the names, and not on how many there are', () => {
    const reversed = Object.fromEntries(Object.entries(parameters).reverse());
    expect(drawChoices(reversed, 1, 6)).toEqual(draws.slice(0, 6));
    expect(drawChoices(parameters, 1, 6)).toEqual(draws.slice(0, 6));
    expect(drawChoices(parameters, 2, 6)[5]).not.toEqual(draws[5]);
    expect(draws[6]).not.toEqual(draws[5]);
  });

  it('give each setting once before any comes again', () => {
    const few: Parameters = { model: ['a', 'b', 'a'], stepSize: { distribution: 'integer', min: 1, max: 3 } };
    const settings = drawChoices(few, 1, 15).map((choice) => JSON.stringify(choice));
    for (const round of [settings.slice(0, 6), settings.slice(6, 12)]) expect(new Set(round).size).toBe(6);
    expect(new Set(settings.slice(12)).size).toBe(3);
    // Another order in each round: they are drawn, not repeated.
    expect(settings.slice(6, 12)).not.toEqual(settings.slice(0, 6));
    expect(new Set(draws.map((choice) => JSON.stringify(choice))).size).toBe(2000);
  });

  it('come to an end where bounds leave fewer values than trials', () => {
    const narrow: Parameters = { momentum: { distribution: 'uniform', min: 0.5, max: 0.5001 } };
    expect(drawChoices(narrow, 1, 5)).toHaveLength(5);
    expect(drawChoices(narrow, 1, 2).map(({ momentum }) => momentum).sort()).toEqual([0.5, 0.5001]);
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
