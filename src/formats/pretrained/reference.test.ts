/**
 * VGG-16 and ResNet-50 with weights from files in the layouts of Keras, torchvision and ONNX, against numbers made with PyTorch
 * (test/reference/pretrained.py). Tensors are compared by ‖ours − theirs‖ / ‖theirs‖.
 */
import { describe, expect, it } from 'vitest';
import { evaluate, relativeDifference } from '../../../test/support/numeric.js';
import {
  headOf,
  kerasLayers,
  layoutsOf,
  picturesOfReference,
  SIZES,
  smallPretrained,
  torchTensors,
  unpacked,
} from '../../../test/support/pretrained.js';
import { referenceBytes } from '../../../test/support/reference.js';
import { gradients } from '../../autodiff/gradients.js';
import type { HostTensor } from '../../base/tensor.js';
import { floatTensor, sizeOf } from '../../base/tensor.js';
import { foldBatchNorm } from '../../graph/fold-batch-norm.js';
import { poolBeforeRelu } from '../../graph/rewrite-rules.js';
import { rewrite } from '../../graph/rewrite.js';
import { crossEntropy } from '../../nn/losses.js';
import type { NetworkDefinition } from '../../nn/network.js';
import { buildNetwork } from '../../nn/network.js';
import type { NewHdf5 } from '../hdf5.js';
import { writeHdf5 } from '../hdf5.js';
import type { StoredLayer } from '../keras/read-weights.js';
import { readKerasWeights } from '../keras/read-weights.js';
import { parseOnnx } from '../onnx.js';
import { readSafetensors, writeSafetensors } from '../safetensors.js';
import { readTorchTensors } from '../torch/read.js';
import { zip } from '../zip.js';
import { kerasOffers } from './keras.js';
import type { TakenWeights, WeightFile } from './offers.js';
import { takeOffers } from './offers.js';
import { onnxOffers } from './onnx.js';
import { torchOffers } from './tensors.js';

/** Of the features in inference mode. */
const TOLERANCE = 2e-6;
/**
 * Of loss and gradients of a training step. Normalising with the statistics of two small pictures magnifies rounding: there,
 * PyTorch in float32 is off by up to 1.3e-4 in the loss and 6.5e-4 in a gradient.
 */
const STEP_TOLERANCES = { normalised: [3e-4, 2e-3], plain: [1e-5, 1e-5] } as const;

function reference(name: string): Map<string, HostTensor> {
  return readSafetensors(referenceBytes(`pretrained-${name}.safetensors`)).tensors;
}

function take(network: NetworkDefinition, weights: WeightFile): TakenWeights {
  return takeOffers(weights, layoutsOf(network), 'file');
}

async function takeKeras(network: NetworkDefinition, bytes: Uint8Array): Promise<TakenWeights> {
  const stored = await readKerasWeights(bytes, 'file', layoutsOf(network));
  return take(network, kerasOffers(stored, layoutsOf(network), 'file'));
}

function takeOnnx(network: NetworkDefinition, bytes: Uint8Array): TakenWeights {
  const descriptions = network.layers(SIZES.classes).map(({ description }) => description);
  return take(network, onnxOffers(parseOnnx(bytes), descriptions, layoutsOf(network), 'file'));
}

/** What the layers before the head make of the pictures, with batch normalisation folded as an exported model has it. */
async function featuresOf(network: NetworkDefinition, { tensors }: TakenWeights): Promise<HostTensor> {
  const weights = new Map([...tensors, ...headOf(network)]);
  const built = buildNetwork(network, { ...SIZES, training: false, weights });
  const before = built.layers.findIndex(({ layer }) => layer.kind === 'Dense');
  built.graph.output('features', built.layers[before - 1]!.output);
  const { features } = await evaluate(rewrite(built.graph, [poolBeforeRelu, foldBatchNorm]).graph, { images: picturesOfReference() });
  return features!;
}

async function expectFeatures(name: string, taken: TakenWeights): Promise<void> {
  const features = reference(name).get('features')!;
  const flat = floatTensor(features.data as Float32Array, [SIZES.batch, sizeOf(features.shape) / SIZES.batch]);
  expect(relativeDifference(await featuresOf(smallPretrained(name), taken), flat)).toBeLessThan(TOLERANCE);
}

