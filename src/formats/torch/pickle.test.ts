import { describe, expect, it } from 'vitest';
import { FormatError } from '../../base/errors.js';
import type { PickleWorld } from './pickle.js';
import { readPickle } from './pickle.js';

/** Bytes in hexadecimal, and texts in quotation marks, as `pickletools` would show them. */
function bytesOf(program: string): Uint8Array {
  const parts = program.match(/"[^"]*"|[\da-f]{2}/g) ?? [];
  return Buffer.concat(parts.map((part) => (part.startsWith('"') ? Buffer.from(JSON.parse(part) as string) : Buffer.from(part, 'hex'))));
}

const world: PickleWorld = {
  check(name) {
    if (name.startsWith('os.')) throw new FormatError('x', `asks for ${name}`);
  },
  call: (name, values) => ({ name, values }),
  load: (identifier) => ({ identifier }),
};

const read = (program: string): unknown => readPickle(bytesOf(program), 0, 'x', world).value;

describe('readPickle', () => {
  it.each<[string, string, unknown]>([
    ['nothing and truth values', '80 02 4e 88 89 87 2e', [null, true, false]],
    ['whole numbers of 1, 2 and 4 bytes', '80 02 4b ff 4d ff ff 4a ff ff ff ff 87 2e', [255, 65535, -1]],
    ['whole numbers of any length', '80 02 8a 00 8a 01 80 8a 03 00 00 01 87 2e', [0, -128, 65536]],
    ['a whole number beyond 53 bits', '80 02 8a 08 00 00 00 00 00 00 00 40 2e', 2n ** 62n],
    ['a number', '80 02 47 bf f8 00 00 00 00 00 00 2e', -1.5],
    ['texts of Python 3', '80 04 95 00 00 00 00 00 00 00 00 58 02 00 00 00 c3 a4 8c 01 "b" 8d 00 00 00 00 00 00 00 00 87 2e', ['ä', 'b', '']],
    ['texts of Python 2', '80 02 55 01 "a" 54 01 00 00 00 "b" 86 2e', ['a', 'b']],
    ['bytes', '80 03 43 01 07 42 00 00 00 00 86 2e', [Buffer.of(7), Buffer.of()]],
    ['lists', '80 02 5d 4b 01 61 28 4b 02 4b 03 65 2e', [1, 2, 3]],
    ['tuples', '80 02 29 28 4b 01 4b 02 4b 03 4b 04 74 86 2e', [[], [1, 2, 3, 4]]],
    ['dictionaries', '80 02 7d 55 01 "a" 4b 01 73 28 55 01 "b" 4b 02 75 2e', new Map([['a', 1], ['b', 2]])],
    ['what was kept', '80 02 4b 01 71 05 30 4b 02 72 06 00 00 00 30 4b 03 94 30 68 05 6a 06 00 00 00 68 02 87 2e', [1, 2, 3]],
    ['what is left behind', '80 02 4b 01 28 4b 02 4b 03 31 2e', 1],
    ['calls', '80 02 63 "a.b\\nc\\n" 4b 01 85 52 2e', { name: 'a.b.c', values: [1] }],
    ['calls as protocol 4 writes them', '80 04 8c 01 "a" 8c 01 "c" 93 29 52 2e', { name: 'a.c', values: [] }],
    ['what stands elsewhere', '80 02 4b 07 51 2e', { identifier: 7 }],
    ['a dictionary with attributes', '80 02 7d 7d 55 01 "a" 4b 01 73 62 2e', new Map()],
  ])('reads %s', (_, program, value) => {
    expect(read(program)).toEqual(value);
  });

  it('takes __proto__ for a key like any other', () => {
    const value = read('80 02 7d 55 09 "__proto__" 7d 55 01 "x" 4b 01 73 73 2e') as Map<string, unknown>;
    expect(value.get('__proto__')).toEqual(new Map([['x', 1]]));
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('begins and ends anywhere', () => {
    expect(readPickle(bytesOf('00 00 80 02 4e 2e 01 02'), 2, 'x', world)).toEqual({ value: null, end: 6 });
  });

  it.each<[string, string, string]>([
    ['a program', '80 02 63 "os\\nsystem\\n" 55 02 "rm" 85 52 2e', 'x: asks for os.system'],
    ['what is cut off', '80 02 58 ff ff ff ff "a"', 'x: its pickle cannot be read: at byte 7, it is cut off'],
    ['a text longer than any file', '80 04 8d ff ff ff ff ff ff ff ff 2e', 'it is cut off'],
    ['nothing', '', 'at byte 0, it is cut off'],
    ['text that is none', '80 02 58 01 00 00 00 ff 2e', 'a text is no UTF-8'],
    ['a name without end', `80 02 63 ${'61 '.repeat(2000)}`, 'a name does not end'],
    ['names that are numbers', '80 04 4b 01 4b 02 93 2e', 'a name is no text'],
    ['the call of a number', '80 02 4b 01 29 52 2e', 'it calls what is no function'],
    ['a call without arguments', '80 02 63 "a\\nb\\n" 4b 01 52 2e', 'it calls what is no function'],
    ['an empty stack', '80 02 2e', 'there is no value'],
    ['values below the mark', '80 02 4b 01 28 85 2e', 'there is no value'],
    ['a mark that is not there', '80 02 4b 01 74 2e', 'there is no mark'],
    ['items for a number', '80 02 4b 01 4b 02 61 2e', 'something is put into what is no list or dictionary'],
    ['attributes of a list', '80 02 5d 7d 62 2e', 'something is put into what is no list or dictionary'],
    ['a key without a value', '80 02 7d 28 4b 01 75 2e', 'a key has no value'],
    ['a value that was not kept', '80 02 68 00 2e', 'it uses a value that was not kept'],
    ['objects of a class', '80 02 63 "a\\nb\\n" 29 81 2e', 'the operation 0x81 is not known here'],
    ['the oldest protocol', '"I1\\n."', 'the operation 0x49 is not known here'],
    ['operations without end', `80 02 ${'4e '.repeat(500_001)}`, 'it has more than 500000 operations'],
  ])('refuses %s', (_, program, message) => {
    expect(() => read(program)).toThrow(FormatError);
    expect(() => read(program)).toThrow(message);
  });
});
