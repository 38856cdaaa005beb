import { BLUE, FAINT_INK, GREEN, GRID, INK, VERMILION } from '../evaluation/plots.js';
import type { Plot } from './document.js';
import { html, Markup } from './markup.js';

/** The colours of plots, and the names under which the page has them for its light and its dark form. */
const COLOURS: Readonly<Record<string, string>> = {
  [INK]: 'var(--ink)',
  [FAINT_INK]: 'var(--faint)',
  [GRID]: 'var(--rule)',
  [BLUE]: 'var(--blue)',
  [VERMILION]: 'var(--vermilion)',
  [GREEN]: 'var(--green)',
  white: 'var(--page)',
};

/**
 * A plot as a part of a page: as one image for screen readers, in the page's colours, and without the marks and names
 * that Vega leaves for scripts.
 */
export function inlineSvg({ name, svg, description, shaded = false }: Plot): Markup {
  const start = html`<svg role="img" aria-label="${description}" ${shaded ? html`class="shaded" ` : undefined}`.html;
  const plain = svg
    .replace(/ (?:class|aria-[a-z]+|role)="[^"]*"/g, '')
    // The names of clipping paths and gradients are those of the plot; a page has several.
    .replace(/ id="/g, ` id="${name}-`)
    .replace(/url\(#/g, `url(#${name}-`)
    .replace('<svg ', start);
  return new Markup(shaded ? plain.replace(' fill="white"', ' fill="none"') : inPageColours(plain));
}

function inPageColours(svg: string): string {
  return svg.replace(/ (fill|stroke)="([^"]*)"/g, (whole: string, attribute: string, colour: string) => {
    const own = COLOURS[colour];
    return own === undefined ? whole : ` ${attribute}="${own}"`;
  });
}
