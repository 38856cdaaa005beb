/** Class maps against numbers made with PyTorch (see test/reference/explanations.py). */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { relativeDifference } from '../../test/support/numeric.js';
import { pooledNetwork } from '../../test/support/networks.js';
import type { HostTensor } from '../base/tensor.js';
import { floatTensor } from '../base/tensor.js';
import { readSafetensors } from '../formats/safetensors.js';
import type { Widths } from '../models/baseline.js';
import { baselineLayers } from '../models/baseline.js';
import { leviHassnerLayers } from '../models/levi-hassner.js';
import type { NetworkDefinition } from '../nn/network.js';
import { Session } from '../runtime/session.node.js';
import type { MapMethod } from './map-methods.js';
import { explanationModel } from './explanation-model.js';
import { spreadMap } from './heat-map.js';

const TOLERANCE = 1e-4;
const CLASSES = Array.from({ length: 8 }, (_, index) => `class ${index}`);

const widths: Widths = { filters: [6, 8, 10], units: [16, 12] };
const leviHassnerOf = (alpha: number): NetworkDefinition => ({
  name: 'levi-hassner',
  layers: (classes) => leviHassnerLayers(widths, { size: 5, alpha, beta: 0.75, bias: 1 }, classes),
});
const NETWORKS: [string, NetworkDefinition][] = [
  ['baseline', { name: 'baseline', layers: (classes) => baselineLayers(widths, classes) }],
  ['levi-hassner', leviHassnerOf(1e-4)],
  ['levi-hassner-alpha-1', leviHassnerOf(1)],
];

type Tensors = Map<string, HostTensor<'float32'>>;

async function readReference(name: string): Promise<Tensors> {
  const bytes = await readFile(fileURLToPath(new URL(`../../test/reference/${name}.safetensors`, import.meta.url)));
  return readSafetensors(bytes, name).tensors as Tensors;
}

const reference = await readReference('explanations');
const targets = Array.from(reference.get('targets')!.data as unknown as BigInt64Array, Number);

/** What the model of a network gives for the pictures, each with the class of its own. */
async function explain(
  network: NetworkDefinition,
  weights: Tensors,
  pictures: HostTensor,
  method?: MapMethod,
  layer?: string,
): Promise<Record<string, HostTensor>> {
  const [batch, , imageSize] = pictures.shape as [number, number, number, number];
  const chosen = { ...(method && { method }), ...(layer && { layer }) };
  const { bytes } = explanationModel({ network, weights, imageSize, classes: CLASSES, batch, ...chosen });
  const oneHot = new Float32Array(batch * CLASSES.length);
  targets.forEach((target, picture) => (oneHot[picture * CLASSES.length + target] = 1));
  const session = await Session.create(bytes, { threads: 1 });
  try {
    return await session.run({ images: pictures, class_weights: floatTensor(oneHot, [batch, CLASSES.length]) });
  } finally {
    await session.dispose();
  }
}

describe.each(NETWORKS)('%s agrees with PyTorch', (name, network) => {
  describe.each(['grad-cam', 'grad-cam++', 'hires-cam'] as const)('in %s', (method) => {
    it.each(['conv1', 'conv2', 'conv3'])('at %s', async (layer) => {
      const step = await readReference(`${name}-step`);
      const { maps, probabilities } = await explain(network, step, step.get('pictures')!, method, layer);
      expect(relativeDifference(maps, reference.get(`${name}.${method}.${layer}`)!)).toBeLessThan(TOLERANCE);
      expect(relativeDifference(probabilities, step.get('inference.probabilities')!)).toBeLessThan(TOLERANCE);
    });
  });

  it('at the last convolution with 5 × 5 cells, in HiResCAM, where nothing is named', async () => {
    const step = await readReference(`${name}-step`);
    const { maps } = await explain(network, step, step.get('pictures')!);
    expect(relativeDifference(maps, reference.get(`${name}.hires-cam.conv3`)!)).toBeLessThan(TOLERANCE);
  });
});

describe('a network that ends in global average pooling agrees with PyTorch', () => {
  const weights: Tensors = new Map(
    [...reference].filter(([name]) => name.startsWith('pooled.')).map(([name, tensor]) => [name.slice(7), tensor]),
  );
  const pictures = weights.get('pictures')!;

  it.each(['cam', 'grad-cam'] as const)('in %s', async (method) => {
    const { maps, probabilities } = await explain(pooledNetwork, weights, pictures, method);
    expect(relativeDifference(maps, weights.get(method)!)).toBeLessThan(TOLERANCE);
    expect(relativeDifference(probabilities, weights.get('probabilities')!)).toBeLessThan(TOLERANCE);
  });

  it('and its Grad-CAM is what speaks for the class in its class activation map, times the number of cells', async () => {
    const cam = (await explain(pooledNetwork, weights, pictures, 'cam'))['maps']!.data as Float32Array;
    const { maps } = await explain(pooledNetwork, weights, pictures, 'grad-cam');
    const expected = floatTensor(cam.map((value) => Math.max(value, 0) / 64), [4, 8, 8]);
    expect(relativeDifference(maps, expected)).toBeLessThan(TOLERANCE);
  });
});

describe('a map over a picture agrees with PyTorch', () => {
  const { data: values, shape } = reference.get('spread.map')!;
  const [height, width] = shape as [number, number];

  it.each([[48, 48], [31, 70], [3, 2]])('of %d × %d pixels', (rows, columns) => {
    const spread = spreadMap({ values, height, width }, columns, rows);
    const expected = reference.get(`spread.${rows}x${columns}`)!;
    expect(relativeDifference(floatTensor(spread, [rows, columns]), expected)).toBeLessThan(TOLERANCE);
  });
});
