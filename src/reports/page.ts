import { createHash } from 'node:crypto';
import type { Block, CaptionedPicture, Document, Image, Plot, Table } from './document.js';
import { inlineSvg } from './inline-svg.js';
import { html, Markup } from './markup.js';
import { pageStyle } from './style.js';

/**
 * A document as one HTML file that needs nothing else: styles, fonts, plots and pictures are in it. Its content security
 * policy forbids all that is not, and scripts altogether.
 */
export async function pageOf(document: Document, footer: string): Promise<string> {
  const style = await pageStyle();
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; font-src data:; img-src data:; base-uri 'none'; form-action 'none'`;
  const sections = document.sections.map((section, index) => ({ ...section, id: `section-${index + 1}` }));
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${document.title}</title>
<link rel="icon" href="data:,">
<style>${new Markup(style)}</style>
</head>
<body>
<div class="frame">
<header>
<h1>${document.title}</h1>
${document.lead.map((line) => html`<p>${line}</p>\n`)}</header>
<main>
<nav aria-label="Contents"><ol>
${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>\n`)}</ol></nav>
${sections.map(
  ({ id, title, blocks }) => html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${blocksMarkup(blocks)}</section>
`,
)}</main>
<footer>${footer}</footer>
</div>
</body>
</html>
`;
  return page.html;
}

/** The content of a section. */
export function blocksMarkup(blocks: readonly Block[]): Markup {
  return html`${blocks.map(blockMarkup)}`;
}

function blockMarkup(block: Block): Markup {
  switch (block.kind) {
    case 'text':
      return html`<p>${block.text}</p>\n`;
    case 'notice':
      return html`<p class="notice">${block.text}</p>\n`;
    case 'figures': {
      const figures = block.figures.map(
        ({ label, value, note }) =>
          html`<div><dt>${label}</dt><dd class="value">${value}</dd>${note === undefined ? undefined : html`<dd class="note">${note}</dd>`}</div>\n`,
      );
      return html`<dl class="figures">\n${figures}</dl>\n`;
    }
    case 'table':
      return tableMarkup(block);
    case 'plots':
      return html`<div class="plots">\n${block.plots.map(plotMarkup)}</div>\n`;
    case 'code':
      return html`<pre><code>${block.text}</code></pre>\n`;
    case 'pictures':
      return html`<div class="${block.pictures.some(({ views }) => views.length > 1) ? 'pictures paired' : 'pictures'}">\n${block.pictures.map(pictureMarkup)}</div>\n`;
  }
}

/** Cells of up to so many characters stay on one line; names of rows then stay in view while the others scroll. */
const SHORT = 24;

/** A table that scrolls by itself where it is too wide, which the keyboard must be able to do as well. */
function tableMarkup({ caption, columns, rows }: Table): Markup {
  const sides = columns.map(({ align }) => (align === 'right' ? html` class="right"` : undefined));
  const isShort = rows.every(([name = '']) => name.length <= SHORT);
  const isTight = rows.every((cells) => cells.every((cell) => cell.length <= SHORT));
  const kind = isTight ? 'short tight' : isShort ? 'short' : '';
  const headings = columns.map(({ heading }, index) =>
    heading === '' ? html`<td></td>` : html`<th scope="col"${sides[index]}>${heading}</th>`,
  );
  const body = rows.map(
    ([name = '', ...cells]) =>
      html`<tr><th scope="row">${name}</th>${cells.map((cell, index) => html`<td${sides[index + 1]}>${cell}</td>`)}</tr>\n`,
  );
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table class="${kind}">
<caption>${caption}</caption>
<thead><tr>${headings}</tr></thead>
<tbody>
${body}</tbody></table></div>
`;
}

function plotMarkup(plot: Plot): Markup {
  const numbers =
    plot.tables === undefined ? undefined : html`<details><summary>The numbers</summary>${plot.tables.map(tableMarkup)}</details>\n`;
  return html`<figure>\n${inlineSvg(plot)}\n${numbers}</figure>\n`;
}

function pictureMarkup({ views, caption }: CaptionedPicture): Markup {
  const images = views.map(({ image, description }) => html`<img src="${dataUri(image)}" alt="${description}">`);
  return html`<figure><div class="views">${images}</div><figcaption>${caption.map((line) => html`<span>${line}</span>`)}</figcaption></figure>\n`;
}

function dataUri({ bytes, type }: Image): string {
  return `data:image/${type};base64,${Buffer.from(bytes).toString('base64')}`;
}
