import { expect, it } from 'vitest';
import { parseJson } from './json.js';

it('gives the value of a text, and undefined for what is none', () => {
  expect(parseJson('{"a":[1,null]}')).toEqual({ a: [1, null] });
  expect(['{', '', undefined].map(parseJson)).toEqual([undefined, undefined, undefined]);
});
