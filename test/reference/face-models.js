/**
 * Makes face-models.safetensors: what TensorFlow.js computes with the two face networks for a picture by formula.
 * To run it, in a folder of its own:
 *   npm install @tensorflow/tfjs-core@4 @tensorflow/tfjs-converter@4 @tensorflow/tfjs-backend-cpu@4 @vladmandic/human@3.3.6
 *   node face-models.js face-models.safetensors
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(join(process.cwd(), 'x.js'));
const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');
const { loadGraphModel } = require('@tensorflow/tfjs-converter');
const models = join(dirname(dirname(require.resolve('@vladmandic/human'))), 'models');

/** The picture: value of a channel at a row and column, -1..1. Face-models.test.ts has the same formula. */
const pixel = (row, column, channel) =>
  0.6 * Math.sin(0.05 * row + 0.11 * (channel + 1)) * Math.cos(0.04 * column) + 0.4 * Math.cos(0.013 * row * (channel + 1));

/**
 * Lets a network see pictures of another size: besides its input, only the shapes [1, anchors, values] that results are
 * brought to name one, and there anchors become -1.
 */
function resize({ modelTopology, weightsManifest }, bytes, size) {
  const { dim } = modelTopology.node.find(({ op }) => op === 'Placeholder').attr.shape.shape;
  dim[1].size = dim[2].size = String(size);
  let offset = 0;
  for (const { shape, dtype, quantization } of weightsManifest[0].weights) {
    const count = shape.reduce((product, length) => product * length, 1);
    if (dtype === 'int32' && count === 3) bytes.writeInt32LE(-1, offset + 4);
    offset += count * (quantization ? 2 : 4);
  }
}

async function run(name, size, outputs, offset, scale) {
  const model = JSON.parse(readFileSync(join(models, `${name}.json`), 'utf8'));
  const bytes = readFileSync(join(models, `${name}.bin`));
  resize(model, bytes, size);
  const network = await loadGraphModel({
    load: async () => ({
      modelTopology: model.modelTopology,
      weightSpecs: model.weightsManifest[0].weights,
      weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
    }),
  });
  const values = new Float32Array(size * size * 3);
  for (let i = 0, row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      for (let channel = 0; channel < 3; channel++) values[i++] = offset + scale * pixel(row, column, channel);
  const results = network.execute(tf.tensor4d(values, [1, size, size, 3]), Object.keys(outputs));
  return results.map((tensor, index) => [Object.values(outputs)[index], tensor.dataSync()]);
}

await tf.setBackend('cpu');
const detector = { Identity: 'scores_16', Identity_1: 'scores_32', Identity_2: 'boxes_16', Identity_3: 'boxes_32' };
const tensors = [
  ...(await run('blazeface', 224, detector, 0, 1)),
  ...(await run('facemesh', 192, { Identity_2: 'points', Identity_1: 'presence' }, 0.5, 0.5)),
];
let offset = 0;
const header = {};
for (const [name, data] of tensors) {
  header[name] = { dtype: 'F32', shape: [data.length], data_offsets: [offset, (offset += data.byteLength)] };
}
const json = Buffer.from(JSON.stringify(header));
const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
const length = Buffer.alloc(8);
length.writeBigUInt64LE(BigInt(padded.length));
writeFileSync(process.argv[2], Buffer.concat([length, padded, ...tensors.map(([, data]) => Buffer.from(data.buffer, data.byteOffset, data.byteLength))]));
