/** Layers of this package as layers of Keras. */
import { ConfigError } from '../../base/errors.js';
import type { LayerDescription } from '../../nn/description.js';
import type { KerasLayer } from './model-config.js';

const SHARED = { trainable: true, dtype: 'float32' };
const FORMAT = { data_format: 'channels_last' };

/**
 * The layers from pictures (0..1) to probabilities: where a network ends in logits here, Keras's ends in softmax.
 * @throws {ConfigError} when a layer has no counterpart in Keras
 */
export function toKeras(layers: readonly LayerDescription[]): KerasLayer[] {
  const own = layers.flatMap(convert);
  const last = own.at(-1)!;
  if (last.className === 'Dense' && last.config['activation'] === 'linear') {
    return [...own.slice(0, -1), { ...last, config: { ...last.config, activation: 'softmax' } }];
  }
  return [...own, layer('Activation', freeName('probabilities', layers), { activation: 'softmax' })];

  function convert(description: LayerDescription): KerasLayer[] {
    const { kind, name } = description;
    switch (kind) {
      case 'Activation':
        return [layer(kind, name, { activation: description.activation })];
      case 'AveragePooling2D':
      case 'MaxPooling2D': {
        const { size, stride, padding } = description;
        return [layer(kind, name, { pool_size: size, strides: stride, padding, ...FORMAT })];
      }
      case 'BatchNormalization': {
        const { momentum, epsilon, scale, centre } = description;
        return [layer(kind, name, { axis: -1, momentum, epsilon, center: centre, scale })];
      }
      case 'Conv2D': {
        const { filters, kernel, stride, dilation, padding, bias, activation } = description;
        const isWord = typeof padding === 'string';
        const convolution = layer(kind, name, {
          ...{ filters, kernel_size: kernel, strides: stride, padding: isWord ? padding : 'valid', ...FORMAT },
          ...{ dilation_rate: dilation, activation, use_bias: bias },
        });
        return isWord ? [convolution] : [zeroPadding(freeName(`${name}_padding`, layers), padding), convolution];
      }
      case 'Dense':
        return [layer(kind, name, { units: description.units, activation: description.activation, use_bias: description.bias })];
      case 'Dropout':
        return [layer(kind, name, { rate: description.rate, noise_shape: null, seed: null })];
      case 'Flatten':
      case 'GlobalAveragePooling2D':
        return [layer(kind, name, FORMAT)];
      case 'Rescaling':
        return [layer(kind, name, { scale: description.scale, offset: description.offset })];
      case 'ZeroPadding2D':
        return [zeroPadding(name, description.padding)];
      case 'BandsOfYears':
      case 'InputNormalization':
      case 'LocalResponseNormalization':
      case 'Residual':
        throw new ConfigError(`layer "${name}" (${kind}) has no counterpart in Keras`, {
          hint: 'Export this network as ONNX or safetensors.',
        });
    }
  }
}

function layer(className: string, name: string, config: Readonly<Record<string, unknown>>): KerasLayer {
  return { className, name, config: { name, ...SHARED, ...config } };
}

function zeroPadding(name: string, [top, left, bottom, right]: readonly [number, number, number, number]): KerasLayer {
  return layer('ZeroPadding2D', name, { padding: [[top, bottom], [left, right]], ...FORMAT });
}

/** The wish, with underscores after it where a layer has that name. */
function freeName(wish: string, layers: readonly LayerDescription[]): string {
  return layers.some(({ name }) => name === wish) ? freeName(`${wish}_`, layers) : wish;
}
