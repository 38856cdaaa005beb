import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../training/config.js';
import { commandOf, shellWord } from './command-line.js';

const config = (settings: Record<string, unknown> = {}) => parseConfig({ data: resolve('faces'), classes: ['a', 'b'], ...settings });

describe('commandOf', () => {
  it('names the options that are not the default', () => {
    expect(commandOf('runs/a', config(), undefined)).toBe('ageband train faces --out runs/a');
    const set = { model: 'levi-hassner', imageSize: 64, learningRate: 0.00001, augment: false, nesterov: true, root: resolve('my faces') };
    expect(commandOf('runs/a', config(set), undefined)).toBe(
      "ageband train faces --root 'my faces' --model levi-hassner --image-size 64 --learning-rate 0.00001 --nesterov --no-augment --out runs/a",
    );
  });

  it('of a fine-tuned run names what differs from the run that it started from', () => {
    const base = config({ epochs: 3, batchSize: 8, limit: 40, imageSize: 48 });
    const tuned = { from: resolve('runs/a'), data: resolve('others'), imageSize: 48, batchSize: 8 };
    expect(commandOf('runs/b', config({ ...tuned, epochs: 5 }), base)).toBe('ageband fine-tune runs/a others --epochs 5 --out runs/b');
    expect(commandOf('runs/b', config({ ...tuned, epochs: 3, limit: 40 }), base)).toBe(
      'ageband fine-tune runs/a others --limit 40 --out runs/b',
    );
  });

  it('gives none when no option says it, or the first run is gone', () => {
    const from = { from: resolve('runs/a') };
    expect(commandOf('runs/b', config(from), undefined)).toBeUndefined();
    expect(commandOf('runs/b', config(from), config({ augment: false }))).toBeUndefined();
    expect(commandOf('runs/b', config(from), config({ clipNorm: 1 }))).toBeUndefined();
  });
});

describe('shellWord', () => {
  it.each([
    ['runs/a_1.csv', 'runs/a_1.csv'],
    ['my faces', "'my faces'"],
    ["it's $HOME; rm", "'it'\\''s $HOME; rm'"],
    ['', "''"],
  ])('%s', (word, quoted) => {
    expect(shellWord(word)).toBe(quoted);
  });
});
