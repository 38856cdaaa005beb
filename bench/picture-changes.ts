/** Pictures that are changed, to see what a program makes of them. */
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import type { Picture } from '../src/images/picture.js';

async function pixels(image: Sharp): Promise<Picture> {
  const { data, info } = await image.removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

function open({ data, width, height }: Picture): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** Turned clockwise about its centre; the corners that this adds are black. @param angle in degrees */
export async function turned(picture: Picture, angle: number): Promise<Picture> {
  return await pixels(open(picture).rotate(angle, { background: '#000' }));
}

/** A Gaussian blur. @param sigma standard deviation, in pixels */
export async function blurred(picture: Picture, sigma: number): Promise<Picture> {
  return await pixels(sharp(await open(picture).blur(sigma).png().toBuffer()));
}

export async function grey(picture: Picture): Promise<Picture> {
  return await pixels(sharp(await open(picture).greyscale().png().toBuffer()));
}

/** Grey, pale, grainy and soft, as an old print that was scanned. The grain is drawn anew by each call. */
export async function oldPrint(picture: Picture): Promise<Picture> {
  const { width, height } = picture;
  const noise = { type: 'gaussian', mean: 128, sigma: 20 } as const;
  const grain = await sharp({ create: { width, height, channels: 3, noise, background: '#888' } }).png().toBuffer();
  const pale = open(picture).blur(1).greyscale().linear(0.6, 60);
  const grainy = sharp(await pale.png().toBuffer()).composite([{ input: grain, blend: 'soft-light' }]);
  return await pixels(sharp(await grainy.jpeg({ quality: 60 }).toBuffer()));
}

/** Shrunk to so many pixels on the longer side. */
export async function shrunk(picture: Picture, side: number): Promise<Picture> {
  return await pixels(sharp(await open(picture).resize(side, side, { fit: 'inside' }).png().toBuffer()));
}

/** In the middle of a grey square, with so many pixels on its longer side. @param frame side of the square, in pixels */
export async function framed(picture: Picture, side: number, frame: number): Promise<{ picture: Picture; left: number; top: number }> {
  const small = await shrunk(picture, side);
  const [left, top] = [(frame - small.width) >> 1, (frame - small.height) >> 1];
  const square = sharp({ create: { width: frame, height: frame, channels: 3, background: '#888' } });
  const input = await open(small).png().toBuffer();
  return { picture: await pixels(sharp(await square.composite([{ input, left, top }]).png().toBuffer())), left, top };
}
