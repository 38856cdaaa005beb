import { readFile } from 'node:fs/promises';
import { expect, it, onTestFinished } from 'vitest';
import { floatTensor } from '../base/tensor.js';
import { readSafetensors } from '../formats/safetensors.js';
import { Session } from '../runtime/session.node.js';

/** The picture by formula of test/reference/face-models.js: planes [3, size, size]. */
function formulaPicture(size: number, offset: number, scale: number): Float32Array {
  const values: number[] = [];
  for (let channel = 0; channel < 3; channel++) {
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const wave = Math.sin(0.05 * row + 0.11 * (channel + 1)) * Math.cos(0.04 * column);
        values.push(offset + scale * (0.6 * wave + 0.4 * Math.cos(0.013 * row * (channel + 1))));
      }
    }
  }
  return Float32Array.from(values);
}

it.each([
  ['detector', 224, 0, 1, ['boxes_16', 'boxes_32', 'scores_16', 'scores_32']],
  ['mesh', 192, 0.5, 0.5, ['points', 'presence']],
] as const)('the %s computes what TensorFlow.js does', async (name, size, offset, scale, names) => {
  const reference = await readFile(new URL('../../test/reference/face-models.safetensors', import.meta.url));
  const { tensors } = readSafetensors(reference);
  const session = await Session.create(await readFile(new URL(`../../models/faces/${name}.onnx`, import.meta.url)));
  onTestFinished(() => session.dispose());
  const outputs = await session.run({ images: floatTensor(formulaPicture(size, offset, scale), [1, 3, size, size]) });
  expect(Object.keys(outputs).sort()).toEqual(names);
  for (const output of names) {
    const expected = Array.from(tensors.get(output)!.data, Number);
    const computed = Array.from(outputs[output]!.data, Number);
    const largest = Math.max(...expected.map(Math.abs));
    const difference = Math.max(...expected.map((value, index) => Math.abs(value - computed[index]!)));
    expect(difference / largest, output).toBeLessThan(1e-5);
  }
});
