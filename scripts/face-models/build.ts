/**
 * Makes models/faces/ from the TensorFlow.js files of the package `@vladmandic/human` (MIT), which are MediaPipe's
 * BlazeFace (back camera) and Face Mesh (Apache-2.0): ONNX files that ONNX Runtime computes on any platform.
 */
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../../src/base/files.node.js';
import { serialise } from '../../src/graph/serialise.js';
import { convert } from './convert.js';
import { readTensorflowModel } from './tensorflow-model.js';

const SOURCE = dirname(dirname(fileURLToPath(import.meta.resolve('@vladmandic/human'))));
const TARGET = fileURLToPath(new URL('../../models/faces/', import.meta.url));

const MODELS = [
  {
    source: 'blazeface',
    target: 'detector.onnx',
    /**
     * It was trained at 256, where a photo best fills three quarters. At 224, filling six sevenths, photos are as large
     * and there is less frame to compute.
     */
    size: 224,
    /** Anchors on a grid of 14 × 14, 2 in each cell, and on one of 7 × 7, 6 in each. */
    outputs: { Identity: 'scores_16', Identity_1: 'scores_32', Identity_2: 'boxes_16', Identity_3: 'boxes_32' },
  },
  { source: 'facemesh', target: 'mesh.onnx', size: 192, outputs: { Identity_2: 'points', Identity_1: 'presence' } },
];

const NOTICE = `The networks in this folder are BlazeFace (detector.onnx) and Face Mesh (mesh.onnx).

They come from MediaPipe, Copyright The MediaPipe Authors, and are licensed under the Apache License, Version 2.0
(the file LICENSE). As changes, they were converted to TensorFlow.js, and from that form to
ONNX, with channels filled up with zeros; the weights are the same, those of Face Mesh rounded to half precision on the
way.

The TensorFlow.js form was taken from the package @vladmandic/human, under this licence:

`;

await mkdir(TARGET, { recursive: true });
for (const { source, target, size, outputs } of MODELS) {
  const model = await readTensorflowModel(join(SOURCE, 'models', source));
  await writeFileAtomic(join(TARGET, target), serialise(convert(model, outputs, size)));
}
await writeFileAtomic(join(TARGET, 'NOTICE'), NOTICE + (await readFile(join(SOURCE, 'LICENSE'), 'utf8')));
await copyFile(new URL('apache-2.0.txt', import.meta.url), join(TARGET, 'LICENSE'));
