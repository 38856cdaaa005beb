import { FormatError } from '../../base/errors.js';
import type { StoredLayer } from '../keras/read-weights.js';
import type { LayerWeights } from '../keras/weights.js';
import type { Offer, WeightFile } from './offers.js';

/**
 * What a file of Keras offers: layers are matched by their names, the arrays of each by their order.
 * @param stored the layers of the file, with the values of those that the network has
 * @throws {FormatError} when a layer of that name has another number of arrays
 */
export function kerasOffers(stored: readonly StoredLayer[], layers: readonly LayerWeights[], file: string): WeightFile {
  const offers = new Map<string, Offer>();
  const sourceOf = (layer: string, array: string): string => (array.includes('/') ? array : `${layer}/${array}`);
  for (const { layer, weights } of layers) {
    const arrays = stored.find((entry) => entry.layer === layer)?.arrays;
    if (arrays === undefined) continue;
    if (arrays.length !== weights.length) {
      throw new FormatError(file, `layer "${layer}" has ${arrays.length} arrays, the network needs ${weights.length}`);
    }
    for (const [place, { name, kerasShape, fromKeras }] of weights.entries()) {
      const { name: array, shape, values } = arrays[place]!;
      offers.set(name, { source: sourceOf(layer, array), shape, needed: kerasShape, read: () => fromKeras(values!) });
    }
  }
  const kernels = stored.flatMap(({ layer, arrays }) =>
    arrays.filter(({ shape }) => shape.length === 4).map(({ name }) => sourceOf(layer, name)),
  );
  return { origin: 'Keras', offers, kernels, notes: [], hint: 'Files of VGG16 and ResNet50 of keras.applications fit the models vgg16 and resnet-50.' };
}
