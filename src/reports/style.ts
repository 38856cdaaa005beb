/** How the pages of reports look. Nothing is loaded from anywhere. */
import { readFile } from 'node:fs/promises';
import { PLOT_FONT } from '../evaluation/plots.js';
import { FONT_FILES } from '../evaluation/plots.node.js';
import { HOUSE_STYLE } from './house-style.js';

/** The page of a report: a column of text with the contents beside it, on a telephone, a wide screen and paper. */
const LAYOUT = `
html { scroll-behavior: smooth; scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
.frame { max-width: 76rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
header { border-bottom: 2px solid var(--ink); padding-bottom: 1.25rem; }
header p { margin: .35rem 0 0; color: var(--faint); overflow-wrap: anywhere; max-width: 48rem; }
h1 { font-size: clamp(1.7rem, 5vw, 2.5rem); line-height: 1.15; margin: 0; overflow-wrap: anywhere; }
nav { margin: 1.25rem 0 0; }
nav ol { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; font-size: .95rem; }
nav a { display: block; padding: .2rem 0; text-decoration: none; }
nav a:hover { text-decoration: underline; }
section { padding-top: 2.25rem; min-width: 0; }
section > p { max-width: 44rem; overflow-wrap: anywhere; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--rule); color: var(--faint); font-size: .9rem; }
@media (min-width: 70rem) {
  main { display: grid; grid-template-columns: 11.5rem minmax(0, 1fr); column-gap: 3rem; }
  nav { position: sticky; top: 1.5rem; align-self: start; grid-row: 1 / span 99; padding-top: 2.25rem; margin: 0; }
  nav ol { flex-direction: column; }
  section { grid-column: 2; }
}
@media print {
  :root { --page: #fff; --ink: #000; --faint: #444; --rule: #ccc; --panel: #f4f4f4; --blue: #0072b2; --vermilion: #c25400; --green: #007a58; --warn: #8a4b00; --warn-panel: #fff; }
  .frame { padding: 0; max-width: none; }
  main { display: block; }
  nav { display: none; }
  figure, tr, .notice, .figures { break-inside: avoid; }
  h2 { break-after: avoid; }
  .scroll { overflow: visible; }
}
`;

/** The text of the page's only style sheet, with its fonts. */
export async function pageStyle(): Promise<string> {
  const [regular, bold] = await Promise.all(FONT_FILES.map(async (file) => (await readFile(file)).toString('base64')));
  const face = (weight: number, font: string): string =>
    `@font-face{font-family:"${PLOT_FONT}";font-weight:${weight};src:url(data:font/ttf;base64,${font}) format("truetype")}`;
  return `${face(400, regular!)}\n${face(700, bold!)}${HOUSE_STYLE}${LAYOUT}`;
}
