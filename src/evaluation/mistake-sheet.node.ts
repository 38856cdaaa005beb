/** A contact sheet of the pictures that were mistaken the worst. */
import sharp from 'sharp';
import { DataError, PictureError } from '../base/errors.js';
import { writeFileAtomic } from '../base/files.node.js';
import { decodePicture } from '../images/decode.node.js';
import type { Mistake } from './judge.js';
import { PNG_SCALE, renderPng } from './plots.node.js';
import { FAINT_INK, INK, PLOT_FONT } from './plots.js';
import { xmlText } from './xml.js';

/** In units of an SVG; a PNG has {@link PNG_SCALE} pixels for each. */
const THUMBNAIL = 112;
const GAP = 12;
const CAPTION = 34;
const MOST_COLUMNS = 5;

/** Captions are cut to what fits beside each other. */
const MOST_LETTERS = 22;

/** Where a cell begins, in units. */
interface Place {
  x: number;
  y: number;
}

/**
 * Draws thumbnails with the true band, the predicted one and its probability below each, as a PNG.
 * A picture that can no longer be read leaves its place empty, and says so.
 * @throws {DataError} when there are no mistakes
 * @throws {FileError} when the file cannot be written
 */
export async function drawMistakes(mistakes: readonly Mistake[], file: string): Promise<void> {
  if (mistakes.length === 0) throw new DataError(`${file}: there are no mistakes to draw`);
  const columns = Math.min(mistakes.length, MOST_COLUMNS);
  const places = mistakes.map((_, index): Place => ({
    x: GAP + (index % columns) * (THUMBNAIL + GAP),
    y: GAP + Math.floor(index / columns) * (THUMBNAIL + CAPTION + GAP),
  }));
  const thumbnails: (Buffer | undefined)[] = [];
  // One after the other, since whole photos are large.
  for (const mistake of mistakes) thumbnails.push(await thumbnailOf(mistake.file));
  const width = GAP + columns * (THUMBNAIL + GAP);
  const height = places.at(-1)!.y + THUMBNAIL + CAPTION + GAP;
  const captions = mistakes.map((mistake, index) => captionOf(mistake, places[index]!, thumbnails[index] === undefined));
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${PLOT_FONT}" font-size="11">` +
    `<rect width="${width}" height="${height}" fill="white"/>${captions.join('')}</svg>`;
  const layers = thumbnails.flatMap((input, index) => {
    const { x, y } = places[index]!;
    return input === undefined ? [] : [{ input, left: Math.round(x * PNG_SCALE), top: Math.round(y * PNG_SCALE) }];
  });
  await writeFileAtomic(file, await sharp(await renderPng(svg)).composite(layers).png().toBuffer());
}

/** The whole picture within a square, centred; undefined when it cannot be read. */
async function thumbnailOf(file: string): Promise<Buffer | undefined> {
  const side = Math.round(THUMBNAIL * PNG_SCALE);
  try {
    const { data, width, height } = await decodePicture(file);
    const options = { fit: 'contain', background: 'white' } as const;
    return await sharp(data, { raw: { width, height, channels: 3 } }).resize(side, side, options).png().toBuffer();
  } catch (error) {
    if (error instanceof PictureError) return undefined;
    throw error;
  }
}

function captionOf({ label, predicted, probability }: Mistake, { x, y }: Place, isMissing: boolean): string {
  const line = (text: string, dy: number, colour: string): string =>
    `<text x="${x}" y="${y + dy}" fill="${colour}">${xmlText(shortened(text))}</text>`;
  const missing = isMissing ? line('cannot be read', THUMBNAIL / 2, FAINT_INK) : '';
  const percent = `${Math.round(100 * probability)} %`;
  return missing + line(`true: ${label}`, THUMBNAIL + 14, INK) + line(`taken for ${predicted}, ${percent}`, THUMBNAIL + 28, INK);
}

function shortened(text: string): string {
  const letters = Array.from(text);
  return letters.length <= MOST_LETTERS ? text : `${letters.slice(0, MOST_LETTERS - 1).join('')}…`;
}
