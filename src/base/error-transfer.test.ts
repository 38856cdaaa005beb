import { describe, expect, it } from 'vitest';
import { packError, unpackError } from './error-transfer.js';
import {
  AgebandError,
  ConfigError,
  DataError,
  DivergedError,
  EngineError,
  FileError,
  FormatError,
  PictureError,
  ShapeError,
} from './errors.js';

/** What comes out at the other end; structured cloning is what happens between threads. */
const transfer = (thrown: unknown): Error => unpackError(structuredClone(packError(thrown)));

const options = { hint: 'Try this.', cause: new Error('inner') };
const own = [
  new ShapeError('shapes', options),
  new ConfigError('options', options),
  new DataError('data', options),
  new PictureError('a.jpg', 'is broken', options),
  new FormatError('b.onnx', 'is broken', options),
  new FileError('c', 'is full', options),
  new DivergedError('NaN', options),
  new EngineError('failed', options),
];

describe('an error that goes to another thread', () => {
  it.each(own.map((error) => [error.name, error] as const))('is still a %s', (_name, error) => {
    const arrived = transfer(error);
    expect(arrived).toBeInstanceOf(error.constructor);
    expect(arrived).toBeInstanceOf(AgebandError);
    const { name, message, stack, code, hint } = error;
    expect(arrived).toMatchObject({ name, message, stack, code, hint });
    expect('file' in arrived ? arrived.file : undefined).toBe('file' in error ? error.file : undefined);
    expect(String(arrived)).toBe(`${name}: ${message}`);
  });

  it('of another package arrives with its message, name and fields', () => {
    const error = Object.assign(new TypeError('no such thing'), { code: 'ENOENT', errno: -2 });
    const arrived = transfer(error);
    expect(arrived).toBeInstanceOf(Error);
    expect(arrived).not.toBeInstanceOf(AgebandError);
    expect(arrived).toMatchObject({ name: 'TypeError', message: 'no such thing', code: 'ENOENT', errno: -2 });
  });

  it('arrives without fields that cannot be sent', () => {
    const error = Object.assign(new Error('with a function'), { retry: () => 1, status: 7 });
    const arrived = transfer(error);
    expect(arrived).toMatchObject({ message: 'with a function', status: 7 });
    expect('retry' in arrived).toBe(false);
  });

  it.each(['AgebandError', 'messageOf', '__proto__', 'toString'])('named %s is a plain error', (name) => {
    const arrived = transfer(Object.assign(new Error('odd'), { name }));
    expect(arrived).toBeInstanceOf(Error);
    expect(arrived).not.toBeInstanceOf(AgebandError);
    expect(arrived.message).toBe('odd');
  });

  it.each([['text'], [undefined], [null], [42]])('may be anything thrown: %s', (thrown) => {
    expect(transfer(thrown).message).toBe(String(thrown));
  });
});
