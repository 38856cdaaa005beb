import { ShapeError } from '../../base/errors.js';
import { shapeText } from '../../base/tensor.js';
import type { Signature, Value } from '../graph.js';
import type { Application, InferenceRule } from '../application.js';
import { integerAttribute, integersAttribute, requireInput } from '../application.js';

/** Geometry of a two-dimensional window. Pads are [top, left, bottom, right], in pixels. */
export interface Window {
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly dilations: readonly [number, number];
}

/** The window of a node, with ONNX's defaults. */
export function windowOf(application: Pick<Application, 'attributes'>): Window {
  const read = (name: string, fallback: readonly number[]) => integersAttribute(application.attributes, name, fallback);
  return {
    strides: read('strides', [1, 1]) as unknown as [number, number],
    pads: read('pads', [0, 0, 0, 0]) as unknown as [number, number, number, number],
    dilations: read('dilations', [1, 1]) as unknown as [number, number],
  };
}

/**
 * Height and width that a window of `kernel` leaves of `height` × `width` (valid positions only).
 * @throws {ShapeError} when the window is larger than the padded picture.
 */
export function windowedSize(
  where: string,
  [height, width]: readonly [number, number],
  kernel: readonly number[],
  window: Window,
): [number, number] {
  const [top, left, bottom, right] = window.pads;
  const padded = [height + top + bottom, width + left + right] as const;
  const size = ([0, 1] as const).map((axis) => {
    const extent = (kernel[axis]! - 1) * window.dilations[axis] + 1;
    return Math.floor((padded[axis] - extent) / window.strides[axis]) + 1;
  }) as [number, number];
  if (size[0] < 1 || size[1] < 1) {
    throw new ShapeError(
      `${where}: a window of ${kernel.join('×')} does not fit into a picture of ${height}×${width}`,
      { hint: 'Use a larger picture size, or a network with fewer or smaller windows.' },
    );
  }
  return size;
}

function convolutionRule(application: Application): Signature[] {
  const x = requireInput(application, 0);
  const kernel = requireInput(application, 1);
  const bias = application.inputs[2];
  const groups = integerAttribute(application.attributes, 'group', 1);
  if (x.shape.length !== 4 || kernel.shape.length !== 4) {
    throw new ShapeError(
      `${application.name}: Conv needs a picture [N, C, H, W] and a kernel [O, C/groups, H, W], got ${shapeText(x.shape)} and ${shapeText(kernel.shape)}`,
    );
  }
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const [outputChannels, kernelChannels, ...kernelSize] = kernel.shape as [number, number, number, number];
  if (channels !== kernelChannels * groups || outputChannels % groups !== 0) {
    throw new ShapeError(
      `${application.name}: a picture ${shapeText(x.shape)} does not fit a kernel ${shapeText(kernel.shape)} in ${groups} groups`,
    );
  }
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== outputChannels)) {
    throw new ShapeError(`${application.name}: a bias ${shapeText(bias.shape)} does not fit ${outputChannels} channels`);
  }
  const size = windowedSize(application.name, [height, width], kernelSize, windowOf(application));
  return [{ type: x.type, shape: [batch, outputChannels, ...size] }];
}

function transposedRule(application: Application): Signature[] {
  const x = requireInput(application, 0);
  const kernel = requireInput(application, 1);
  const groups = integerAttribute(application.attributes, 'group', 1);
  const { strides, pads, dilations } = windowOf(application);
  const extra = integersAttribute(application.attributes, 'output_padding', [0, 0]);
  const [batch, channels, ...size] = x.shape as [number, number, number, number];
  const [inputChannels, outputChannels, ...kernelSize] = kernel.shape as [number, number, number, number];
  if (channels !== inputChannels) {
    throw new ShapeError(`${application.name}: ${shapeText(x.shape)} does not fit a transposed kernel ${shapeText(kernel.shape)}`);
  }
  const output = ([0, 1] as const).map(
    (axis) =>
      (size[axis] - 1) * strides[axis] + extra[axis]! + (kernelSize[axis] - 1) * dilations[axis] + 1 - pads[axis] - pads[axis + 2]!,
  );
  return [{ type: x.type, shape: [batch, outputChannels * groups, ...output] }];
}

export const convolutionRules: Readonly<Record<string, InferenceRule>> = {
  Conv: convolutionRule,
  ConvTranspose: transposedRule,
};

/** Options of a convolution; the defaults are stride 1, no padding, no dilation, one group. */
export interface ConvolutionOptions extends Partial<Window> {
  readonly groups?: number;
}

/**
 * Cross-correlation, as every framework calls a convolution.
 * @param x [N, C, H, W]
 * @param kernel [O, C/groups, kH, kW]
 * @param bias [O]
 * @returns [N, O, oH, oW]
 */
export function convolution(x: Value, kernel: Value, bias?: Value, options: ConvolutionOptions = {}): Value {
  const inputs = bias ? [x, kernel, bias] : [x, kernel];
  return x.graph.apply('Conv', inputs, convolutionAttributes(kernel, options))[0];
}

/**
 * The transpose of a convolution: the gradient of its input.
 * @param x [N, O, oH, oW]
 * @param kernel [O, C/groups, kH, kW]
 * @param outputPadding rows and columns at the end that no window reached
 * @returns [N, C, H, W]
 */
export function transposedConvolution(
  x: Value,
  kernel: Value,
  options: ConvolutionOptions & { readonly outputPadding?: readonly [number, number] } = {},
): Value {
  const attributes = { ...convolutionAttributes(kernel, options), output_padding: options.outputPadding ?? [0, 0] };
  return x.graph.apply('ConvTranspose', [x, kernel], attributes)[0];
}

function convolutionAttributes(kernel: Value, options: ConvolutionOptions) {
  return {
    kernel_shape: kernel.shape.slice(2),
    strides: options.strides ?? [1, 1],
    pads: options.pads ?? [0, 0, 0, 0],
    dilations: options.dilations ?? [1, 1],
    group: options.groups ?? 1,
  };
}
