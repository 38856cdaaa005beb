import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../base/errors.js';
import { reportError } from './errors.js';

function reported(error: unknown): string {
  const output = new PassThrough();
  reportError(error, output);
  return String(output.read());
}

describe('reportError', () => {
  it('says what was wrong and what to do, without a stack', () => {
    const error = new ConfigError('epochs: must be at least 1, got 0', { hint: 'Choose 1 or more.' });
    expect(reported(error)).toBe('error: epochs: must be at least 1, got 0\nhint: Choose 1 or more.\n');
  });

  it('leaves out a hint that there is not', () => {
    expect(reported(new ConfigError('no such model'))).toBe('error: no such model\n');
  });

  it('shows the stack of anything else and calls it a bug', () => {
    const text = reported(new TypeError('x is undefined'));
    expect(text).toMatch(/^error: this is a bug in ageband/);
    expect(text).toContain('TypeError: x is undefined\n    at ');
    expect(reported('thrown text')).toContain('thrown text');
  });
});
