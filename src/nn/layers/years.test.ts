import { describe, expect, it } from 'vitest';
import { compute, expectGradients, randomTensor } from '../../../test/support/numeric.js';
import { floatTensor } from '../../base/tensor.js';
import type { LayerContext } from '../layer.js';
import { bandsOfYearsLayer, yearMembership } from './years.js';

const context = {} as LayerContext;

describe('yearMembership', () => {
  it('gives each year to its band, and those between two bands to none', () => {
    const rows = yearMembership([[0, 1], [3, 3]], 5);
    expect(Array.from({ length: 5 }, (_, year) => [...rows.subarray(2 * year, 2 * year + 2)])).toEqual([[1, 0], [1, 0], [0, 0], [0, 1], [0, 0]]);
  });
});

describe('bandsOfYearsLayer', () => {
  it('gives the logarithms of the sums of the years', async () => {
    const layer = bandsOfYearsLayer('bands', [[0, 1], [3, 3]]);
    // Probabilities of the years 0 to 3: 1/10, 2/10, 3/10 and 4/10.
    const logits = floatTensor([1, 2, 3, 4].map(Math.log), [1, 4]);
    const values = await compute([logits], (x) => layer.apply(x, context));
    expect(values[0]).toBeCloseTo(Math.log(0.1 + 0.2), 5);
    expect(values[1]).toBeCloseTo(Math.log(0.4), 5);
  });

  it('stays finite for a band that no year speaks for', async () => {
    const layer = bandsOfYearsLayer('bands', [[0, 0], [1, 1]]);
    const [, lost] = await compute([floatTensor([200, -200], [1, 2])], (x) => layer.apply(x, context));
    expect(lost).toBeCloseTo(Math.log(1e-8), 4);
  });

  it('has the gradient of what it computes', async () => {
    const layer = bandsOfYearsLayer('bands', [[0, 1], [3, 3]]);
    await expectGradients([randomTensor([3, 5], 1)], (x) => layer.apply(x, context));
  });
});
