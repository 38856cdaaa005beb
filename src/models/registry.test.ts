import { describe, expect, it } from 'vitest';
import { PURPOSE, randomStream } from '../base/random.js';
import { ConfigError } from '../base/errors.js';
import { parameterSpecs } from '../nn/network.js';
import { getModel, modelNames } from './registry.js';

describe('getModel', () => {
  it.each(modelNames())('finds %s', (name) => {
    expect(getModel(name).name).toBe(name);
  });

  it('names the models that there are', () => {
    expect(modelNames()).toEqual([
      ...['baseline', 'levi-hassner', 'face-resnet'],
      ...['vgg16', 'vgg16-torch', 'resnet-50', 'resnet-50-torch'],
    ]);
    const find = () => getModel('vgg');
    expect(find).toThrow(ConfigError);
    expect(find).toThrow(
      expect.objectContaining({
        message: 'there is no model "vgg"',
        hint: 'The models are: baseline, levi-hassner, face-resnet, vgg16, vgg16-torch, resnet-50, resnet-50-torch.',
      }),
    );
  });
});

describe('the first weights', () => {
  const deviations = (name: string): Record<string, number> => {
    const specs = parameterSpecs(getModel(name), { imageSize: 63, classes: 8 });
    return Object.fromEntries(
      specs
        .filter((spec) => spec.name.endsWith('.kernel'))
        .map((spec, index) => {
          const values = spec.initialise(spec.shape, randomStream(1, PURPOSE.initialise, index));
          const squares = values.reduce((sum, value) => sum + value * value, 0);
          return [spec.name, Math.round(Math.sqrt(squares / values.length) * 1000) / 1000];
        }),
    );
  };

  it("of the report's network have the standard deviation 0.01", () => {
    const names = ['conv1', 'conv2', 'conv3', 'dense1', 'dense2', 'dense3'];
    expect(deviations('baseline')).toEqual(Object.fromEntries(names.map((name) => [`${name}.kernel`, 0.01])));
  });

  it("of Levi & Hassner's network have 0.01 and, in the hidden dense layers, 0.005", () => {
    expect(deviations('levi-hassner')).toEqual({
      ...{ 'conv1.kernel': 0.01, 'conv2.kernel': 0.01, 'conv3.kernel': 0.01 },
      ...{ 'dense1.kernel': 0.005, 'dense2.kernel': 0.005, 'dense3.kernel': 0.01 },
    });
  });

  it.each([
    ['baseline', [0, 0, 0, 0, 0, 0]],
    // As in the published configuration.
    ['levi-hassner', [0, 1, 0, 1, 1, 0]],
  ])('of %s have the biases %j', (name, expected) => {
    const specs = parameterSpecs(getModel(name), { imageSize: 63, classes: 8 });
    const biases = specs.filter((spec) => spec.name.endsWith('.bias'));
    expect(biases.map((spec) => spec.initialise([1], randomStream(1, PURPOSE.initialise))[0])).toEqual(expected);
  });
});
