/** A picture beside its heat map, with what they show in words and a legend, as a figure. */
import { HEAT_COLOURS, DEFAULT_OPACITY } from '../explain/overlay.js';
import { METHOD_NAMES } from '../explain/map-methods.js';
import { encodePicture } from '../images/encode.node.js';
import type { Picture } from '../images/picture.js';
import type { ExplainedPicture } from './explain.js';
import { renderPng } from './plots.node.js';
import { INK, PLOT_FONT } from './plots.js';
import { xmlText } from './xml.js';

/** Longer side of a picture in the figure; all lengths are in SVG units. */
const SIDE = 240;
const PADDING = 16;
const GAP = 12;
const TEXT_HEIGHT = 46;
const LEGEND = { width: 12, height: 120, labels: 74 };
const LEAST_WIDTH = 420;
/** What the legend's colours lie over, in place of a picture. */
const MIDDLE_GREY = '#808080';

/** A figure as the bytes of a PNG file. @param opacity that of the overlay, for the legend */
export async function explanationPng(explained: ExplainedPicture, opacity = DEFAULT_OPACITY): Promise<Uint8Array> {
  return await renderPng(await explanationSvg(explained, opacity));
}

/** A figure as SVG, with the pictures inside. */
export async function explanationSvg(explained: ExplainedPicture, opacity = DEFAULT_OPACITY): Promise<string> {
  const { picture, overlay } = explained;
  const scale = SIDE / Math.max(picture.width, picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  const top = PADDING + TEXT_HEIGHT;
  const second = PADDING + width + GAP;
  const legendX = second + width + GAP;
  const fullWidth = Math.max(legendX + LEGEND.width + LEGEND.labels, LEAST_WIDTH) + PADDING;
  const fullHeight = top + Math.max(height, LEGEND.height) + PADDING;
  const [title, subtitle] = captionOf(explained);
  const image = async (x: number, shown: Picture): Promise<string> =>
    `<image x="${x}" y="${top}" width="${width}" height="${height}" preserveAspectRatio="none" href="${await dataUri(shown)}"/>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${fullWidth}" height="${fullHeight}" font-family="${PLOT_FONT}, Helvetica, Arial, sans-serif" fill="${INK}">`,
    '<rect width="100%" height="100%" fill="white"/>',
    `<text x="${PADDING}" y="${PADDING + 14}" font-size="16" font-weight="bold">${xmlText(title)}</text>`,
    `<text x="${PADDING}" y="${PADDING + 33}" font-size="13">${xmlText(subtitle)}</text>`,
    await image(PADDING, picture),
    await image(second, overlay),
    ...legend(legendX, top, opacity),
    '</svg>',
  ].join('\n');
}

/** What a figure shows, in two lines. */
export function captionOf({ band, explained, probabilities, method, layer, isEmpty }: ExplainedPicture): [string, string] {
  const share = (name: string): string =>
    `${name} (${(100 * probabilities.find((entry) => entry.band === name)!.probability).toFixed(1)} %)`;
  const title = explained === band ? share(band) : `${share(explained)}, predicted ${share(band)}`;
  const map = `${METHOD_NAMES[method]} at ${layer}`;
  return [title, isEmpty ? `${map}: empty, nothing speaks for ${explained}` : map];
}

function legend(x: number, y: number, opacity: number): string[] {
  const { width, height } = LEGEND;
  const stops = HEAT_COLOURS.filter((_, level) => level % 15 === 0);
  const place = `x="${x}" y="${y}" width="${width}" height="${height}"`;
  const label = (share: number, text: string): string =>
    `<text x="${x + width + 6}" y="${y + 4 + (height - 8) * (1 - share) + 4}" font-size="12">${text}</text>`;
  return [
    '<defs><linearGradient id="heat" x1="0" y1="1" x2="0" y2="0">',
    ...stops.map((colour, index) => `<stop offset="${index / (stops.length - 1)}" stop-color="${colour}"/>`),
    '</linearGradient></defs>',
    `<rect ${place} fill="${MIDDLE_GREY}"/>`,
    `<rect ${place} fill="url(#heat)" fill-opacity="${opacity}"/>`,
    ...[label(1, '1 strongest'), label(0.5, '0.5'), label(0, '0 nothing')],
  ];
}

async function dataUri(picture: Picture): Promise<string> {
  const png = await encodePicture(picture, 'png', 100);
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}
