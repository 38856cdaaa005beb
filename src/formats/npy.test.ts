import { describe, expect, it } from 'vitest';
import { floatTensor } from '../base/tensor.js';
import { writeNpy } from './npy.js';

describe('writeNpy', () => {
  it('writes what numpy.save writes', () => {
    // numpy.save of numpy.array([[1, -2.5, 0]], dtype='<f4')
    const expected =
      '934e554d5059010076007b276465736372273a20273c6634272c2027666f727472616e5f6f72646572273a2046616c73652c20277368617065273a2028312c2033292c207d' +
      '20'.repeat(58) +
      '0a0000803f000020c000000000';
    expect(Buffer.from(writeNpy(floatTensor([1, -2.5, 0], [1, 3]))).toString('hex')).toBe(expected);
  });

  it('writes the shape of a vector as a tuple', () => {
    expect(Buffer.from(writeNpy(floatTensor([7], [1]))).toString('latin1')).toContain("'shape': (1,), }");
  });
});
