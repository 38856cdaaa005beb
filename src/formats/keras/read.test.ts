/** Files made by test/reference/keras_files.py with h5py, after Keras's layouts, and the answers of their networks. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KerasAnswer } from '../../../test/support/reference.js';
import { greatestDifference, kerasPictures, referenceBytes } from '../../../test/support/reference.js';
import { floatTensor } from '../../base/tensor.js';
import { FormatError } from '../../base/errors.js';
import { baselineLayers } from '../../models/baseline.js';
import { describedNetwork } from '../../nn/description.js';
import { Session } from '../../runtime/session.node.js';
import { inferenceModel } from '../../training/inference-model.js';
import { unzip, zip } from '../zip.js';
import type { ImportedNetwork, ReadKerasOptions } from './read.js';
import { readKeras } from './read.js';

const answers = JSON.parse(new TextDecoder().decode(referenceBytes('keras-files.json'))) as Record<string, KerasAnswer>;

/** The report's network as its fine-tuning program has it, narrow. */
const narrow = {
  name: 'narrow',
  layers: baselineLayers({ filters: [3, 4, 5], units: [6, 5] }, 8).map(({ description }) => description),
};

async function read(file: string, options?: ReadKerasOptions): Promise<ImportedNetwork> {
  return await readKeras(referenceBytes(file), file, options);
}

async function probabilitiesOf({ name, layers, weights, imageSize, classCount }: ImportedNetwork): Promise<Float32Array> {
  const classes = Array.from({ length: classCount }, (_, index) => `class ${index}`);
  const session = await Session.create(inferenceModel({ network: describedNetwork(name, layers), weights, imageSize, classes }));
  const images = floatTensor(kerasPictures(2, imageSize), [2, 3, imageSize, imageSize]);
  const { probabilities } = await session.run({ images });
  await session.dispose();
  return probabilities!.data as Float32Array;
}

