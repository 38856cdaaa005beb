import { describe, expect, it } from 'vitest';
import { classList, slipsAmongBands } from './classes.js';

describe('classList', () => {
  it('orders names as Keras does, by character code', () => {
    expect(classList(['b', 'a', 'B', '10', '9', 'a']).classes).toEqual(['10', '9', 'B', 'a', 'b']);
  });

  it('orders age bands by age, in one spelling', () => {
    const list = classList(['60+', '(8, 12)', '0-2', '15-20']);
    expect(list.classes).toEqual(['0-2', '8-13', '15-20', '60+']);
    expect(list.indexOf('(8, 12)')).toBe(1);
    expect(list.indexOf('8-13')).toBe(1);
    expect(list.indexOf('25-32')).toBeUndefined();
  });

  it('takes bands among other names for plain names', () => {
    const list = classList(['0-2', '10-19', '3-9']);
    expect(list.classes).toEqual(['0-2', '10-19', '3-9']);
    expect(list.indexOf('10-19')).toBe(1);
  });

  it('keeps to the expected classes', () => {
    const list = classList(['dog', '0-2'], ['60+', 'dog']);
    expect(list.classes).toEqual(['60+', 'dog']);
    expect(list.indexOf('dog')).toBe(1);
    expect(list.indexOf('(60, 100)')).toBe(0);
    expect(list.indexOf('0-2')).toBeUndefined();
  });

  it('maps bands to expected ones that they lie in as a whole', () => {
    const list = classList([], ['0-12', '13-25', '26+']);
    expect(['0-2', '8-13', '(8, 12)', '15-20', '60+', '26+', 'old'].map((name) => list.indexOf(name))).toEqual(
      [0, undefined, 0, 1, 2, 2, undefined],
    );
    expect(list.spans).toHaveLength(3);
    expect(classList(['0-2', '60+']).spans).toBeUndefined();
  });

  it('is empty without names', () => {
    expect(classList([]).classes).toEqual([]);
  });
});

describe('slipsAmongBands', () => {
  it('are the names that are no bands where most are', () => {
    expect(slipsAmongBands(['0-2', '25-23', '(8, 12)', '0-2', '25-23'])).toEqual(['25-23']);
    expect(slipsAmongBands(['0-2', '3-9', '10-19'])).toEqual([]);
    expect(slipsAmongBands(['0-2', 'old'])).toEqual([]);
    expect(slipsAmongBands([])).toEqual([]);
  });
});
