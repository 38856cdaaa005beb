import type { RandomStream } from '../base/random.js';
import { makeGrey, scaleBrightness, scaleContrast, scaleSaturation, turnHue } from './colour.js';
import { addNoise } from './noise.js';
import type { Rectangle } from './noise.js';
import type { Planes } from './planes.js';
import { blurPlanes, coarsenPlanes } from './resample.js';

/** How far colours and sharpness are varied at random while a network is trained. Nothing happens at 0. */
export interface Alterations {
  /** Brightness is multiplied by a factor from [1 - brightness, 1 + brightness]; at most 1. */
  readonly brightness: number;
  /** The same of the contrast, about the mean grey of the picture. */
  readonly contrast: number;
  /** The same of the saturation, about the grey of each pixel. */
  readonly saturation: number;
  /** Largest turn of the hue in either direction, in degrees. */
  readonly hue: number;
  /** Share of pictures that become grey. */
  readonly greyscale: number;
  /** Largest standard deviation of a Gaussian blur in pixels, for half of the pictures. */
  readonly blur: number;
  /** Largest factor by which a third of the pictures are reduced and enlarged again; at most 1 means none. */
  readonly downscale: number;
  /** Largest standard deviation of Gaussian noise, of values 0..1. */
  readonly noise: number;
  /** Lowest quality at which a third of the pictures go through JPEG; the highest is {@link BEST_JPEG}. */
  readonly jpeg: number;
  /** Share of pictures with a rectangle of noise over 2 to 20 % of them. */
  readonly erase: number;
}

/** Pictures as they are. */
export const NO_ALTERATION: Alterations = {
  ...{ brightness: 0, contrast: 0, saturation: 0, hue: 0, greyscale: 0 },
  ...{ blur: 0, downscale: 0, noise: 0, jpeg: 0, erase: 0 },
};

/** The best quality of a picture that goes through JPEG: beyond it hardly anything changes. */
export const BEST_JPEG = 95;

/** Share of the pictures that are blurred, and of those that are reduced or compressed, where that is asked for. */
const BLURRED = 1 / 2;
const REDUCED = 1 / 3;
const COMPRESSED = 1 / 3;

/** Share of a picture that is erased, and how high such a rectangle is to its width (Zhong et al. 2020). */
const ERASED_AREA = [0.02, 0.2] as const;
const ERASED_ASPECT = [0.3, 3.3] as const;

/** One drawn alteration. What is undefined does not happen. */
export interface Alteration {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  /** Degrees. */
  readonly hue: number;
  readonly grey: boolean;
  /** Standard deviation in pixels; 0 is none. */
  readonly blur: number;
  /** Factor of the reduction; 1 is none. */
  readonly downscale: number;
  /** Standard deviation; 0 is none. */
  readonly noise: number;
  /** Seed of the noise. */
  readonly noiseSeed: number;
  /** Quality. */
  readonly jpeg: number | undefined;
  readonly erased: Rectangle | undefined;
  /** Seed of what the erased part is filled with. */
  readonly eraseSeed: number;
}

/**
 * Draws the alteration of one picture of `size` × `size` pixels. Always takes nineteen numbers from the stream, so that
 * no option changes what others do.
 */
export function drawAlteration(stream: RandomStream, ranges: Alterations, size: number): Alteration {
  const factor = (range: number): number => stream.uniformBetween(1 - range, 1 + range);
  const chance = (share: number): boolean => stream.uniform() < share;
  return {
    brightness: factor(ranges.brightness),
    contrast: factor(ranges.contrast),
    saturation: factor(ranges.saturation),
    hue: stream.uniformBetween(-ranges.hue, ranges.hue),
    grey: chance(ranges.greyscale),
    blur: Number(chance(BLURRED)) * stream.uniformBetween(0, ranges.blur),
    downscale: 1 + Number(chance(REDUCED)) * stream.uniformBetween(0, Math.max(ranges.downscale - 1, 0)),
    noise: stream.uniformBetween(0, ranges.noise),
    noiseSeed: stream.word(),
    jpeg: drawQuality(chance(COMPRESSED), stream.uniform(), ranges.jpeg),
    erased: drawRectangle(chance(ranges.erase), stream, size),
    eraseSeed: stream.word(),
  };
}

function drawQuality(happens: boolean, place: number, lowest: number): number | undefined {
  return happens && lowest > 0 ? lowest + Math.floor(place * (BEST_JPEG + 1 - lowest)) : undefined;
}

function drawRectangle(happens: boolean, stream: RandomStream, size: number): Rectangle | undefined {
  const side = Math.sqrt(stream.uniformBetween(...ERASED_AREA)) * size;
  const [low, high] = ERASED_ASPECT;
  const aspect = stream.uniformBetween(low, high);
  const height = Math.max(1, Math.round(side * Math.sqrt(aspect)));
  const width = Math.max(1, Math.round(side / Math.sqrt(aspect)));
  const top = stream.integer(size - height + 1);
  const left = stream.integer(size - width + 1);
  return happens ? { top, left, width, height } : undefined;
}

/**
 * Alters planes in place up to the noise, in the order in which a photo comes about: colours, then what optics, size and
 * sensor do. Grey pictures get grey noise.
 */
export function alterPlanes(planes: Planes, alteration: Alteration): void {
  const { brightness, contrast, saturation, hue, grey, blur, downscale, noise, noiseSeed } = alteration;
  const { data } = planes;
  if (brightness !== 1) scaleBrightness(data, brightness);
  if (contrast !== 1) scaleContrast(data, contrast);
  if (saturation !== 1) scaleSaturation(data, saturation);
  if (hue !== 0) turnHue(data, hue);
  if (grey) makeGrey(data);
  if (blur > 0) blurPlanes(planes, blur);
  if (downscale > 1) coarsenPlanes(planes, downscale);
  if (noise > 0) addNoise(data, noise, grey, noiseSeed);
}
