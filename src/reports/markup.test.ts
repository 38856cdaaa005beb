import { describe, expect, it } from 'vitest';
import { escapeHtml, html, visible } from './markup.js';

describe('html', () => {
  it('escapes what is put in, as text and in attributes', () => {
    const name = `"><script>alert('&')</script>`;
    expect(html`<p title="${name}">${name}</p>`.html).toBe(
      '<p title="&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;">' +
        '&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;</p>',
    );
  });

  it('takes pieces and lists of pieces as they are, and nothing for what is undefined', () => {
    const items = ['<', 2].map((item) => html`<li>${item}</li>`);
    expect(html`<ul>${items}${undefined}</ul>`.html).toBe('<ul><li>&lt;</li><li>2</li></ul>');
  });
});

describe('escapeHtml', () => {
  it('shows control characters, halves of characters and turns of direction, and keeps all else', () => {
    expect(escapeHtml('a\u0000b\u001b[31m\u202egpj.exe\u2066\ud800')).toBe('a\ufffdb\ufffd[31m\ufffdgpj.exe\ufffd\ufffd');
    expect(visible('Zoë\n\t日本 👩‍🦰 שלום')).toBe('Zoë\n\t日本 👩‍🦰 שלום');
  });
});
