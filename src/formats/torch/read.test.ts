/** Files that PyTorch wrote, and the numbers in them as it gives them: test/reference/weight_files.py. */
import { unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { referenceBytes } from '../../../test/support/reference.js';
import { FormatError } from '../../base/errors.js';
import { readSafetensors } from '../safetensors.js';
import { zip } from '../zip.js';
import { isTorchFile, readTorchTensors } from './read.js';

const archive = referenceBytes('torch-tensors.pth');
const old = referenceBytes('torch-tensors-old.pth');
const members = unzipSync(archive);
const PICKLE = 'archive/data.pkl';

const read = (bytes: Uint8Array) => readTorchTensors(bytes, 'x.pth');

/** The file with a text in place of another of the same length. */
function altered(bytes: Uint8Array, text: string, by: string): Buffer {
  const content = Buffer.from(bytes).toString('latin1');
  expect(content.includes(text)).toBe(true);
  expect(by).toHaveLength(text.length);
  return Buffer.from(content.replaceAll(text, by), 'latin1');
}

describe('readTorchTensors', () => {
  it.each([
    ['an archive', archive],
    ['a file of before 1.6', old],
  ])('reads all floating-point tensors of %s', (_, bytes) => {
    const { tensors } = readSafetensors(referenceBytes('torch-tensors.safetensors'));
    const own = read(bytes);
    expect([...own.keys()].sort()).toEqual([...tensors.keys()].sort());
    for (const [name, { shape, data }] of own) expect({ shape, data }, name).toEqual({ shape: tensors.get(name)!.shape, data: tensors.get(name)!.data });
  });

  it('knows its files', () => {
    expect(isTorchFile(archive, 'x')).toBe(true);
    expect(isTorchFile(old, 'x')).toBe(true);
    expect(isTorchFile(zip({ 'config.json': Uint8Array.of(1) }), 'x')).toBe(false);
    expect(isTorchFile(Uint8Array.of(8, 10), 'x')).toBe(false);
  });

  it('takes files of other names and of a byte order that it says', () => {
    const renamed = Object.fromEntries(Object.entries(members).map(([name, content]) => [name.replace('archive', 'resnet'), content]));
    expect(read(zip({ ...renamed, 'resnet/byteorder': Buffer.from('little') })).size).toBe(15);
  });

  const changed = (change: Record<string, Uint8Array | undefined>): Uint8Array =>
    zip(Object.fromEntries(Object.entries({ ...members, ...change }).filter((entry): entry is [string, Uint8Array] => entry[1] !== undefined)));
  const pickled = (text: string, by: string): Uint8Array => changed({ [PICKLE]: altered(members[PICKLE]!, text, by) });
  const oneStorage = Object.keys(members).find((name) => name.includes('/data/'))!;

  it.each<[string, Uint8Array, string]>([
    ['another function', pickled('OrderedDict', 'namedtuples'), 'asks for collections.namedtuples, which is refused'],
    ['another function, in an old file', altered(old, 'collections\nOrderedDict', 'posix_popen\nOrderedDict'), 'asks for posix_popen.OrderedDict, which is refused'],
    ['a function in place of a storage', pickled('FloatStorage', 'load_library'), 'asks for torch.load_library, which is refused'],
    ['a storage that is not there', changed({ [oneStorage]: undefined }), `lacks ${oneStorage}`],
    ['a big-endian machine', changed({ 'archive/byteorder': Buffer.from('big') }), 'big-endian'],
    ['a big-endian machine, in an old file', altered(old, 'little_endianq\x02\x88', 'little_endianq\x02\x89'), 'big-endian'],
    ['compressed numbers', zipSync(members, { level: 9 }), 'compressed, which PyTorch does not do'],
    ['a pickle of something else', Uint8Array.of(0x80, 2, 0x4e, 0x2e), 'is a pickle, but not one of torch.save'],
    ['what is cut off', old.slice(0, -1), 'is cut off in the storage'],
    ['what is cut off in its pickle', old.slice(0, 300), 'it is cut off'],
    ['an archive that is cut off', archive.slice(0, -1), 'is no zip archive, or a damaged one'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(FormatError);
    expect(() => read(bytes)).toThrow(message);
  });

  it('says what to do with what is no state dict', () => {
    expect(() => read(pickled('OrderedDict', 'namedtuples'))).toThrow(expect.objectContaining({ hint: expect.stringContaining('torch.save(model.state_dict(), FILE)') as unknown }));
    // {'net': 1}
    const other = zip({ 'a/data.pkl': Buffer.from('80027d5803000000' + Buffer.from('net').toString('hex') + '4b01732e', 'hex') });
    expect(() => read(other)).toThrow(expect.objectContaining({ reason: 'holds no state dict, but net', hint: expect.stringContaining('state_dict, model, model_state_dict') as unknown }));
  });

  it('reads no numbers that are shorter than their storage', () => {
    const tensors = read(changed({ [oneStorage]: members[oneStorage]!.slice(1) }));
    expect(() => [...tensors.values()].map(({ data }) => data)).toThrow(/archive\/data\/\d+ has \d+ bytes, not \d+$/);
  });
});

describe('tensors of hostile pickles', () => {
  const text = (value: string): string => `58${Buffer.from(Uint32Array.of(value.length).buffer).toString('hex')}${Buffer.from(value).toString('hex')}`;
  const global = (module: string, name: string): string => `63${Buffer.from(`${module}\n${name}\n`).toString('hex')}`;
  const whole = (value: number): string => `8a08${Buffer.from(BigInt64Array.of(BigInt(value)).buffer).toString('hex')}`;
  const tuple = (...items: string[]): string => `28${items.join('')}74`;
  const storage = (count = 6): string => `${tuple(text('storage'), global('torch', 'FloatStorage'), text('0'), text('cpu'), whole(count))}51`;
  const tensor = (offset: number, shape: string, strides: string, of = storage()): string =>
    `${global('torch._utils', '_rebuild_tensor_v2')}${tuple(of, whole(offset), shape, strides, '89', '7d')}52`;
  const fileOf = (value: string): Uint8Array =>
    zip({ 'a/data.pkl': Buffer.from(`80027d${text('w')}${value}732e`, 'hex'), 'a/data/0': new Uint8Array(Float32Array.of(0, 1, 2, 3, 4, 5).buffer) });
  const wholes = (...values: number[]): string => tuple(...values.map(whole));

  const call = (module: string, name: string, ...items: string[]): string => `${global(module, name)}${tuple(...items)}52`;
  const sound = tensor(1, wholes(2, 2), wholes(1, 2));

  it.each<[string, string]>([
    ['as they are', sound],
    ['as parameters of old', call('torch.nn.parameter', 'Parameter', sound, '88')],
    ['as versions before 0.4 wrote them', call('torch._utils', '_rebuild_tensor', storage(), whole(1), call('torch', 'Size', wholes(2, 2)), wholes(1, 2))],
  ])('are read when they are sound, %s', (_, value) => {
    expect(read(fileOf(value)).get('w')!.data).toEqual(Float32Array.of(1, 3, 2, 4));
  });

  it('are read out of a dictionary that is made of pairs', () => {
    const pickle = Buffer.from(`8002${call('collections', 'OrderedDict', `5d${tuple(text('w'), sound)}61`)}2e`, 'hex');
    expect(read(zip({ 'a/data.pkl': pickle, 'a/data/0': new Uint8Array(24) })).get('w')!.shape).toEqual([2, 2]);
    const damaged = Buffer.from(`8002${call('collections', 'OrderedDict', '5d4b0161')}2e`, 'hex');
    expect(() => read(zip({ 'a/data.pkl': damaged }))).toThrow('holds a damaged dictionary');
  });

  it('are had by one dictionary, however often a pickle makes one of the same pairs', () => {
    const first = `5d7101${tuple(text('w'), sound)}61`;
    const pickle = Buffer.from(`8002${call('collections', 'OrderedDict', first)}30${call('collections', 'OrderedDict', '6801')}2e`, 'hex');
    expect(() => read(zip({ 'a/data.pkl': pickle, 'a/data/0': new Uint8Array(24) }))).toThrow('holds no state dict');
  });

  it.each<[string, string, string]>([
    ['end beyond their storage', tensor(1, wholes(2, 3), wholes(3, 1)), 'holds a tensor of shape [2, 3] and strides [3, 1] from 1 on, which its storage of 6 numbers does not'],
    ['repeat numbers', tensor(0, wholes(1e9), wholes(0)), 'holds a tensor of shape [1000000000] and strides [0]'],
    ['have lengths whose product is beyond all numbers', tensor(0, wholes(...Array<number>(40).fill(2 ** 50)), wholes(...Array<number>(40).fill(0))), 'holds a tensor of shape [1125'],
    ['have a negative stride', tensor(5, wholes(6), wholes(-1)), 'holds a damaged tensor'],
    ['have a negative length', tensor(0, wholes(-1), wholes(1)), 'holds a damaged tensor'],
    ['lack a stride', tensor(0, wholes(2, 3), wholes(1)), 'holds a damaged tensor'],
    ['have more than 64 axes', tensor(0, wholes(...Array<number>(65).fill(1)), wholes(...Array<number>(65).fill(1))), 'holds a damaged tensor'],
    ['have no storage', tensor(0, wholes(1), wholes(1), '4e'), 'holds a damaged tensor'],
    ['give a storage two sizes', tuple(tensor(0, wholes(1), wholes(1)), tensor(0, wholes(1), wholes(1), storage(5))), 'gives the storage "0" two types or sizes'],
    ['have a storage of negative size', tensor(0, wholes(0), wholes(1), storage(-1)), 'holds a damaged storage'],
    ['make a parameter of a number', `${global('torch._utils', '_rebuild_parameter')}${tuple('4b01')}52`, 'makes a parameter of what is no tensor'],
    ['call a storage', `${global('torch', 'FloatStorage')}${tuple('4b01')}52`, 'calls torch.FloatStorage'],
  ])('are refused when they %s', (_, value, message) => {
    expect(() => read(fileOf(value))).toThrow(FormatError);
    expect(() => read(fileOf(value))).toThrow(message);
  });
});
