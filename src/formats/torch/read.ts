/**
 * State dicts that `torch.save` has written: zip archives since PyTorch 1.6, and before that pickles one after the other with
 * the numbers behind them. Both are described by PyTorch's sources (torch/serialization.py). Nothing in them is run.
 */
import { FormatError } from '../../base/errors.js';
import type { HostTensor } from '../../base/tensor.js';
import { startsWith, ZIP_SIGNATURE } from '../keras/arrays.js';
import { listZip, unzip } from '../zip.js';
import { readPickle } from './pickle.js';
import type { TorchWorld } from './tensors.js';
import { TorchTensor, torchWorld } from './tensors.js';

const PICKLE = 'data.pkl';
/** How the pickles of each protocol begin. */
const SIGNATURES = [2, 3, 4, 5].map((protocol) => [0x80, protocol]);
/** What the first pickle of an old file holds, and the second. */
const MAGIC_NUMBER = 0x1950a86a20f9469cfc6cn;
const PROTOCOL_VERSION = 1001;
const COUNT_BYTES = 8;
/** Under which names trainers keep the weights, next to other things. */
const WRAPPERS = ['state_dict', 'model', 'model_state_dict'];

/** Whether bytes may be a file of `torch.save`. @throws {FormatError} when they are a damaged zip archive */
export function isTorchFile(bytes: Uint8Array, file: string): boolean {
  if (startsWith(bytes, ZIP_SIGNATURE)) return listZip(bytes, file).some(({ name }) => isPickle(name));
  return SIGNATURES.some((signature) => startsWith(bytes, signature));
}

/**
 * The floating-point tensors of a state dict as float32, by name; each is read when its `data` are asked for.
 * @param file name for messages
 * @throws {FormatError} when it is damaged, or holds other things than a state dict is made of; it names them
 */
export function readTorchTensors(bytes: Uint8Array, file: string): ReadonlyMap<string, HostTensor<'float32'>> {
  const value = startsWith(bytes, ZIP_SIGNATURE) ? readArchive(bytes, file) : readPickles(bytes, file);
  const tensors = [...stateDictOf(value, file)].filter((entry): entry is [string, TorchTensor] => {
    const [name, tensor] = entry;
    return typeof name === 'string' && tensor instanceof TorchTensor && tensor.isFloat;
  });
  return new Map(tensors);
}

function isPickle(name: string): boolean {
  return name === PICKLE || name.endsWith(`/${PICKLE}`);
}

/** `NAME/data.pkl` beside `NAME/data/0` and so on, a file for each storage. */
function readArchive(bytes: Uint8Array, file: string): unknown {
  const members = new Map(listZip(bytes, file).map((member) => [member.name, member]));
  const check = (path: string): void => {
    const member = members.get(path);
    if (member === undefined) throw new FormatError(file, `lacks ${path}`);
    if (member.isCompressed) throw new FormatError(file, `has ${path} compressed, which PyTorch does not do`);
  };
  const pickle = [...members.keys()].find(isPickle);
  if (pickle === undefined) throw new FormatError(file, `is a zip archive without ${PICKLE}`);
  const root = pickle.slice(0, -PICKLE.length);
  const order = `${root}byteorder`;
  if (members.has(order) && new TextDecoder().decode(unzip(bytes, [order], file)[order]) !== 'little') throw bigEndian(file);
  check(pickle);
  const world = torchWorld(file);
  const { value } = readPickle(unzip(bytes, [pickle], file)[pickle]!, 0, `${file}/${pickle}`, world);
  for (const storage of world.storages.values()) {
    const path = `${root}data/${storage.key}`;
    check(path);
    storage.read = () => {
      const numbers = unzip(bytes, [path], file)[path]!;
      if (numbers.length === storage.bytes) return numbers;
      throw new FormatError(file, `${path} has ${numbers.length} bytes, not ${storage.bytes}`);
    };
  }
  return value;
}

function bigEndian(file: string): FormatError {
  return new FormatError(file, 'was written on a machine that has the first byte of a number at its end (big-endian)');
}

/** Magic number, version, machine, content, names of the storages; then of each the number of elements, and these. */
function readPickles(bytes: Uint8Array, file: string): unknown {
  const world = torchWorld(file);
  let position = 0;
  const next = (): unknown => {
    const { value, end } = readPickle(bytes, position, file, world);
    position = end;
    return value;
  };
  if (next() !== MAGIC_NUMBER || next() !== PROTOCOL_VERSION) throw new FormatError(file, 'is a pickle, but not one of torch.save');
  const machine = next();
  if (!(machine instanceof Map) || machine.get('little_endian') !== true) throw bigEndian(file);
  const value = next();
  const keys = next();
  locateStorages(bytes, position, keys, world, file);
  return value;
}

function locateStorages(bytes: Uint8Array, start: number, keys: unknown, { storages }: TorchWorld, file: string): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = start;
  for (const key of Array.isArray(keys) ? (keys as unknown[]) : []) {
    const storage = storages.get(String(key));
    if (storage === undefined) throw new FormatError(file, `lists a storage "${String(key)}" that no tensor has`);
    const begin = position + COUNT_BYTES;
    position = begin + storage.bytes;
    if (position > bytes.length) throw new FormatError(file, `is cut off in the storage "${storage.key}"`);
    const count = view.getBigUint64(begin - COUNT_BYTES, true);
    if (count !== BigInt(storage.count)) throw new FormatError(file, `has ${count} numbers in the storage "${storage.key}", not ${storage.count}`);
    const numbers = bytes.subarray(begin, position);
    storage.read = () => numbers;
  }
  for (const { key, read } of storages.values()) {
    if (read === undefined) throw new FormatError(file, `lacks the storage "${key}"`);
  }
}

/** The dictionary of tensors by their names, be it the whole content or one that a trainer has put next to other things. */
function stateDictOf(value: unknown, file: string): Map<unknown, unknown> {
  const hasTensors = (some: unknown): some is Map<unknown, unknown> =>
    some instanceof Map && [...some.values()].some((entry) => entry instanceof TorchTensor);
  if (hasTensors(value)) return value;
  const entries = value instanceof Map ? (value as Map<unknown, unknown>) : new Map<unknown, unknown>();
  const wrapped = WRAPPERS.map((name) => entries.get(name)).find(hasTensors);
  if (wrapped !== undefined) return wrapped;
  const names = [...entries.keys()].filter((name) => typeof name === 'string').slice(0, 10);
  const content = names.length === 0 ? '' : `, but ${names.join(', ')}`;
  throw new FormatError(file, `holds no state dict${content}`, {
    hint: `It is looked for as the whole content, and under the names ${WRAPPERS.join(', ')}.`,
  });
}
