import { describe, expect, it } from 'vitest';
import { compute, differentiate, expectGradients, randomTensor } from '../../test/support/numeric.js';
import { floatTensor } from '../base/tensor.js';
import { ageLoss, crossEntropy } from './losses.js';

// Probabilities 1/4, 3/4 and 1/2, 1/2.
const logits = floatTensor([0, Math.log(3), 5, 5], [2, 2]);
const oneHot = floatTensor([1, 0, 0, 1], [2, 2]);
const equalWeights = floatTensor([1, 1], [2]);

async function lossOf(targets = oneHot, weights = equalWeights, values = logits): Promise<number> {
  const [loss] = await compute([values, targets, weights], (x, t, w) => crossEntropy(x, t, w));
  return loss!;
}

describe('crossEntropy', () => {
  it('is the mean of −log of the probability of the true class', async () => {
    expect(await lossOf()).toBeCloseTo((Math.log(4) + Math.log(2)) / 2, 6);
  });

  it('weighs pictures, but divides by their number', async () => {
    const weights = floatTensor([0.5, 4], [2]);
    expect(await lossOf(oneHot, weights)).toBeCloseTo((0.5 * Math.log(4) + 4 * Math.log(2)) / 2, 6);
  });

  it('takes soft targets', async () => {
    const soft = floatTensor([0.9, 0.1, 0.2, 0.8], [2, 2]);
    const first = -0.9 * Math.log(0.25) - 0.1 * Math.log(0.75);
    expect(await lossOf(soft)).toBeCloseTo((first + Math.log(2)) / 2, 6);
  });

  it('stays finite for logits that are far apart', async () => {
    const extreme = floatTensor([-1000, 0, 0, 1000], [2, 2]);
    expect(await lossOf(oneHot, equalWeights, extreme)).toBe(500);
  });

  it('has the gradient (p − target) · weight / N by the logits', async () => {
    const weights = floatTensor([1, 3], [2]);
    const [gradient] = await differentiate([logits], (x) =>
      crossEntropy(x, x.graph.constant(oneHot), x.graph.constant(weights)),
    );
    const expected = [(1 / 4 - 1) / 2, 3 / 4 / 2, (3 * (1 / 2)) / 2, (3 * (1 / 2 - 1)) / 2];
    gradient!.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 6));
  });
});

describe('ageLoss', () => {
  const distributions = floatTensor([0, 1, 0, 1, 0, 0], [2, 3]);
  const ages = floatTensor([1, 0], [2]);
  // Probabilities 1/4, 1/2, 1/4, with the mean 1, and 1/3 each, with the mean 1.
  const years = floatTensor([0, Math.log(2), 0, 7, 7, 7], [2, 3]);

  it('adds a tenth of the error of the mean in years to the cross-entropy', async () => {
    const [loss] = await compute([years, distributions, ages, floatTensor([1, 1], [2])], (x, d, a, w) =>
      ageLoss(x, { distributions: d, ages: a, weights: w }),
    );
    expect(loss).toBeCloseTo((Math.log(2) + Math.log(3)) / 2 + 0.1 * ((0 + 1) / 2), 5);
  });

  it('leaves out pictures of weight 0', async () => {
    const [loss] = await compute([years, distributions, ages, floatTensor([1, 0], [2])], (x, d, a, w) =>
      ageLoss(x, { distributions: d, ages: a, weights: w }),
    );
    expect(loss).toBeCloseTo(Math.log(2) / 2, 5);
  });

  it('has the gradient of what it computes', async () => {
    await expectGradients([randomTensor([2, 3], 4)], (x) => {
      const constant = (tensor: typeof ages) => x.graph.constant(tensor);
      const weights = constant(floatTensor([1, 2], [2]));
      return ageLoss(x, { distributions: constant(distributions), ages: constant(floatTensor([2, 0], [2])), weights });
    });
  });
});
