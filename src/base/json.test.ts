import { expect, it } from 'vitest';
import { isNestedBeyond, parseJson } from './json.js';

it('gives the value of a text, and undefined for what is none', () => {
  expect(parseJson('{"a":[1,null]}')).toEqual({ a: [1, null] });
  expect(['{', '', undefined].map(parseJson)).toEqual([undefined, undefined, undefined]);
});

it('counts levels of lists and objects', () => {
  expect([1, [], [1], { a: [1] }].map((value) => isNestedBeyond(1, value))).toEqual([false, false, false, true]);
  expect(isNestedBeyond(100, JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)))).toBe(true);
});
