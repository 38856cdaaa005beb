import { describe, expect, it } from 'vitest';
import type { Block } from './document.js';
import { table } from './document.js';
import { escapeMarkdown, markdownOf } from './markdown.js';

const written = (...blocks: Block[]) =>
  markdownOf({ title: 'Run *1*', lead: [], sections: [{ title: 'Results', blocks }] }, 'The end.', 'x files');
const body = (...blocks: Block[]): string =>
  written(...blocks).markdown.replace('# Run \\*1\\*\n\n## Results\n\n', '').replace('\n\nThe end.\n', '');

describe('escapeMarkdown', () => {
  it.each([
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['a|b', 'a\\|b'],
    ['`code` *bold* _it_ [x](y) ![z]', '\\`code\\` \\*bold\\* \\_it\\_ \\[x\\](y) \\!\\[z\\]'],
    ['one\n\n# two', 'one \\# two'],
    ['1. list', '1\\. list'],
    ['- list', '\\- list'],
    ['&lt; \\', '&amp;lt; \\\\'],
    ['60+', '60+'],
  ])('%s', (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped);
  });
});

describe('markdownOf', () => {
  it('writes texts, notices and figures', () => {
    const figures: Block = { kind: 'figures', figures: [{ label: 'Accuracy', value: '54.2 %', note: '50 to 58' }, { label: 'Loss', value: '1.3' }] };
    expect(body({ kind: 'text', text: 'One.' }, { kind: 'notice', text: 'Two.' }, figures)).toBe(
      'One.\n\n> **Note:** Two.\n\n- Accuracy: **54.2 %** (50 to 58)\n- Loss: **1.3**',
    );
  });

  it('writes tables with their sides, and no cell breaks out', () => {
    expect(body(table('Bands', ['Band', 'Share', 'Note'], [['a|b', '1', '<b>\n']], ['Note']))).toBe(
      'Bands:\n\n| Band | Share | Note |\n| --- | ---: | --- |\n| a\\|b | 1 | &lt;b&gt;  |',
    );
  });

  it('puts code between fences that are longer than those in it', () => {
    expect(body({ kind: 'code', text: "echo '````'" })).toBe("`````\necho '````'\n`````");
  });

  it('names plots and numbers pictures, and lists them as attachments', () => {
    const image = { bytes: Uint8Array.of(1), type: 'jpeg' } as const;
    const { markdown, attachments } = written(
      { kind: 'plots', plots: [{ name: 'loss', svg: '<svg/>', description: 'Loss [falls]' }] },
      { kind: 'pictures', pictures: [{ views: [{ image, description: 'one' }, { image, description: 'two' }], caption: ['a', '<b>'] }] },
    );
    expect(markdown).toContain('![Loss \\[falls\\]](<x files/plot-loss.png>)');
    expect(markdown).toContain('![one](<x files/picture-1.jpg>) ![two](<x files/picture-2.jpg>)  \na  \n&lt;b&gt;');
    expect(attachments.map(({ name }) => name)).toEqual(['plot-loss.png', 'picture-1.jpg', 'picture-2.jpg']);
  });
});
