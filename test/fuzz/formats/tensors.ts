/** Tensors and archives: safetensors of all kinds, state dicts of PyTorch, and zip. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { unzipSync, zipSync } from 'fflate';
import { readSafetensors, writeSafetensors } from '../../../src/formats/safetensors.js';
import { exportRun } from '../../../src/training/export.js';
import { importModel } from '../../../src/training/import-run.js';
import { readPretrained } from '../../../src/formats/pretrained/read.node.js';
import { readTorchTensors } from '../../../src/formats/torch/read.js';
import { unzip, zip } from '../../../src/formats/zip.js';
import { SIZES, smallPretrained, torchTensors, unpacked } from '../../support/pretrained.js';
import { referenceBytes } from '../../support/reference.js';
import type { Family } from '../format.js';
import { mutatedBinary, mutatedText } from '../mutations.js';
import { makeSmallRun } from '../small-run.js';
import { mutatedSafetensors } from './safetensors-cases.js';

export async function openTensors(folder: string): Promise<Family> {

  const tiny = Buffer.concat(
    writeSafetensors(
      [
        ['a', { type: 'float32', data: Float32Array.of(1, 2), shape: [2] }],
        ['b', { type: 'int64', data: BigInt64Array.of(3n), shape: [] }],
        ['c', { type: 'bool', data: Uint8Array.of(1, 0, 1), shape: [3, 1] }],
      ],
      { made: 'here' },
    ),
  );
  const exported = join(folder, 'model.safetensors');
  await exportRun(await makeSmallRun(folder), exported);
  const model = await readFile(exported);
  const network = smallPretrained('vgg16-torch');
  const torch = Buffer.concat(writeSafetensors(torchTensors(network)));
  const content = { 'config.json': Buffer.from('{"a":1}'), 'model.weights.h5': Buffer.alloc(300, 7), 'x/y': Buffer.from('z') };
  const names = ['config.json', 'model.weights.h5'] as const;
  const widths = referenceBytes('float-widths.safetensors');
  const [archive, old] = [referenceBytes('torch-tensors.pth'), referenceBytes('torch-tensors-old.pth')];
  const checkpoints = [unpacked('torch-resnet-50.pth.gz'), unpacked('torch-vgg16-old.pth.gz')];
  const pickles = [archive, checkpoints[0]!].map((bytes) => unzipSync(bytes));
  const PICKLE = 'archive/data.pkl';
  /** Archives that are whole, with a pickle that is not. */
  const damagedPickles = fc.oneof(...pickles.map((members) => mutatedBinary([members[PICKLE]!]).map((bytes) => zip({ ...members, [PICKLE]: bytes }))));
  let imports = 0;
  return {
    formats: [
      {
        name: 'safetensors',
        cases: fc.oneof(mutatedBinary([tiny, widths]), mutatedText([tiny]), mutatedSafetensors([tiny, widths])),
        read: (bytes, file) => readSafetensors(bytes, file, { anyFloats: true }),
      },
      {
        name: 'safetensors-import',
        file: 'case.safetensors',
        cases: fc.oneof(mutatedBinary([model]), mutatedSafetensors([model])),
        read: (_, file) => importModel(file, join(folder, `import-${++imports}`)),
      },
      {
        name: 'safetensors-pretrained',
        cases: fc.oneof(mutatedBinary([torch, tiny]), mutatedSafetensors([torch])),
        read: (bytes, file) => readPretrained(bytes, file, { network, ...SIZES }),
      },
      {
        name: 'torch',
        cases: fc.oneof(mutatedBinary([archive]), mutatedBinary([old]), damagedPickles),
        read: (bytes, file) => [...readTorchTensors(bytes, file).values()].map(({ data }) => data.length),
      },
      {
        name: 'torch-pretrained',
        cases: fc.oneof(...checkpoints.map((bytes) => mutatedBinary([bytes])), damagedPickles),
        read: (bytes, file) => readPretrained(bytes, file, { network, ...SIZES }),
      },
      { name: 'zip', cases: mutatedBinary([zip(content), zipSync(content, { level: 9 })]), read: (bytes, file) => unzip(bytes, names, file) },
    ],
  };
}
