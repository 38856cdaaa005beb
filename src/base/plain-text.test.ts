import { expect, it } from 'vitest';
import { plainText } from './plain-text.js';

it('leaves no way to steer a terminal, and one line of bounded length', () => {
  expect(plainText('a\u001b[2Jb\r\nc\u202ed\u2028e ')).toBe('a [2Jb c d e');
  expect(plainText('x'.repeat(501))).toBe(`${'x'.repeat(500)} ...`);
});
