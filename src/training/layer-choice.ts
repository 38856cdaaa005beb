import { ConfigError } from '../base/errors.js';
import { layerOfParameter, parameterSpecs } from '../nn/network.js';
import { chosenLayers } from '../nn/parts.js';
import type { TrainConfig } from './config.js';
import { networkOf } from './config.js';
import { freezes, parseRates, patternsOf } from './transfer-options.js';

/** What the settings say of layers, by their names. */
export interface LayerChoice {
  /** Those that are frozen at first. */
  readonly frozen: ReadonlySet<string>;
  /** Factors on the learning rate. */
  readonly rates: ReadonlyMap<string, number>;
}

/** @throws {ConfigError} when the settings name a layer that does not exist, or freeze all */
export function chooseLayers(config: TrainConfig, classes: readonly string[]): LayerChoice {
  const { freeze, rates = '', imageSize } = config;
  const network = networkOf({ ...config, classes: [...classes] });
  const specs = parameterSpecs(network, { imageSize, classes: classes.length });
  const weighted = new Set(specs.map(({ name }) => layerOfParameter(name)));
  const layers = network.layers(classes.length);
  const frozen = freezes(config) ? chosenLayers(layers, patternsOf(freeze!), weighted, 'freeze') : new Set<string>();
  if ([...weighted].every((name) => frozen.has(name))) {
    throw new ConfigError(`freeze: no layer is left to train, got ${JSON.stringify(freeze)}`, {
      hint: 'To train the last layers alone: --freeze backbone.',
    });
  }
  const factors = rates === '' ? [] : parseRates(rates)!;
  return {
    frozen,
    rates: new Map(
      factors.flatMap(([pattern, factor]) => [...chosenLayers(layers, [pattern], weighted, 'rates')].map((name) => [name, factor] as const)),
    ),
  };
}
