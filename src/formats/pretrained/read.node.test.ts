import { describe, expect, it } from 'vitest';
import { headOf, layoutsOf, SIZES, smallPretrained, torchTensors, unpacked } from '../../../test/support/pretrained.js';
import { referenceBytes } from '../../../test/support/reference.js';
import { FormatError } from '../../base/errors.js';
import type { HostTensor } from '../../base/tensor.js';
import { floatTensor, sizeOf } from '../../base/tensor.js';
import { buildNetwork } from '../../nn/network.js';
import { serialise } from '../../graph/serialise.js';
import { writeSafetensors } from '../safetensors.js';
import { contractMetadata } from '../onnx-contract.js';
import { networkMetadata } from '../onnx-network.js';
import { zip } from '../zip.js';
import { readPretrained } from './read.node.js';

const read = (bytes: Uint8Array, name: string) => readPretrained(bytes, 'weights', { network: smallPretrained(name), ...SIZES });
const text = (content: string) => new TextEncoder().encode(content);

/** All parameters of a network, of which none is like another. */
function parametersOf(name: string): Map<string, HostTensor<'float32'>> {
  const all = layoutsOf(smallPretrained(name)).flatMap(({ weights }) => weights);
  return new Map(all.map(({ name: key, shape }, index) => [key, floatTensor(new Float32Array(sizeOf(shape)).fill(index + 1), shape)]));
}

// Files of Keras are read in a thread of the built package: test/training.test.ts.
describe('a file of weights is known by its content', () => {
  it('as safetensors of torchvision', async () => {
    const network = smallPretrained('resnet-50-torch');
    const { taken, anew } = await read(Buffer.concat(writeSafetensors(torchTensors(network))), 'resnet-50-torch');
    expect([taken.length, anew.length]).toEqual([106, 3]);
  });

  it('as safetensors in half precision', async () => {
    // 0x3c00 is 1 in float16; the counters are of another type.
    const tensors = [...torchTensors(smallPretrained('resnet-50-torch'))].map(([name, { type, shape }]) => [name, type, shape] as const);
    let offset = 0;
    const header = tensors.map(([name, type, shape]) => {
      const [dtype, width] = type === 'float32' ? ['F16', 2] : ['I64', 8];
      return [name, { dtype, shape, data_offsets: [offset, (offset += width * sizeOf(shape))] }];
    });
    const json = text(JSON.stringify(Object.fromEntries(header)));
    const data = Buffer.from(new Uint16Array(offset / 2).fill(0x3c00).buffer);
    const { tensors: taken } = await read(Buffer.concat([Buffer.from(BigUint64Array.of(BigInt(json.length)).buffer), json, data]), 'resnet-50-torch');
    expect(taken.get('conv1.kernel')!.data).toEqual(new Float32Array(4 * 3 * 49).fill(1));
  });

  it.each([
    ['an archive of PyTorch', 'torch-resnet-50.pth.gz', 'resnet-50-torch', 106],
    ['a checkpoint of a trainer', 'torch-vgg16-old.pth.gz', 'vgg16-torch', 13],
  ])('as %s', async (_, file, name, count) => {
    expect((await read(unpacked(file), name)).taken).toHaveLength(count);
  });

  it('as safetensors of ageband', async () => {
    const { tensors, anew } = await read(Buffer.concat(writeSafetensors(parametersOf('vgg16'))), 'vgg16');
    expect(anew).toEqual([]);
    expect(tensors.get('dense3.bias')!.data).toEqual(new Float32Array(3).fill(32));
  });

  it('as an ONNX file from elsewhere', async () => {
    expect((await read(unpacked('pretrained-resnet-50.onnx.gz'), 'resnet-50-torch')).taken).toHaveLength(106);
  });

  it('as an ONNX file of ageband', async () => {
    const network = smallPretrained('vgg16');
    const weights = new Map([...parametersOf('vgg16'), ...headOf(network)]);
    const { graph, logits } = buildNetwork(network, { ...SIZES, batch: 1, training: false, weights });
    graph.output('logits', logits);
    const metadata = {
      ...contractMetadata({ classes: ['a', 'b', 'c'], imageSize: SIZES.imageSize }),
      ...networkMetadata(network.layers(SIZES.classes).map(({ description }) => description), graph, []),
    };
    const { tensors, anew } = await read(serialise(graph, { metadata }), 'vgg16');
    expect(anew).toEqual([]);
    expect(tensors.get('dense3.kernel')).toEqual(weights.get('dense3.kernel'));
  });

  it.each<[string, Uint8Array, string, RegExp]>([
    ['a whole module of PyTorch', zip({ 'archive/data.pkl': Buffer.from('\x80\x02ctorchvision.models\nVGG\n.', 'latin1') }), 'asks for torchvision.models.VGG, which is refused', /^Only state dicts are read/],
    ['a web page', text('<!doctype html><html></html>'), 'is a web page', /^Take the address of the file itself/],
    ['something else', text('weights'), 'is no file of weights that is known', /^Known are Keras's \.h5 and \.keras, PyTorch's \.pth, safetensors and ONNX\.$/],
    ['nothing', new Uint8Array(), 'is no file of weights that is known', /^Known are/],
    ['JSON', referenceBytes('keras-files.json'), 'is no file of weights that is known', /^Known are/],
  ])('as %s, which is refused', async (_, bytes, reason, hint) => {
    const attempt = read(bytes, 'vgg16');
    await expect(attempt).rejects.toThrow(FormatError);
    await expect(attempt).rejects.toThrow(reason);
    await expect(attempt).rejects.toMatchObject({ hint: expect.stringMatching(hint) as unknown });
  });
});
