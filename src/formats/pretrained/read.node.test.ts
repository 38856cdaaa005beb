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
    ['a checkpoint of PyTorch', zip({ 'archive/data.pkl': text('x') }), 'is a checkpoint of PyTorch, a pickle', /^Save its tensors as safetensors/],
    ['an old checkpoint of PyTorch', Uint8Array.of(0x80, 0x02, 0x8a, 0x0a), 'is a checkpoint of PyTorch, a pickle', /^Save its tensors as safetensors/],
    ['a web page', text('<!doctype html><html></html>'), 'is a web page', /^Take the address of the file itself/],
    ['something else', text('weights'), 'is no file of weights that is known', /^Known are Keras's \.h5 and \.keras, safetensors and ONNX\.$/],
    ['nothing', new Uint8Array(), 'is no file of weights that is known', /^Known are/],
    ['JSON', referenceBytes('keras-files.json'), 'is no file of weights that is known', /^Known are/],
  ])('as %s, which is refused', async (_, bytes, reason, hint) => {
    const attempt = read(bytes, 'vgg16');
    await expect(attempt).rejects.toThrow(FormatError);
    await expect(attempt).rejects.toThrow(reason);
    await expect(attempt).rejects.toMatchObject({ hint: expect.stringMatching(hint) as unknown });
  });
});
