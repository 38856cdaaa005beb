import { likeliest } from '../../src/base/likeliest.js';
import type { Model } from '../engine/messages.js';
import { ageOf, percent } from './ages.js';
import type { Photo } from './photo.js';
import { subjectsOf } from './photo.js';

/** A photo and its faces as the API tells them. */
function rowsOf(photo: Photo, { classes }: Model) {
  return subjectsOf(photo).map(({ box, roll, ...said }, index) => ({
    ...{ face: index + 1, box, roll },
    band: classes[likeliest(said.probabilities)]!.name,
    probabilities: classes.map(({ name }, place) => ({ band: name, probability: said.probabilities[place]! })),
    age: ageOf(said, classes) ?? null,
  }));
}

export function jsonOf(photos: readonly Photo[], model: Model): string {
  const pictures = photos.map((photo) => {
    const { name, result } = photo;
    if (result.kind === 'failed') return { name, error: result.message };
    if (result.kind === 'waiting') return { name };
    const { width, height } = result.analysis;
    const rows = rowsOf(photo, model);
    return result.isWhole ? { name, width, height, whole: rows[0] } : { name, width, height, faces: rows };
  });
  return `${JSON.stringify({ model: model.id, pictures }, null, 2)}\n`;
}

/** A line for each face, in the form of RFC 4180. */
export function csvOf(photos: readonly Photo[], model: Model): string {
  const bands = model.classes.map(({ name }) => name);
  const head = ['file', 'face', 'left', 'top', 'width', 'height', 'band', 'expected age', ...bands];
  const lines = photos.flatMap((photo) =>
    rowsOf(photo, model).map(({ face, box, band, age, probabilities }) => [
      ...[photo.name, face, box.left.toFixed(1), box.top.toFixed(1), box.width.toFixed(1), box.height.toFixed(1)],
      ...[band, age?.expected.toFixed(1) ?? '', ...probabilities.map(({ probability }) => probability.toFixed(6))],
    ]),
  );
  return [head, ...lines].map((cells) => `${cells.map((cell) => field(String(cell))).join(',')}\r\n`).join('');
}

/** Quoted where it must be. What a spreadsheet would take for a formula gets an apostrophe before it. */
function field(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** The photo with its boxes and bands, as PNG. */
export async function annotatedPicture(photo: Photo, { classes }: Model): Promise<Blob> {
  const image = await createImageBitmap(photo.file, { imageOrientation: 'from-image' });
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext('2d')!;
  context.drawImage(image, 0, 0);
  image.close();
  const unit = Math.max(canvas.width, canvas.height) / 400;
  const size = Math.max(10, 10 * unit);
  context.font = `bold ${size}px "Atkinson Hyperlegible", sans-serif`;
  context.textBaseline = 'top';
  context.lineWidth = Math.max(2, 1.5 * unit);
  for (const { box, probabilities } of subjectsOf(photo)) {
    context.strokeStyle = '#0072b2';
    context.strokeRect(box.left, box.top, box.width, box.height);
    const best = likeliest(probabilities);
    const label = `${classes[best]!.name} · ${percent(probabilities[best]!)}`;
    const [width, height] = [context.measureText(label).width + size, 1.5 * size];
    const top = box.top >= height ? box.top - height : box.top;
    context.fillStyle = '#0072b2';
    context.fillRect(box.left, top, width, height);
    context.fillStyle = '#ffffff';
    context.fillText(label, box.left + size / 2, top + size / 4);
  }
  return await canvas.convertToBlob({ type: 'image/png' });
}

/** Gives the user a file. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
