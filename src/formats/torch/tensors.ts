/** The tensors of PyTorch's pickles: views of storages, which are kept apart from the pickle. */
import { FormatError } from '../../base/errors.js';
import type { FloatType } from '../../base/floats.js';
import { FLOAT_BYTES, float32Of } from '../../base/floats.js';
import { gathered, rowMajorSteps } from '../../base/strides.js';
import type { HostTensor } from '../../base/tensor.js';
import { shapeText, sizeOf } from '../../base/tensor.js';
import type { PickleWorld } from './pickle.js';
import { PickleGlobal } from './pickle.js';

/** PyTorch's own limit. */
const MOST_AXES = 64;
const HINT =
  'Only state dicts are read. In Python, save it alone, torch.save(model.state_dict(), FILE), or as safetensors: save_file(model.state_dict(), "weights.safetensors").';

/** The numbers in storages of a class: floating-point ones, or others by the bytes that each takes. */
const STORAGES: ReadonlyMap<string, FloatType | number> = new Map<string, FloatType | number>([
  ['torch.FloatStorage', 'float32'],
  ['torch.HalfStorage', 'float16'],
  ['torch.BFloat16Storage', 'bfloat16'],
  ['torch.DoubleStorage', 'float64'],
  ['torch.LongStorage', 8],
  ['torch.IntStorage', 4],
  ['torch.ShortStorage', 2],
  ['torch.CharStorage', 1],
  ['torch.ByteStorage', 1],
  ['torch.BoolStorage', 1],
]);

/** Numbers in a row, which tensors share. */
export class TorchStorage {
  /** Set by the reader of the file, who knows where they lie. */
  read: (() => Uint8Array) | undefined;

  /** @param key its name in the file */
  constructor(
    readonly key: string,
    readonly numbers: FloatType | number,
    readonly count: number,
  ) {}

  get bytes(): number {
    return this.count * (typeof this.numbers === 'number' ? this.numbers : FLOAT_BYTES[this.numbers]);
  }
}

/** A view of a storage, whose numbers are read when they are asked for, as float32. */
export class TorchTensor implements HostTensor<'float32'> {
  readonly type = 'float32';

  constructor(
    readonly storage: TorchStorage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}

  get isFloat(): boolean {
    return typeof this.storage.numbers === 'string';
  }

  get data(): Float32Array {
    const { offset, shape, strides, storage } = this;
    if (sizeOf(shape) === 0) return new Float32Array();
    const type = storage.numbers as FloatType;
    const width = FLOAT_BYTES[type];
    const values = float32Of(storage.read!().subarray(offset * width, (offset + extentOf(shape, strides)) * width), type);
    const rowMajor = rowMajorSteps(shape);
    const isRowMajor = shape.every((length, axis) => length === 1 || strides[axis] === rowMajor[axis]);
    return isRowMajor ? values : gathered(values, shape, strides);
  }
}

/** The number of elements of a storage from the first to the last of a tensor. */
function extentOf(shape: readonly number[], strides: readonly number[]): number {
  return shape.reduce((extent, length, axis) => extent + (length - 1) * strides[axis]!, 1);
}

/** What the pickles of state dicts may name, and the storages that they have spoken of. */
export interface TorchWorld extends PickleWorld {
  readonly storages: ReadonlyMap<string, TorchStorage>;
}

/** A world for one file, in which nothing can be called but what makes dictionaries and tensors. */
export function torchWorld(file: string): TorchWorld {
  const storages = new Map<string, TorchStorage>();
  const fail: Fail = (reason) => {
    throw new FormatError(file, reason, { hint: HINT });
  };
  const callables = callablesOf(fail);
  return {
    storages,
    check(name) {
      if (!callables.has(name) && !STORAGES.has(name)) fail(`asks for ${name}, which is refused: what is not needed for tensors could run any program`);
    },
    call(name, values) {
      return (callables.get(name) ?? (() => fail(`calls ${name}`)))(values);
    },
    load(identifier) {
      const storage = storageOf(identifier, fail);
      const known = storages.get(storage.key) ?? storage;
      if (known.numbers !== storage.numbers || known.count !== storage.count) fail(`gives the storage "${storage.key}" two types or sizes`);
      storages.set(storage.key, known);
      return known;
    },
  };
}

type Fail = (reason: string) => never;

function callablesOf(fail: Fail): ReadonlyMap<string, (values: readonly unknown[]) => unknown> {
  const tensor = (value: unknown): unknown => (value instanceof TorchTensor ? value : fail('makes a parameter of what is no tensor'));
  return new Map<string, (values: readonly unknown[]) => unknown>([
    ['collections.OrderedDict', ([items = []]) => orderedDict(items, fail)],
    ['torch.Size', ([lengths]) => lengths],
    // Both are given whether to train the tensor, and what to call at its gradient.
    ['torch.nn.parameter.Parameter', ([data]) => tensor(data)],
    ['torch._utils._rebuild_parameter', ([data]) => tensor(data)],
    // The first is of PyTorch before 0.4.
    ['torch._utils._rebuild_tensor', (values) => tensorOf(values, fail)],
    ['torch._utils._rebuild_tensor_v2', (values) => tensorOf(values, fail)],
  ]);
}

/** Takes the pairs out of their list, so that all dictionaries of a file together have no more than it holds. */
function orderedDict(items: unknown, fail: Fail): Map<unknown, unknown> {
  const isPair = (item: unknown): item is [unknown, unknown] => Array.isArray(item) && item.length === 2;
  const pairs: unknown[] = Array.isArray(items) ? items.splice(0) : [undefined];
  return pairs.every(isPair) ? new Map(pairs) : fail('holds a damaged dictionary');
}

/** `('storage', torch.FloatStorage, key, 'cpu', number of elements)`; before 1.6, a view of the storage may follow. */
function storageOf(identifier: unknown, fail: Fail): TorchStorage {
  const [kind, type, key, , count, view] = Array.isArray(identifier) ? (identifier as unknown[]) : [];
  const numbers = type instanceof PickleGlobal ? STORAGES.get(type.name) : undefined;
  if (kind !== 'storage' || numbers === undefined || typeof key !== 'string' || !isCount(count)) fail('holds a damaged storage');
  if (view !== undefined && view !== null) fail(`holds a view of the storage "${key}"`);
  return new TorchStorage(key, numbers, count);
}

/** From storage, offset, shape and strides. */
function tensorOf([storage, offset, lengths, steps]: readonly unknown[], fail: Fail): TorchTensor {
  if (!(storage instanceof TorchStorage) || !isCount(offset) || !isCounts(lengths) || !isCounts(steps) || lengths.length !== steps.length) {
    fail('holds a damaged tensor');
  }
  // Copies: a list can be changed by what follows in the pickle.
  const [shape, strides] = [[...lengths], [...steps]];
  const size = sizeOf(shape);
  if (size > storage.count || (size > 0 && offset + extentOf(shape, strides) > storage.count)) {
    fail(`holds a tensor of shape ${shapeText(shape)} and strides ${shapeText(strides)} from ${offset} on, which its storage of ${storage.count} numbers does not`);
  }
  return new TorchTensor(storage, offset, shape, strides);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= MOST_AXES && value.every(isCount);
}
