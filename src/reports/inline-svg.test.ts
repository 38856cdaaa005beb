import { expect, it } from 'vitest';
import { inlineSvg } from './inline-svg.js';

const SVG =
  '<svg class="marks" width="2"><rect fill="white"/><g id="clip0" class="mark" role="graphics-object" aria-label="a &quot;b&quot;">' +
  '<path fill="#0072b2" stroke="#222222" clip-path="url(#clip0)"/><path fill="rgb(1,2,3)"/></g></svg>';

it('is one image with the colours of the page and names of its own', () => {
  expect(inlineSvg({ name: 'loss', svg: SVG, description: 'It "falls"' }).html).toBe(
    '<svg role="img" aria-label="It &quot;falls&quot;" width="2"><rect fill="var(--page)"/><g id="loss-clip0">' +
      '<path fill="var(--blue)" stroke="var(--ink)" clip-path="url(#loss-clip0)"/><path fill="rgb(1,2,3)"/></g></svg>',
  );
});

it('keeps the colours of a scale, on no ground of its own', () => {
  const { html } = inlineSvg({ name: 'x', svg: SVG, description: '', shaded: true });
  expect(html).toContain('class="shaded"');
  expect(html).toContain('<rect fill="none"/>');
  expect(html).toContain('fill="#0072b2" stroke="#222222"');
});
