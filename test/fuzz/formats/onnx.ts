/** ONNX files: networks that are imported or start a training, and models that are run. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Arbitrary } from 'fast-check';
import * as fc from 'fast-check';
import type { GraphProto, ModelProto } from 'onnx-buf';
import { ModelProtoSchema, StringStringEntryProtoSchema, TensorProto_DataLocation } from 'onnx-buf';
import { readOnnxNetwork } from '../../../src/formats/onnx-network.js';
import { parameterSpecs } from '../../../src/nn/network.js';
import { describedNetwork } from '../../../src/nn/description.js';
import { readPretrained } from '../../../src/formats/pretrained/read.node.js';
import { importModel } from '../../../src/training/import-run.js';
import { loadTrained } from '../../../src/evaluation/model-source.js';
import { explanationModel } from '../../../src/explain/explanation-model.js';
import { openClassifier } from '../../../src/evaluation/classify.js';
import { smallPretrained, SIZES, unpacked } from '../../support/pretrained.js';
import type { Family } from '../format.js';
import { mutatedBinary } from '../mutations.js';
import { makeSmallRun, smallPicture } from '../small-run.js';
import { jsonOf, mutatedValue } from '../values.js';

/** Whole files whose fields do not fit together: shapes, names, types, attributes, and JSON among the metadata. */
function mutatedModel(samples: readonly Uint8Array[]): Arbitrary<Uint8Array> {
  const models = samples.map((bytes) => fromBinary(ModelProtoSchema, bytes));
  return fc.tuple(fc.nat(samples.length - 1), fc.array(change, { minLength: 1, maxLength: 4 })).map(([which, changes]) => {
    const model = structuredClone(models[which]!);
    for (const act of changes) act(model.graph!, model);
    return toBinary(ModelProtoSchema, model);
  });
}

type Change = (graph: GraphProto, model: ModelProto) => void;

const which = fc.nat(0xffff);
const sizes = fc.constantFrom(0n, 1n, -1n, 2n, 7n, 65_536n, 1_000_000n, 2n ** 31n, 2n ** 40n, 2n ** 62n);

/** One of a list; of an empty one nothing. */
function at<Item>(items: readonly Item[], index: number, act: (item: Item) => void): void {
  if (items.length > 0) act(items[index % items.length]!);
}

const change: Arbitrary<Change> = fc.oneof(
  fc.tuple(which, which, sizes).map(([tensor, axis, size]): Change => ({ initializer }) =>
    at(initializer, tensor, ({ dims }) => (dims[dims.length === 0 ? 0 : axis % dims.length] = size)),
  ),
  fc.tuple(which, fc.nat(24)).map(([tensor, type]): Change => ({ initializer }) =>
    at(initializer, tensor, (one) => (one.dataType = type)),
  ),
  fc.tuple(which, fc.nat(40)).map(([tensor, bytes]): Change => ({ initializer }) =>
    at(initializer, tensor, (one) => (one.rawData = one.rawData.subarray(0, bytes))),
  ),
  // Data in another file: where a model lies is no leave to read there.
  fc.tuple(which, fc.constantFrom('/etc/passwd', '../secret', 'x')).map(([tensor, value]): Change => ({ initializer }) =>
    at(initializer, tensor, (one) => {
      one.dataLocation = TensorProto_DataLocation.EXTERNAL;
      one.externalData = [create(StringStringEntryProtoSchema, { key: 'location', value })];
    }),
  ),
  fc.tuple(which, which, sizes).map(([node, place, value]): Change => (graph) =>
    at(graph.node, node, ({ attribute }) =>
      at(attribute, place, (one) => {
        if (one.ints.length > 0) one.ints[place % one.ints.length] = value;
        else one.i = value;
      }),
    ),
  ),
  fc.tuple(which, which, which).map(([node, place, other]): Change => (graph) => {
    const names = graph.node.flatMap(({ output }) => output);
    at(graph.node, node, ({ input }) => at([...input.keys()], place, (index) => (input[index] = names[other % names.length]!)));
  }),
  fc.tuple(which, fc.constantFrom('Loop', 'If', 'Expand', 'ConstantOfShape', 'Tile', 'Identity', 'Add', 'NoSuch', 'Range', 'Pad')).map(
    ([node, type]): Change => (graph) => at(graph.node, node, (one) => (one.opType = type)),
  ),
  fc.tuple(which, which).map(([from, to]): Change => ({ node }) => node.splice(to % node.length, 0, ...node.splice(from % node.length, 1))),
  which.map((place): Change => ({ node }) => node.splice(place % node.length, 1)),
  fc.tuple(which, mutatedMetadata()).map(([entry, mutate]): Change => (_, { metadataProps }) =>
    at(metadataProps, entry, (one) => (one.value = mutate(one.value))),
  ),
);

/** What a piece of metadata becomes: it depends on what it was, which is not known before. */
function mutatedMetadata(): Arbitrary<(text: string) => string> {
  return fc.nat(0xffff_ffff).map((seed) => (text) => {
    const isJson = text.startsWith('{') || text.startsWith('[');
    const [value] = fc.sample(mutatedValue([isJson ? (JSON.parse(text) as unknown) : text]), { numRuns: 1, seed });
    return isJson || typeof value !== 'string' ? jsonOf(value) : value;
  });
}

export async function openOnnx(folder: string): Promise<Family> {

  const own = await readFile(join(await makeSmallRun(folder), 'model.onnx'));
  const foreign = [unpacked('pretrained-resnet-50.onnx.gz'), unpacked('pretrained-resnet-50-train.onnx.gz')];
  const network = smallPretrained('resnet-50-torch');
  const picture = await smallPicture(1);
  let imports = 0;
  return {
    formats: [
      {
        name: 'onnx-network',
        cases: fc.oneof(mutatedBinary([own]), mutatedModel([own])),
        read: async (bytes, file) => {
          const { name, layers, imageSize, classes } = readOnnxNetwork(bytes, file);
          parameterSpecs(describedNetwork(name, layers), { imageSize, classes: classes.length });
          explanationModel(await loadTrained(file));
        },
      },
      {
        name: 'onnx-import',
        file: 'case.onnx',
        cases: fc.oneof(mutatedBinary([own]), mutatedModel([own])),
        read: (_, file) => importModel(file, join(folder, `import-${++imports}`)),
      },
      {
        name: 'onnx-pretrained',
        cases: fc.oneof(mutatedBinary([own, ...foreign]), mutatedModel(foreign)),
        read: (bytes, file) => readPretrained(bytes, file, { network, ...SIZES }),
      },
      {
        name: 'onnx-model',
        file: 'case.onnx',
        cases: fc.oneof(mutatedBinary([own]), mutatedModel([own])),
        read: async (_, file) => {
          const classifier = await openClassifier({ model: file, threads: 1 });
          try {
            await classifier.classify(picture);
          } finally {
            await classifier.dispose();
          }
        },
      },
    ],
  };
}