describe('readKeras', () => {
  it.each<[string, ReadKerasOptions?]>([
    ['keras-base.h5'],
    ['keras-pretrained-weights.h5', { network: narrow, imageSize: 37 }],
    ['keras-numbered.weights.h5', { network: narrow, imageSize: 37 }],
    ['keras-half-weights.h5', { network: narrow, imageSize: 37 }],
    ['keras-varied.h5'],
    ['keras-varied.keras'],
    ['keras-rescaled.h5', { inputRange: '0..255' }],
  ])('reads %s so that it answers as in Keras', async (file, options) => {
    const network = await read(file, options);
    const { side, probabilities } = answers[file]!;
    expect(network.imageSize).toBe(side);
    expect(network.classCount).toBe(probabilities[0]!.length);
    expect(greatestDifference(await probabilitiesOf(network), probabilities)).toBeLessThan(1e-6);
  });

  it("reads how the report's network was trained", async () => {
    const { optimiser, notes, classes } = await read('keras-base.h5');
    expect(optimiser).toEqual({
      settings: { optimiser: 'sgd', learningRate: 0.001, momentum: 0, nesterov: false, schedule: 'time', decay: 1e-5 },
      ...{ step: 320, slots: new Map(), notes: [] },
    });
    expect({ notes, classes }).toEqual({ notes: [], classes: undefined });
  });

  it.each([
    ['keras-varied.h5', { optimiser: 'adamw', learningRate: 0.002, weightDecay: 0, schedule: 'constant' }, ['mean', 'variance']],
    ['keras-varied.keras', { optimiser: 'sgd', learningRate: 0.01, momentum: 0.9, nesterov: true, schedule: 'constant' }, ['momentum']],
  ])('reads the state of the optimiser of %s', async (file, settings, roles) => {
    const { optimiser, weights } = await read(file);
    expect(optimiser).toMatchObject({ settings, step: 12, notes: [] });
    const trained = [...weights].filter(([name]) => !name.includes('moving'));
    for (const [name, { shape }] of trained) {
      for (const role of roles) expect(optimiser!.slots.get(`${name}/${role}`)?.shape, name).toEqual(shape);
    }
    expect(optimiser!.slots.size).toBe(trained.length * roles.length);
    expect(optimiser!.slots.get('first.kernel/x')).toBeUndefined();
  });

  it('keeps apart the tensors of an optimiser that lists one role after the other', async () => {
    // Both files hold numbers of one generator in the order of the parameters; the momentum of the first ones is drawn alike.
    const { optimiser } = await read('keras-varied.keras');
    const adam = (await read('keras-varied.h5')).optimiser!;
    const first = optimiser!.slots.get('first.kernel/momentum')!;
    expect(adam.slots.get('first.kernel/mean')!.data).toEqual(first.data);
    expect(adam.slots.get('first.kernel/variance')!.data).not.toEqual(first.data);
  });

  it('asks for what the file does not say', async () => {
    await expect(read('keras-pretrained-weights.h5')).rejects.toMatchObject({
      reason: 'holds weights, but not the network that they are of',
      hint: 'Name the network with --model, its --image-size and its --classes.',
    });
    await expect(read('keras-rescaled.h5')).rejects.toThrow(/begins with a rescaling by 0\.0078\d+, as for pixels of 0\.\.255/);
    await expect(read('keras-base.h5', { imageSize: 64 })).rejects.toThrow(/takes pictures of 37×37 pixels, not 64×64$/);
  });

  it('says which layer does not fit', async () => {
    const wider = {
      ...narrow,
      layers: baselineLayers({ filters: [3, 4, 5], units: [6, 7] }, 8).map(({ description }) => description),
    };
    const wrong = read('keras-pretrained-weights.h5', { network: wider, imageSize: 37 });
    await expect(wrong).rejects.toThrow(FormatError);
    await expect(wrong).rejects.toThrow(/layer "dense2" \(Dense\): dense2\.kernel has shape \[6, 5\] in "dense_2", the network needs \[6, 7\]$/);
    const shorter = { ...narrow, layers: narrow.layers.slice(0, -1) };
    await expect(read('keras-pretrained-weights.h5', { network: shorter, imageSize: 37 })).rejects.toThrow(
      /holds weights of a layer "dense_3" that the network does not have$/,
    );
    const longer = { ...narrow, layers: [...narrow.layers, { ...narrow.layers.at(-1)!, name: 'more' }] };
    await expect(read('keras-pretrained-weights.h5', { network: longer, imageSize: 37 })).rejects.toThrow(
      /layer "more" \(Dense\): the file holds no weights for it$/,
    );
  });

  it('says which layer does not fit of those that are numbered', async () => {
    const shorter = { ...narrow, layers: narrow.layers.slice(0, -1) };
    await expect(read('keras-numbered.weights.h5', { network: shorter, imageSize: 37 })).rejects.toThrow(
      /holds weights of a layer "layers\/dense_2" that the network does not have$/,
    );
    const longer = { ...narrow, layers: [...narrow.layers, { ...narrow.layers.at(-1)!, name: 'more' }] };
    await expect(read('keras-numbered.weights.h5', { network: longer, imageSize: 37 })).rejects.toThrow(
      /layer "more" \(Dense\) needs 2 weights, the file holds 0$/,
    );
  });

  const members = ['config.json', 'metadata.json', 'model.weights.h5'] as const;
  /** The archive with a change of its configuration. */
  function changed(change: (text: string) => string): Uint8Array {
    const files = unzip(referenceBytes('keras-varied.keras'), members, 'x');
    const config = new TextEncoder().encode(change(new TextDecoder().decode(files['config.json'])));
    return zip({ ...files, 'config.json': config });
  }

  it.each<[string, (text: string) => string, RegExp]>([
    ['a layer that is not known', (text) => text.replace('"AveragePooling2D"', '"Lambda"'), /layer "average" \(Lambda\): there is no such layer here$/],
    ['an activation that is not known', (text) => text.replace('"tanh"', '"swish"'), /layer "second" \(Conv2D\): the activation "swish" is not known here$/],
    ['a softmax in the middle', (text) => text.replace('"tanh"', '"softmax"'), /layer "second" \(Conv2D\): a softmax is known at the end/],
    ['a sigmoid at the end', (text) => text.replace('"activation": "softmax"', '"activation": "sigmoid"'), /layer "softmax" \(Activation\): a network that ends in a sigmoid/],
    ['strange padding', (text) => text.replace('"padding": "same"', '"padding": "causal"'), /layer "first" \(Conv2D\): padding: /],
    ['no filters', (text) => text.replace('"filters": 4', '"filters": 0'), /layer "first" \(Conv2D\): filters: /],
    ['filters beyond measure', (text) => text.replace('"filters": 4', '"filters": 1e9'), /layer "first" \(Conv2D\).*filters/],
    ['other filters than the weights', (text) => text.replace('"filters": 4', '"filters": 9'), /layer "first" \(Conv2D\): first\.kernel has shape \[3, 5, 3, 4\] in "conv2d", the network needs \[3, 5, 3, 9\]$/],
    ['a kernel larger than its picture', (text) => text.replace('"padding": "valid"', '"padding": "valid"').replace('"kernel_size": [3, 3], "strides": [1, 1], "padding": "same"', '"kernel_size": [99, 3], "strides": [1, 1], "padding": "valid"'), /its layers do not fit together: third/],
    ['two layers of a name', (text) => text.replace('"name": "hidden"', '"name": "last"'), /a name stands there twice/],
    ['grey pictures', (text) => text.replaceAll('[null, 17, 17, 3]', '[null, 17, 17, 1]'), /takes inputs of shape \[null, 17, 17, 1\], not square pictures of 3 channels$/],
    ['oblong pictures', (text) => text.replaceAll('[null, 17, 17, 3]', '[null, 17, 18, 3]'), /not square pictures/],
    ['mixed data formats', (text) => text.replace('"channels_last"', '"channels_first"'), /layer "first" \(Conv2D\): it has channels_last, a layer before it channels_first$/],
    ['no JSON', (text) => text.slice(1), /its model configuration is not JSON$/],
    ['another thing than a model', () => '[]', /its model configuration is damaged/],
    ['a model of another kind', (text) => text.replace('"Sequential"', '"MyModel"'), /is a model of the kind "MyModel"$/],
  ])('refuses a network with %s', async (_what, change, message) => {
    const loading = readKeras(changed(change), 'net.keras');
    await expect(loading).rejects.toThrow(FormatError);
    await expect(loading).rejects.toThrow(message);
  });

  it('survives a configuration with anything in it', async () => {
    // Some value of the configuration becomes another thing.
    const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(-1, 0, 1, 2.5, 1e9, 1e308, [], {}, null, 'same', '__proto__'));
    const damage = fc.tuple(fc.nat(1000), value);
    await fc.assert(
      fc.asyncProperty(damage, async ([place, replacement]) => {
        let left = place % 300;
        const replace = (_key: string, current: unknown): unknown => (left-- === 0 ? replacement : current);
        const bytes = changed((text) => JSON.stringify(JSON.parse(text, (key, current: unknown) => replace(key, current))));
        await readKeras(bytes, 'net.keras').catch((error: unknown) => expect(error).toBeInstanceOf(FormatError));
      }),
      { numRuns: 400, seed: 1 },
    );
  });

  it('reads layers of any name, and tells of what it leaves out', async () => {
    const text = (config: string) =>
      config.replace('"name": "hidden", "trainable": true', '"name": "block/hidden:0", "trainable": false, "kernel_regularizer": {"class_name": "L2"}');
    const { layers, notes, optimiser } = await readKeras(changed(text), 'net.keras');
    expect(layers.map(({ name }) => name)).toContain('block_hidden_0');
    expect(notes).toEqual([
      'Layer "block/hidden:0" was frozen; here it is trained like the others.',
      'The regularisation of layer "block/hidden:0" is left out; it matters while training only.',
      'The state of its optimiser does not fit the network and was left behind.',
    ]);
    expect(optimiser!.slots.size).toBe(0);
  });

  it('takes a network without softmax for one that ends in logits', async () => {
    const { notes } = await readKeras(changed((text) => text.replace('"activation": "softmax"', '"activation": "linear"')), 'net.keras');
    expect(notes).toEqual(['It ends without softmax: its outputs are taken for logits.']);
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['a text', new TextEncoder().encode('keras')],
    ['a picture', Uint8Array.from(Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'))],
    ['the head of a zip archive', Uint8Array.of(0x50, 0x4b, 3, 4)],
    ['half an archive', referenceBytes('keras-varied.keras').slice(0, 20_000)],
    ['an archive without a network', zip({ 'a.txt': Uint8Array.of(1) })],
  ])('refuses %s', async (_what, bytes) => {
    await expect(readKeras(bytes, 'net.keras')).rejects.toThrow(FormatError);
  });
});
