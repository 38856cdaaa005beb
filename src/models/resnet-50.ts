import { heNormal } from '../nn/initialisers.js';
import type { Layer } from '../nn/layer.js';
import {
  activationLayer,
  batchNormLayer,
  convolutionLayer,
  globalAveragePoolLayer,
  maxPoolLayer,
  residualLayer,
  zeroPaddingLayer,
} from '../nn/layers/index.js';
import type { NetworkDefinition } from '../nn/network.js';
import type { Origin } from './preprocessing.js';
import { preprocessing } from './preprocessing.js';
import { reportHead } from './report-head.js';

/** Numbers of channels of the first convolution and, in the four stages, of the 3×3 convolutions; units of the head. */
export interface Resnet50Widths {
  readonly stem: number;
  readonly channels: readonly [number, number, number, number];
  readonly units: readonly [number, number];
}

const BLOCKS = [3, 4, 6, 3] as const;
/** A block gives this many times the channels of its 3×3 convolution. */
const EXPANSION = 4;

/** What Keras and torchvision do differently in the same network. */
interface Style {
  /** Names of the layers before the first stage: convolution, normalisation, activation, padding, pooling. */
  readonly stem: readonly [string, string, string, string, string];
  /** Where a stage halves the resolution: in the first 1×1 convolution (He et al.), or in the 3×3 one (v1.5). */
  readonly halvesIn: 'first' | 'second';
  readonly bias: boolean;
  readonly epsilon: number;
  /** Share of the old value that moving statistics keep. */
  readonly momentum: number;
  readonly features: string;
  readonly nameOf: (stage: number, block: number) => BlockNames;
}

interface BlockNames {
  readonly block: string;
  readonly convolution: (place: number) => string;
  readonly normalisation: (place: number) => string;
  readonly activation: (place: number) => string;
  /** Convolution and normalisation of the shortcut. */
  readonly shortcut: readonly [string, string];
}

const STYLES: Readonly<Record<Origin, Style>> = {
  keras: {
    stem: ['conv1_conv', 'conv1_bn', 'conv1_relu', 'pool1_pad', 'pool1_pool'],
    ...{ halvesIn: 'first', bias: true, epsilon: 1.001e-5, momentum: 0.99, features: 'avg_pool' },
    nameOf(stage, number) {
      const block = `conv${stage + 2}_block${number + 1}`;
      return {
        block,
        convolution: (place) => `${block}_${place}_conv`,
        normalisation: (place) => `${block}_${place}_bn`,
        activation: (place) => `${block}_${place}_relu`,
        shortcut: [`${block}_0_conv`, `${block}_0_bn`],
      };
    },
  },
  torch: {
    stem: ['conv1', 'bn1', 'relu', 'maxpool_pad', 'maxpool'],
    ...{ halvesIn: 'second', bias: false, epsilon: 1e-5, momentum: 0.9, features: 'avgpool' },
    nameOf(stage, number) {
      const block = `layer${stage + 1}_${number}`;
      return {
        block,
        convolution: (place) => `${block}_conv${place}`,
        normalisation: (place) => `${block}_bn${place}`,
        activation: (place) => `${block}_relu${place}`,
        shortcut: [`${block}_downsample_0`, `${block}_downsample_1`],
      };
    },
  },
};

/** The layers of ResNet-50 with the report's head, of any widths. */
export function resnet50Layers(origin: Origin, { stem, channels, units }: Resnet50Widths, classes: number): Layer[] {
  const style = STYLES[origin];
  const [convolution, normalisation, activation, padding, pool] = style.stem;
  const stages = BLOCKS.flatMap((count, stage) =>
    Array.from({ length: count }, (_, block) => blockLayer(style, stage, block, channels[stage]!)),
  );
  return [
    preprocessing(origin),
    ...(origin === 'keras' ? [zeroPaddingLayer('conv1_pad', [3, 3, 3, 3])] : []),
    convolutionLayer(convolution, {
      ...{ filters: stem, kernel: 7, stride: 2, padding: origin === 'keras' ? 0 : 3, bias: style.bias, initialise: heNormal },
    }),
    batchNormLayer(normalisation, style),
    activationLayer(activation, 'relu'),
    // After ReLU, zeros at the border never are a maximum that matters: torchvision's padding by -∞ gives the same.
    zeroPaddingLayer(padding, [1, 1, 1, 1]),
    maxPoolLayer(pool, 3, 2),
    ...stages,
    globalAveragePoolLayer(style.features),
    ...reportHead(units, classes),
  ];
}

function blockLayer(style: Style, stage: number, block: number, channels: number): Layer {
  const { bias, halvesIn, nameOf } = style;
  const names = nameOf(stage, block);
  const isFirst = block === 0;
  const stride = isFirst && stage > 0 ? 2 : 1;
  const convolution = (name: string, kernel: 1 | 3, filters: number, step: number): Layer =>
    convolutionLayer(name, { kernel, filters, stride: step, padding: kernel === 3 ? 1 : 0, bias, initialise: heNormal });
  const normalisation = (name: string): Layer => batchNormLayer(name, style);
  const [shortcutConvolution, shortcutNormalisation] = names.shortcut;
  return residualLayer(names.block, {
    main: [
      convolution(names.convolution(1), 1, channels, halvesIn === 'first' ? stride : 1),
      normalisation(names.normalisation(1)),
      activationLayer(names.activation(1), 'relu'),
      convolution(names.convolution(2), 3, channels, halvesIn === 'second' ? stride : 1),
      normalisation(names.normalisation(2)),
      activationLayer(names.activation(2), 'relu'),
      convolution(names.convolution(3), 1, EXPANSION * channels, 1),
      normalisation(names.normalisation(3)),
    ],
    shortcut: isFirst
      ? [convolution(shortcutConvolution, 1, EXPANSION * channels, stride), normalisation(shortcutNormalisation)]
      : [],
    activation: 'relu',
  });
}

const FULL: Resnet50Widths = { stem: 64, channels: [64, 128, 256, 512], units: [512, 256] };

/**
 * ResNet-50 (He et al., "Deep residual learning for image recognition", 2016) as `ResNet50` of `keras.applications`, from
 * the preprocessing to `avg_pool`, under Keras's names of layers: convolutions with biases, a stage halves the resolution in
 * its first 1×1 convolution. What `include_top=False` leaves, maps [N, 2048, H/32, W/32], is averaged over each channel as
 * in Keras's own top, and the report's head follows.
 */
export const resnet50: NetworkDefinition = { name: 'resnet-50', layers: (classes) => resnet50Layers('keras', FULL, classes) };

/**
 * The same for the weights of torchvision and timm: their preprocessing, their names with `_` for `.`, convolutions without
 * biases, and the resolution is halved in the 3×3 convolution ("v1.5").
 */
export const resnet50Torch: NetworkDefinition = {
  name: 'resnet-50-torch',
  layers: (classes) => resnet50Layers('torch', FULL, classes),
};
