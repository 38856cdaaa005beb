import sharp from 'sharp';

/** A grey picture of one pixel, as the bytes of a PNG file. */
export async function tinyPicture(): Promise<Uint8Array> {
  return await sharp({ create: { width: 1, height: 1, channels: 3, background: '#808080' } }).png().toBuffer();
}

/** Files of these names, each such a picture. */
export async function tinyPictures(...names: string[]): Promise<Record<string, Uint8Array>> {
  const picture = await tinyPicture();
  return Object.fromEntries(names.map((name) => [name, picture]));
}
