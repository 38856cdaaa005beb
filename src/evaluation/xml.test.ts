import { expect, it } from 'vitest';
import { xmlText } from './xml.js';

it('writes letters with a meaning as numbers, and spaces for control characters', () => {
  expect(xmlText(`<a> & "b" 'c'`)).toBe('&#60;a&#62; &#38; &#34;b&#34; &#39;c&#39;');
  expect(xmlText('a\u0000b\u001bc\u202ed')).toBe('a b c d');
});
