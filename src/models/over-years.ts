import { bandsOfYearsLayer } from '../nn/layers/index.js';
import type { YearRange } from '../nn/layers/index.js';
import type { NetworkDefinition } from '../nn/network.js';

/** The last year of the distribution; who is older counts as that old. */
export const OLDEST_YEAR = 100;

/**
 * The same network with an output for each year of age, of which a last layer makes the bands.
 * @param ranges first and last year of each band, from young to old
 */
export function overYears(network: NetworkDefinition, ranges: readonly YearRange[]): NetworkDefinition {
  return {
    name: network.name,
    layers: () => [...network.layers(OLDEST_YEAR + 1), bandsOfYearsLayer('bands', ranges)],
  };
}
