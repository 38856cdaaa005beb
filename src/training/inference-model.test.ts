import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { evaluate, randomTensor } from '../../test/support/numeric.js';
import { ShapeError } from '../base/errors.js';
import type { HostTensor } from '../base/tensor.js';
import { floatTensor } from '../base/tensor.js';
import { readCalibrationMetadata } from '../formats/onnx-contract.js';
import { readOnnxMetadata } from '../formats/onnx.js';
import { softmax } from '../graph/operators/index.js';
import { getModel } from '../models/registry.js';
import { buildNetwork, parameterSpecs } from '../nn/network.js';
import { Session } from '../runtime/session.node.js';
import { inferenceModel } from './inference-model.js';

const classes = ['0-2', '4-6', '60+'];

/** Random weights; only gamma and variance must be above 0. */
function weightsOf(name: string, imageSize: number): Map<string, HostTensor> {
  const specs = parameterSpecs(getModel(name), { imageSize, classes: classes.length });
  return new Map(
    specs.map((spec, key) => {
      if (/gamma|variance/.test(spec.name)) return [spec.name, randomTensor(spec.shape, key, 0.5, 2)];
      if (!spec.name.endsWith('.kernel')) return [spec.name, randomTensor(spec.shape, key)];
      const fanIn = spec.shape.length === 2 ? spec.shape[0]! : spec.shape.slice(1).reduce((a, b) => a * b);
      const reach = Math.sqrt(6 / fanIn);
      return [spec.name, randomTensor(spec.shape, key, -reach, reach)];
    }),
  );
}

describe.each([
  ['baseline', 37],
  ['levi-hassner', 63],
])('the model for inference of %s', (name, imageSize) => {
  const network = getModel(name);
  const weights = weightsOf(name, imageSize);
  const model = inferenceModel({ network, weights, imageSize, classes });
  const { graph, metadataProps } = fromBinary(ModelProtoSchema, model);

  it('has no batch normalisation, and no positions of maxima', () => {
    expect(graph!.node.map(({ opType }) => opType)).not.toContain('BatchNormalization');
    const pools = graph!.node.filter(({ opType }) => opType === 'MaxPool');
    expect(pools.map(({ output }) => output.length)).toEqual([1, 1, 1]);
    const operators = new Map<string, string>(graph!.node.map(({ output, opType }) => [output[0]!, opType]));
    expect(pools.map(({ input }) => operators.get(input[0]!))).toEqual(['Conv', 'Conv', 'Conv']);
  });

  it('takes pictures in any number and nothing else', () => {
    const shapesOf = (values: NonNullable<typeof graph>['input']) =>
      values.map((value) => {
        const type = value.type!.value;
        const dimensions = type.case === 'tensorType' ? type.value.shape!.dim : [];
        return [value.name, dimensions.map((dimension) => dimension.value.value)];
      });
    const side = BigInt(imageSize);
    expect(shapesOf(graph!.input)).toEqual([['images', ['N', 3n, side, side]]]);
    expect(shapesOf(graph!.output)).toEqual([['probabilities', ['N', 3n]]]);
  });

  it('says in its metadata how it is fed', () => {
    expect(Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]))).toMatchObject({
      ...{ 'ageband.model': name, 'ageband.classes': '["0-2","4-6","60+"]', 'ageband.image_size': String(imageSize) },
      ...{ 'ageband.layout': 'NCHW', 'ageband.colours': 'RGB', 'ageband.scale': '1/255' },
      'ageband.crop': 'whole picture, squashed to a square',
    });
  });

  it('gives the numbers of the network, for one picture and for several', async () => {
    const images = randomTensor([3, 3, imageSize, imageSize], 50, 0, 1);
    const plain = buildNetwork(network, { batch: 3, imageSize, classes: 3, training: false, weights });
    plain.graph.output('probabilities', softmax(plain.logits));
    const expected = (await evaluate(plain.graph, { images }))['probabilities']!.data as Float32Array;
    expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(0.1);

    const session = await Session.create(model, { threads: 1 });
    const all = (await session.run({ images }))['probabilities']!;
    expect(all.shape).toEqual([3, 3]);
    all.data.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 5));
    const second = images.data.slice(images.data.length / 3, (2 * images.data.length) / 3);
    const one = (await session.run({ images: floatTensor(second, [1, 3, imageSize, imageSize]) }))['probabilities']!;
    await session.dispose();
    expect(one.shape).toEqual([1, 3]);
    one.data.forEach((value, index) => expect(value).toBeCloseTo(expected[3 + index]!, 5));
  });
});

describe('with a calibration', () => {
  const [network, imageSize] = [getModel('baseline'), 37];
  const weights = weightsOf('baseline', imageSize);
  const images = randomTensor([2, 3, imageSize, imageSize], 50, 0, 1);

  async function outputOf(model: Uint8Array, name: string): Promise<number[]> {
    const session = await Session.create(model, { threads: 1 });
    const output = (await session.run({ images }))[name]!;
    await session.dispose();
    return [...(output.data as Float32Array)];
  }

  const calibration = { temperature: 2.5, offsets: [0.5, 0, -1] };

  it('adds the offsets and divides by the temperature, and says so in its metadata', async () => {
    const model = inferenceModel({ network, weights, imageSize, classes, calibration });
    expect(readCalibrationMetadata(readOnnxMetadata(model))).toEqual(calibration);
    const logits = await outputOf(inferenceModel({ network, weights, imageSize, classes, output: 'logits' }), 'logits');
    const expected = [0, 3].flatMap((start) => {
      const powers = logits.slice(start, start + 3).map((logit, index) => Math.exp((logit + calibration.offsets[index]!) / 2.5));
      return powers.map((power) => power / powers.reduce((sum, value) => sum + value, 0));
    });
    (await outputOf(model, 'probabilities')).forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 5));
  });

  it('leaves the logits as they are', async () => {
    const options = { network, weights, imageSize, classes, output: 'logits' } as const;
    const tempered = await outputOf(inferenceModel({ ...options, calibration }), 'logits');
    expect(tempered).toEqual(await outputOf(inferenceModel(options), 'logits'));
  });
});

it('refuses weights that do not fit', () => {
  const weights = weightsOf('baseline', 37);
  const build = () => inferenceModel({ network: getModel('baseline'), weights, imageSize: 37, classes: ['a', 'b'] });
  expect(build).toThrow(ShapeError);
  expect(build).toThrow('"dense3.kernel" with shape [256, 3], the network needs [256, 2]');
});
