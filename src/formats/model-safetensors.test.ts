import { describe, expect, it } from 'vitest';
import { floatTensor } from '../base/tensor.js';
import type { LayerDescription } from '../nn/description.js';
import { FormatError } from '../base/errors.js';
import { readModelSafetensors, writeModelSafetensors } from './model-safetensors.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';

const layers: LayerDescription[] = [
  { kind: 'Flatten', name: 'flatten' },
  { kind: 'Dense', name: 'dense', units: 2, bias: false, activation: 'linear' },
];
const weights = new Map([['dense.kernel', floatTensor([1, 2, 3, 4, 5, 6], [3, 2])]]);
const model = { name: 'tiny', layers, imageSize: 1, classes: ['a', 'b'], weights };
const bytes = new Uint8Array(Buffer.concat(writeModelSafetensors(model)));

describe('a model in a safetensors file', () => {
  it('comes back', () => {
    expect(readModelSafetensors(bytes, 'x')).toEqual(model);
  });

  it('comes back with its calibration and how faces are aligned', () => {
    const alignment = { template: 'similarity', margin: 0.2 } as const;
    for (const calibration of [{ temperature: 1.25 }, { temperature: 0.1 + 0.2, offsets: [0.5, -0.25] }]) {
      const file = new Uint8Array(Buffer.concat(writeModelSafetensors({ ...model, calibration, alignment })));
      expect(readModelSafetensors(file, 'x')).toEqual({ ...model, calibration, alignment });
    }
  });

  it('says what others must know', () => {
    expect(readSafetensors(bytes).metadata).toMatchObject({
      ...{ format: 'ageband-model', model: 'tiny', classes: '["a","b"]', image_size: '1' },
      ...{ layout: 'NCHW, convolutions OIHW, dense IO', colours: 'RGB', scale: '1/255' },
    });
  });

  const { metadata } = readSafetensors(bytes);
  it.each<[string, Record<string, string>, string]>([
    ['nothing', {}, 'does not say of what network it holds the weights'],
    ['another version', { ...metadata, version: '9' }, 'only version 1 can be read'],
    ['no layers', { ...metadata, network: '[]' }, 'network'],
    ['layers that are no JSON', { ...metadata, network: '[' }, 'network'],
    ['a picture size beyond measure', { ...metadata, image_size: '1e9' }, 'image_size'],
    ['a temperature of 0', { ...metadata, temperature: '0' }, 'temperature'],
    ['offsets for other classes', { ...metadata, temperature: '1', logit_offsets: '[1,2,3]' }, '3 logit_offsets for 2 classes'],
    ['an alignment that is none', { ...metadata, alignment: '{"template":"sideways","margin":0}' }, 'alignment'],
    ['one class', { ...metadata, classes: '["a"]' }, 'classes'],
  ])('is refused when it says %s', (_what, changed, message) => {
    const file = new Uint8Array(Buffer.concat(writeSafetensors(weights, changed)));
    expect(() => readModelSafetensors(file, 'x.safetensors')).toThrow(FormatError);
    expect(() => readModelSafetensors(file, 'x.safetensors')).toThrow(message);
  });
});
