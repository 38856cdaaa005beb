import { describe, expect, it } from 'vitest';
import { floatTensor } from '../../base/tensor.js';
import type { NewHdf5 } from '../hdf5.js';
import { readHdf5, writeHdf5 } from '../hdf5.js';
import { isNumbered, numberedLayers } from './numbered-layers.js';

const WANTED = ['one', 'two'].map((layer) => ({ layer, kind: 'Conv2D' }));

/** A file with layers at these paths, each with one number: its place in the list. @param names what the layers are called */
async function fileOf(paths: readonly string[], names: readonly string[] = []): Promise<Uint8Array> {
  const groups: NewHdf5['groups'] = paths.map((path, index) => ({ path: `${path}/vars`, attributes: names[index] === undefined ? {} : { name: names[index] } }));
  return await writeHdf5({ groups, datasets: paths.map((path, index) => ({ path: `${path}/vars/0`, tensor: floatTensor([index], [1]) })) });
}

/** Name of each layer, and the number in it. */
async function layersOf(bytes: Uint8Array, wanted = WANTED): Promise<[string, number][]> {
  return await readHdf5(bytes, 'x', (root) => numberedLayers(root, wanted, 'x').map(([name, arrays]) => [name, arrays[0]!.read()[0]!]));
}

const range = (count: number): number[] => [...Array(count).keys()];

describe('numberedLayers', () => {
  it('goes by number where there are no names, which is not the order of letters', async () => {
    const paths = range(11).map((index) => `layers/conv2d${index === 0 ? '' : `_${index}`}`);
    const wanted = range(11).map((index) => ({ layer: `layer ${index}`, kind: 'Conv2D' }));
    expect(await layersOf(await fileOf(paths), wanted)).toEqual(range(11).map((index) => [`layer ${index}`, index]));
  });

  it('goes by name where all that are wanted have one, whatever their numbers', async () => {
    const paths = ['layers/conv2d', 'layers/conv2d_1', 'layers/functional/layers/conv2d'];
    expect(await layersOf(await fileOf(paths, ['two', 'other', 'one']))).toEqual([['one', 2], ['two', 0], ['layers/conv2d_1', 1]]);
    expect(await layersOf(await fileOf(paths.slice(0, 2), ['two', 'other']))).toEqual([['one', 0], ['two', 1]]);
  });

  it('counts each class by itself, and knows the first name of the group', async () => {
    const paths = ['_layer_checkpoint_dependencies/dense', '_layer_checkpoint_dependencies/conv2d', '_layer_checkpoint_dependencies/conv2d_1'];
    const wanted = [...WANTED, { layer: 'last', kind: 'Dense' }];
    expect(await layersOf(await fileOf(paths), wanted)).toEqual([['one', 1], ['two', 2], ['last', 0]]);
  });

  it('leaves out what is not there, and keeps what is left over', async () => {
    expect(await layersOf(await fileOf(['layers/conv2d']))).toEqual([['one', 0]]);
    const paths = ['layers/conv2d', 'layers/conv2d_1', 'layers/conv2d_2', 'layers/separable_conv2d'];
    expect((await layersOf(await fileOf(paths))).slice(2)).toEqual([['layers/conv2d_2', 2], ['layers/separable_conv2d', 3]]);
  });

  it.each<[string, string[], string]>([
    ['models side by side', ['layers/conv2d', 'layers/functional/layers/conv2d'], 'x: has layers of the class conv2d in layers and in layers/functional/layers, and does not say in what order'],
    ['models without end in one another', [`${'layers/functional/'.repeat(9)}layers/conv2d`], 'x: holds models that lie more than 8 deep in one another'],
    ['layers without end', range(2001).map((index) => `layers/conv2d_${index}`), 'x: holds more than 2000 layers'],
  ])('refuses %s', async (_, paths, message) => {
    await expect(layersOf(await fileOf(paths))).rejects.toThrow(message);
  });
});

it('isNumbered tells such files from others', async () => {
  const tell = async (path: string): Promise<boolean> => await readHdf5(await fileOf([path]), 'x', isNumbered);
  expect(await tell('layers/conv2d')).toBe(true);
  expect(await tell('conv2d')).toBe(false);
});
