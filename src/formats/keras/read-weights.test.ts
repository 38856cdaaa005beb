import { describe, expect, it } from 'vitest';
import { referenceBytes } from '../../../test/support/reference.js';
import { floatTensor } from '../../base/tensor.js';
import { writeHdf5 } from '../hdf5.js';
import { zip } from '../zip.js';
import { readKerasWeights } from './read-weights.js';

const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const one = floatTensor([1], [1]);

async function archiveOf(config: unknown, ...paths: string[]): Promise<Uint8Array> {
  const weights = await writeHdf5({ groups: [{ path: 'vars' }], datasets: paths.map((path) => ({ path, tensor: one })) });
  return zip({ 'config.json': text(config), 'model.weights.h5': weights });
}

/** A model that lies so many deep in others. */
function nested(depth: number): object {
  const layers = depth === 0 ? [] : [nested(depth - 1)];
  return { class_name: 'Functional', config: { name: 'inner', layers } };
}

describe('readKerasWeights', () => {
  it('lists all layers and reads those that are wanted', async () => {
    const told: [number, number][] = [];
    const layers = await readKerasWeights(referenceBytes('keras-base.h5'), 'base.h5', [{ layer: 'dense_3', kind: 'Dense' }], (...progress) => told.push(progress));
    const names = ['conv2d_1', 'batch_normalization_1', 'conv2d_2', 'batch_normalization_2', 'conv2d_3', 'dense_1', 'dense_2', 'dense_3'];
    expect(layers.map(({ layer }) => layer)).toEqual(names);
    const read = layers.flatMap(({ arrays }) => arrays.filter(({ values }) => values !== undefined));
    expect(read.map(({ name, shape, values }) => [name, shape, values!.length])).toEqual([
      ['dense_3/kernel:0', [6, 8], 48],
      ['dense_3/bias:0', [8], 8],
    ]);
    expect(told).toEqual([
      [192, 224],
      [224, 224],
    ]);
  });

  it('names the layers of a .keras by its configuration', async () => {
    const layers = await readKerasWeights(referenceBytes('keras-varied.keras'), 'varied.keras', []);
    expect(layers.map(({ layer, arrays }) => [layer, arrays.length])).toEqual([
      ...[['first', 1], ['norm_a', 3], ['second', 2], ['third', 2]],
      ...[['norm_b', 4], ['hidden', 2], ['last', 2]],
    ]);
  });

  it('takes the name of a layer, not that of its arrays, which may have a number put to it', async () => {
    const groups = [
      { path: '', attributes: { layer_names: ['conv'] } },
      { path: 'conv', attributes: { weight_names: ['conv_1/kernel:0'] } },
    ];
    const bytes = await writeHdf5({ groups, datasets: [{ path: 'conv/conv_1/kernel:0', tensor: one }] });
    expect((await readKerasWeights(bytes, 'x.h5', []))[0]).toMatchObject({ layer: 'conv' });
  });

  it.each<[string, () => Promise<Uint8Array>, RegExp]>([
    ['HDF5 of something else', () => writeHdf5({ groups: [], datasets: [{ path: 'x', tensor: one }] }), /holds no weights that Keras would find$/],
    ['a list of what is not there', () => writeHdf5({ groups: [{ path: '', attributes: { layer_names: ['conv'] } }], datasets: [{ path: 'x', tensor: one }] }), /lists a layer "conv" that it does not hold$/],
    ['a configuration of something else', () => archiveOf({ config: 3 }, 'layers/conv2d/vars/0'), /its model configuration is damaged/],
    ['a configuration that is no JSON', () => Promise.resolve(zip({ 'config.json': Uint8Array.of(1), 'model.weights.h5': Uint8Array.of(1) })), /is not JSON$/],
    ['models without end in one another', () => archiveOf(nested(12), `${'layers/functional/'.repeat(12)}layers/conv2d/vars/0`), /more than 8 deep in one another$/],
  ])('refuses %s', async (_, make, message) => {
    await expect(readKerasWeights(await make(), 'file', [])).rejects.toThrow(message);
  });
});
