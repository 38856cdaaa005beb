import type { Layer } from '../nn/layer.js';
import { inputNormalisationLayer } from '../nn/layers/index.js';

/** Whose weights a network is laid out for. */
export type Origin = 'keras' | 'torch';

/**
 * What the weights of ImageNet were trained on, made from pictures of 0..1 (RGB). Keras's `preprocess_input` of VGG16 and
 * ResNet50 (mode `caffe`) takes the mean levels off 0..255, in the order BGR; torchvision and timm take mean and deviation
 * of 0..1, in the order RGB. It is a layer of its own, since the zeros around a picture come after it.
 */
export function preprocessing(origin: Origin): Layer {
  const name = 'preprocessing';
  if (origin === 'keras') {
    return inputNormalisationLayer(name, { colours: 'BGR', scale: 255, mean: [103.939, 116.779, 123.68], deviation: [1, 1, 1] });
  }
  const [mean, deviation] = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]] as const;
  return inputNormalisationLayer(name, { colours: 'RGB', scale: 1, mean, deviation });
}
