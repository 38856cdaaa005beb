/** Networks as files that Keras loads: `.h5` in the layout of version 2, which version 3 reads too, and `.keras`. */
import type { StoredModel } from '../model-safetensors.js';
import { ConfigError } from '../../base/errors.js';
import type { HostTensor } from '../../base/tensor.js';
import { floatTensor } from '../../base/tensor.js';
import { describedNetwork } from '../../nn/description.js';
import type { ArrayListener, NewHdf5 } from '../hdf5.js';
import { writeHdf5 } from '../hdf5.js';
import { zip } from '../zip.js';
import type { KerasLayer } from './model-config.js';
import { ARCHIVE_NAMES } from './arrays.js';
import { toKeras } from './to-keras.js';
import type { LayerWeights, WeightLayout } from './weights.js';
import { weightLayouts } from './weights.js';

/** A network with its weights and the state of its training. */
export interface KerasModel extends Omit<StoredModel, 'weights' | 'calibration' | 'alignment'> {
  /** Parameters, and the optimiser's tensors as `parameter/slot`. */
  readonly tensors: ReadonlyMap<string, HostTensor>;
  readonly optimiser: {
    readonly kind: 'sgd' | 'adamw';
    readonly learningRate: number;
    readonly momentum: number;
    readonly nesterov: boolean;
    readonly weightDecay: number;
    /** Steps that were taken. */
    readonly step: number;
  };
}

type Datasets = NewHdf5['datasets'];

/** The versions whose layouts these are. */
const KERAS_2 = '2.15.0';
const KERAS_3 = '3.0.0';
const INPUT_NAME = 'input_layer';
/** The longest attribute that HDF5 stores in the head of a group, as Keras counts it. */
const ATTRIBUTE_BYTES = 64512;

/** A whole model as `.h5`. @param onArray see `writeHdf5` @throws {ConfigError} when a layer has no counterpart in Keras */
export async function writeKerasH5(model: KerasModel, onArray?: ArrayListener): Promise<Uint8Array> {
  const { layers, weights, inputShape } = convert(model);
  const input = { batch_input_shape: inputShape, dtype: 'float32', sparse: false, ragged: false, name: INPUT_NAME };
  const config = {
    class_name: 'Sequential',
    config: {
      name: model.name,
      layers: [
        { class_name: 'InputLayer', config: input },
        ...layers.map(({ className, config: own }) => ({ class_name: className, config: own })),
      ],
    },
  };
  const { className, settings, state } = optimiserOf(model, weights);
  const training = { loss: 'categorical_crossentropy', metrics: ['accuracy'], weighted_metrics: null, loss_weights: null };
  const names = (list: readonly WeightLayout[]) => list.map(({ name }) => `${name.replace('.', '/')}:0`);
  const versions = { backend: 'tensorflow', keras_version: KERAS_2 };
  const content: NewHdf5 = {
    groups: [
      {
        path: '',
        attributes: {
          ...{ ...versions, model_config: JSON.stringify(config), ageband: JSON.stringify({ classes: model.classes }) },
          training_config: JSON.stringify({ ...training, optimizer_config: { class_name: className, config: settings } }),
        },
      },
      { path: 'model_weights', attributes: { ...versions, ...listAttribute('layer_names', layers.map(({ name }) => name)) } },
      ...layers.map(({ name }) => {
        const own = weights.find(({ layer }) => layer === name)?.weights ?? [];
        return { path: `model_weights/${name}`, attributes: listAttribute('weight_names', names(own)) };
      }),
      {
        path: 'optimizer_weights',
        attributes: listAttribute('weight_names', state.map(({ path }) => path)),
      },
    ],
    datasets: [
      ...weights.flatMap(({ layer, weights: own }) =>
        own.map((layout, index) => ({ path: `model_weights/${layer}/${names(own)[index]!}`, tensor: valueOf(model, layout) })),
      ),
      ...state.map(({ path, tensor }) => ({ path: `optimizer_weights/${path}`, tensor })),
    ],
  };
  return await writeHdf5(content, onArray);
}