/** Loss and all gradients of a training step without dropout; picture i is of class i. */
async function expectStep(name: string, { tensors }: TakenWeights): Promise<void> {
  const network = smallPretrained(name);
  const { batch, classes } = SIZES;
  const [lossTolerance, gradientTolerance] = STEP_TOLERANCES[name.startsWith('resnet') ? 'normalised' : 'plain'];
  const built = buildNetwork(network, { ...SIZES, training: true });
  const { graph } = built;
  const loss = crossEntropy(built.logits, graph.input('targets', 'float32', [batch, classes]), graph.input('weights', 'float32', [batch]));
  graph.output('loss', loss);
  const trained = built.parameters.filter(({ trainable }) => trainable);
  gradients(loss, trained.map(({ value }) => value)).forEach((gradient, index) => graph.output(`gradient:${trained[index]!.name}`, gradient));
  const ones = (shape: readonly number[]) => floatTensor(new Float32Array(sizeOf(shape)).fill(1), shape);
  const values = new Map([...tensors, ...headOf(network)]);
  const outputs = await evaluate(graph, {
    ...Object.fromEntries(graph.inputs.map((input) => [input.name, values.get(input.name) ?? ones(input.shape)])),
    images: picturesOfReference(),
    targets: floatTensor([1, 0, 0, 0, 1, 0], [batch, classes]),
  });
  const expected = reference(name);
  expected.delete('features');
  expect([...graph.outputs.keys()].sort()).toEqual([...expected.keys()].sort());
  expect(relativeDifference(outputs['loss'], floatTensor(expected.get('loss')!.data as Float32Array, []))).toBeLessThan(lossTolerance);
  const norm = (tensor: HostTensor): number => Math.hypot(...(tensor.data as Float32Array));
  for (const [key, tensor] of expected) {
    if (key === 'loss') continue;
    // A bias before a batch normalisation has no gradient but that of rounding.
    if (norm(tensor) < 1e-9) expect(norm(outputs[key]!), key).toBeLessThan(1e-3);
    else expect(relativeDifference(outputs[key], tensor), key).toBeLessThan(gradientTolerance);
  }
}

/** By how much numbers may be off that were rounded to float16: half a unit in the last of 11 places, or of the smallest number. */
const halfRounding = (value: number): number => Math.max(2 ** -11 * Math.abs(value), 2 ** -25);

/** An `.h5` of Keras: a group for each layer, which lists its arrays. @param root of them all */
async function h5Of(layers: readonly StoredLayer[], root = '', nested?: string): Promise<Uint8Array> {
  const groups: NewHdf5['groups'][number][] = nested
    ? [{ path: `${root}${nested}`, attributes: { weight_names: layers.flatMap(({ arrays }) => arrays.map(({ name }) => name)) } }]
    : layers.map(({ layer, arrays }) => ({ path: `${root}${layer}`, attributes: { weight_names: arrays.map(({ name }) => name) } }));
  const path = (layer: string, name: string): string => `${root}${nested ?? layer}/${name}`;
  return await writeHdf5({
    groups: [{ path: root.replace(/\/$/, ''), attributes: { layer_names: nested ? [nested] : layers.map(({ layer }) => layer) } }, ...groups].filter(
      ({ path: own }) => own !== '' || root === '',
    ),
    datasets: layers.flatMap(({ layer, arrays }) =>
      arrays.map(({ name, shape, values }) => ({ path: path(layer, name), tensor: floatTensor(values!, shape) })),
    ),
  });
}

