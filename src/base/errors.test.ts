import { describe, expect, it } from 'vitest';
import * as errors from './errors.js';

const { AgebandError, ConfigError, FormatError, messageOf, PictureError, ShapeError } = errors;

describe('AgebandError', () => {
  it('carries its name, a stable code, a hint and the cause', () => {
    const cause = new Error('deeper');
    const error = new ConfigError('batch: must be positive, got 0', { hint: 'Use 1 or more.', cause });
    expect(error).toBeInstanceOf(AgebandError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'ConfigError', code: 'CONFIG', hint: 'Use 1 or more.', cause });
    expect(String(error)).toBe('ConfigError: batch: must be positive, got 0');
  });

  it('has neither hint nor cause unless they are given', () => {
    const error = new ShapeError('a and b');
    expect(error.hint).toBeUndefined();
    expect(Object.hasOwn(error, 'cause')).toBe(false);
  });

  it('names the file in front of the reason', () => {
    const error = new PictureError('faces/1.jpg', 'the file is empty');
    expect(error).toMatchObject({ message: 'faces/1.jpg: the file is empty', file: 'faces/1.jpg', code: 'PICTURE' });
    expect(new FormatError('a.safetensors', 'cut off').message).toBe('a.safetensors: cut off');
  });

  it('has a code of its own for each class', () => {
    const classes = Object.values(errors).filter((value) => value.prototype instanceof AgebandError);
    const codes = classes.map((type) => (Reflect.construct(type, ['file', 'reason']) as InstanceType<typeof ShapeError>).code);
    expect(new Set(codes).size).toBe(classes.length);
    expect(codes).toContain('DIVERGED');
  });
});

describe('messageOf', () => {
  it('takes the message of errors and the text of anything else', () => {
    expect(messageOf(new TypeError('wrong'))).toBe('wrong');
    expect(messageOf('plain')).toBe('plain');
    expect(messageOf(undefined)).toBe('undefined');
  });
});