/** A model as `.keras`. @param onArray see `writeHdf5` @throws {ConfigError} when a layer has no counterpart in Keras */
export async function writeKerasArchive(model: KerasModel, onArray?: ArrayListener): Promise<Uint8Array> {
  const { layers, weights, inputShape } = convert(model);
  const { className, name, settings, state } = optimiserOf(model, weights);
  const object = (module: string, kind: string, config: object) => ({
    ...{ module, class_name: kind, config, registered_name: null },
  });
  const input = object('keras.layers', 'InputLayer', { batch_shape: inputShape, dtype: 'float32', sparse: false, name: INPUT_NAME });
  const config = {
    ...object('keras', 'Sequential', {
      ...{ name: model.name, trainable: true, dtype: 'float32', build_input_shape: inputShape },
      layers: [input, ...layers.map((layer) => object('keras.layers', layer.className, layer.config))],
    }),
    build_config: { input_shape: inputShape },
    compile_config: {
      ...{ optimizer: object('keras.optimizers', className, settings), loss: 'categorical_crossentropy', loss_weights: null },
      ...{ metrics: ['accuracy'], weighted_metrics: null, run_eagerly: false, steps_per_execution: 1, jit_compile: false },
    },
  };
  const used = new Map<string, number>();
  const datasets: Datasets = weights.flatMap(({ kind, weights: own }) => {
    const word = ARCHIVE_NAMES[kind]!;
    const count = used.get(word) ?? 0;
    used.set(word, count + 1);
    const path = `layers/${count === 0 ? word : `${word}_${count}`}/vars`;
    return own.map((layout, index) => ({ path: `${path}/${index}`, tensor: valueOf(model, layout) }));
  });
  const optimiser = state.map(({ tensor }, index) => ({ path: `optimizer/vars/${index}`, tensor }));
  const groups = [{ path: 'vars' }, { path: 'optimizer/vars', attributes: { name } }];
  const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  return zip({
    'metadata.json': text({ keras_version: KERAS_3, ageband: { classes: model.classes } }),
    'config.json': text(config),
    'model.weights.h5': await writeHdf5({ groups, datasets: [...datasets, ...optimiser] }, onArray),
  });
}

function convert({ name, layers, imageSize, classes }: KerasModel) {
  return {
    layers: toKeras(layers) satisfies KerasLayer[],
    weights: weightLayouts(describedNetwork(name, layers), { imageSize, classes: classes.length }),
    inputShape: [null, imageSize, imageSize, 3],
  };
}

/** A parameter in Keras's order, or one of the optimiser's tensors for it. */
function valueOf({ tensors }: KerasModel, { name, kerasShape, toKeras: reorder }: WeightLayout, slot?: string): HostTensor {
  const key = slot === undefined ? name : `${name}/${slot}`;
  const tensor = tensors.get(key);
  if (tensor === undefined) throw new ConfigError(`there is no tensor "${key}"`);
  return floatTensor(reorder(tensor.data as Float32Array), kerasShape);
}

/** Keras's optimiser, and its state in Keras's order; no state where a parameter's is not there. */
function optimiserOf(model: KerasModel, weights: readonly LayerWeights[]) {
  const { kind, learningRate, momentum, nesterov, weightDecay, step } = model.optimiser;
  const trained = weights.flatMap((layer) => layer.weights.filter(({ trainable }) => trainable));
  const roles = kind === 'adamw' ? { mean: 'momentum', variance: 'velocity' } : momentum > 0 ? { momentum: 'momentum' } : {};
  const className = kind === 'sgd' ? 'SGD' : weightDecay > 0 ? 'AdamW' : 'Adam';
  const name = className.toLowerCase();
  const slots = trained.flatMap((layout) =>
    Object.entries(roles).map(([slot, word]) => ({ layout, slot, path: `${name}/${layout.name.replace('.', '/')}/${word}:0` })),
  );
  const isComplete = slots.every(({ layout, slot }) => model.tensors.has(`${layout.name}/${slot}`));
  const scalars: Datasets = [
    { path: `${name}/iteration:0`, tensor: { type: 'int64', data: BigInt64Array.of(BigInt(step)), shape: [] } },
    { path: `${name}/learning_rate:0`, tensor: floatTensor([learningRate], []) },
  ];
  // JSON has one kind of number: a whole one would become an int in Python, which Keras refuses here.
  const whenPositive = (key: string, value: number) => (value > 0 ? { [key]: value } : {});
  const settings =
    kind === 'adamw'
      ? { ...whenPositive('weight_decay', weightDecay), beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, amsgrad: false }
      : { ...whenPositive('momentum', momentum), nesterov };
  return {
    ...{ className, name, settings: { name, learning_rate: learningRate, ...settings } },
    state: isComplete
      ? [...scalars, ...slots.map(({ layout, slot, path }) => ({ path, tensor: valueOf(model, layout, slot) }))]
      : [],
  };
}

/** A list of names as one attribute, or as several where it is too long for HDF5. */
function listAttribute(name: string, list: readonly string[]): Record<string, readonly string[]> {
  const longest = Math.max(1, ...list.map((text) => text.length));
  const perPart = Math.floor(ATTRIBUTE_BYTES / longest);
  if (list.length <= perPart) return { [name]: list };
  const parts = Array.from({ length: Math.ceil(list.length / perPart) }, (_, index) => list.slice(index * perPart, (index + 1) * perPart));
  return Object.fromEntries(parts.map((part, index) => [`${name}${index}`, part]));
}