describe('files of Keras', () => {
  it('of VGG-16 without its top, as keras.applications has it', async () => {
    const taken = await takeKeras(smallPretrained('vgg16'), unpacked('pretrained-vgg16-notop.h5.gz'));
    expect(taken.taken).toHaveLength(13);
    expect(taken.anew).toEqual(['dense1', 'dense2', 'dense3']);
    await expectFeatures('vgg16', taken);
    await expectStep('vgg16', taken);
  });

  it('of ResNet-50 with its top', async () => {
    const network = smallPretrained('resnet-50');
    const top = { layer: 'probs', arrays: [{ name: 'probs/kernel:0', shape: [16, 7], values: new Float32Array(16 * 7) }] };
    const taken = await takeKeras(network, await h5Of([...kerasLayers(network), top]));
    expect(taken.taken).toHaveLength(106);
    await expectFeatures('resnet-50', taken);
    await expectStep('resnet-50', taken);
  });

  it('of a whole model, with the network as one of its layers', async () => {
    const network = smallPretrained('resnet-50');
    // Keras lists what is trained before the moving statistics.
    const layers = kerasLayers(network);
    const isMoving = ({ name }: { name: string }): boolean => name.includes('moving');
    const listed = [
      ...layers.map(({ layer, arrays }) => ({ layer, arrays: arrays.filter((array) => !isMoving(array)) })),
      ...layers.map(({ layer, arrays }) => ({ layer, arrays: arrays.filter(isMoving) })),
    ];
    await expectFeatures('resnet-50', await takeKeras(network, await h5Of(listed, 'model_weights/', 'resnet50')));
  });

  it('with weights alone, of version 3', async () => {
    const network = smallPretrained('resnet-50');
    const taken = await takeKeras(network, unpacked('keras-resnet-50.weights.h5.gz'));
    expect(taken.taken).toHaveLength(106);
    await expectFeatures('resnet-50', taken);
    await expectStep('resnet-50', taken);
  });

  it('of version 3, which numbers the layers of a class', async () => {
    const network = smallPretrained('resnet-50');
    const layers = kerasLayers(network).toReversed();
    const classes = new Map(layoutsOf(network).map(({ layer, kind }) => [layer, kind]));
    const words: Record<string, string> = { Conv2D: 'conv2d', BatchNormalization: 'batch_normalization' };
    const used = new Map<string, number>();
    const datasets = layers.flatMap(({ layer, arrays }) => {
      const word = words[classes.get(layer)!]!;
      const count = used.get(word) ?? 0;
      used.set(word, count + 1);
      const path = `layers/functional/layers/${count === 0 ? word : `${word}_${count}`}/vars`;
      return arrays.map(({ shape, values }, index) => ({ path: `${path}/${index}`, tensor: floatTensor(values!, shape) }));
    });
    const inner = layers.map(({ layer }) => ({ class_name: classes.get(layer), config: { name: layer } }));
    const config = {
      class_name: 'Sequential',
      config: { name: 'mine', layers: [{ class_name: 'Functional', config: { name: 'resnet50', layers: inner } }, { class_name: 'Flatten', config: {} }] },
    };
    const archive = zip({
      'config.json': new TextEncoder().encode(JSON.stringify(config)),
      'model.weights.h5': await writeHdf5({ groups: [], datasets }),
    });
    await expectFeatures('resnet-50', await takeKeras(network, archive));
  });
});

describe('files of torchvision and timm', () => {
  it.each(['vgg16-torch', 'resnet-50-torch'])('for %s', async (name) => {
    const network = smallPretrained(name);
    const bytes = Buffer.concat(writeSafetensors(torchTensors(network)));
    const taken = take(network, torchOffers(readSafetensors(bytes).tensors, layoutsOf(network)));
    expect(taken.anew).toEqual(['dense1', 'dense2', 'dense3']);
    await expectFeatures(name, taken);
    await expectStep(name, taken);
  });
});

describe('files of torch.save', () => {
  it.each([
    ['resnet-50-torch', 'torch-resnet-50.pth.gz'],
    ['vgg16-torch', 'torch-vgg16-old.pth.gz'],
  ])('for %s', async (name, file) => {
    const network = smallPretrained(name);
    const taken = take(network, torchOffers(readTorchTensors(unpacked(file), 'file'), layoutsOf(network)));
    expect(taken.anew).toEqual(['dense1', 'dense2', 'dense3']);
    await expectFeatures(name, taken);
    await expectStep(name, taken);
  });
});

describe('ONNX files of torchvision', () => {
  it.each([
    ['folded into the convolutions', 'pretrained-resnet-50.onnx.gz', true],
    ['kept', 'pretrained-resnet-50-train.onnx.gz', false],
  ])('of ResNet-50 with its normalisations %s', async (_, file, folded) => {
    const taken = takeOnnx(smallPretrained('resnet-50-torch'), unpacked(file));
    expect(taken.taken).toHaveLength(106);
    expect(taken.notes.some((note) => note.startsWith('53 normalisations are folded'))).toBe(folded);
    await expectFeatures('resnet-50-torch', taken);
    if (!folded) await expectStep('resnet-50-torch', taken);
  });

  it('in half precision', () => {
    const { tensors } = takeOnnx(smallPretrained('resnet-50-torch'), unpacked('onnx-resnet-50-half.onnx.gz'));
    const whole = takeOnnx(smallPretrained('resnet-50-torch'), unpacked('pretrained-resnet-50-train.onnx.gz')).tensors;
    expect([...tensors.keys()]).toEqual([...whole.keys()]);
    let exact = 0;
    for (const [name, { data }] of whole) {
      const rounded = tensors.get(name)!.data as Float32Array;
      for (const [index, value] of (data as Float32Array).entries()) {
        expect(Math.abs(rounded[index]! - value)).toBeLessThanOrEqual(halfRounding(value));
        if (rounded[index] === value) exact += 1;
      }
    }
    // Few numbers of 24 bits have 11 that matter.
    const count = [...whole.values()].reduce((sum, { data }) => sum + data.length, 0);
    expect(exact / count).toBeLessThan(0.05);
  });
});
