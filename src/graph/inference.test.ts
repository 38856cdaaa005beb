import { describe, expect, it } from 'vitest';
import { floatInputs } from '../../test/support/numeric.js';
import { ShapeError } from '../base/errors.js';

describe('inferOutputs', () => {
  it.each(['Relux', 'toString', '__proto__'])('refuses the unknown operator %s, naming the scope', (operator) => {
    const [x] = floatInputs([1]);
    const build = () => x.graph.scope('conv1', () => x.graph.apply(operator, [x]));
    expect(build).toThrow(new ShapeError(`conv1/${operator}: operator "${operator}" is not supported`));
  });

  it('refuses an input that is missing', () => {
    const [x] = floatInputs([1, 1, 3, 3]);
    expect(() => x.graph.apply('Conv', [x])).toThrow('Conv: Conv needs input 1');
    expect(() => x.graph.apply('Add', [undefined, x])).toThrow('Add: Add needs input 0');
  });

  it('refuses shapes and axes that are not constant', () => {
    const [x] = floatInputs([4]);
    const shape = x.graph.input('shape', 'int64', [2]);
    expect(() => x.graph.apply('Reshape', [x, shape])).toThrow(
      'Reshape: input 1 of Reshape must be a constant list of integers',
    );
    expect(() => x.graph.apply('ReduceSum', [x, x.graph.scalar(0)])).toThrow(
      'ReduceSum: input 1 of ReduceSum must be a constant list of integers',
    );
  });
});
