import { expect, it } from 'vitest';
import { classNamesSchema, storedClassNames } from './classes.js';

it('takes two or more different names, and of a file at most a thousand', () => {
  const accepts = (names: unknown): boolean => storedClassNames.safeParse(names).success;
  const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index));
  expect([['a', 'b'], numbered(1000)].map(accepts)).toEqual([true, true]);
  expect(classNamesSchema.safeParse(numbered(1001)).success).toBe(true);
  expect([['a'], ['a', 'a'], ['a', ''], ['a', 1], numbered(1001), 'ab'].map(accepts)).toEqual(Array(6).fill(false));
});
