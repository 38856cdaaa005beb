/**
 * Changes of colour for training, in place and on sRGB values as they are, without linearising them: torchvision's
 * `adjust_brightness`, `adjust_contrast`, `adjust_saturation` and `adjust_hue`, the first also Keras's. Each holds its
 * result within 0..1. `planes` is sRGB, [3, H, W], 0..1.
 */
import { clampLevel } from './planes.js';

/** Luma of ITU-R BT.601, as Pillow and torchvision turn colours to grey. */
const [RED, GREEN, BLUE] = [0.299, 0.587, 0.114];

/** Multiplies every value. @param factor 0 is black, 1 changes nothing */
export function scaleBrightness(planes: Float32Array, factor: number): void {
  for (let index = 0; index < planes.length; index++) planes[index] = clampLevel(planes[index]! * factor);
}

/** Moves every value from the mean grey of the picture, or towards it. @param factor 0 is that grey, 1 changes nothing */
export function scaleContrast(planes: Float32Array, factor: number): void {
  const plane = planes.length / 3;
  let sum = 0;
  for (let pixel = 0; pixel < plane; pixel++) sum += greyAt(planes, pixel, plane);
  const rest = (sum / plane) * (1 - factor);
  for (let index = 0; index < planes.length; index++) planes[index] = clampLevel(planes[index]! * factor + rest);
}

/** Moves every pixel from its own grey, or towards it. @param factor 0 is grey, 1 changes nothing */
export function scaleSaturation(planes: Float32Array, factor: number): void {
  const plane = planes.length / 3;
  for (let pixel = 0; pixel < plane; pixel++) {
    const rest = greyAt(planes, pixel, plane) * (1 - factor);
    for (let index = pixel; index < planes.length; index += plane) {
      planes[index] = clampLevel(planes[index]! * factor + rest);
    }
  }
}

/** Makes every pixel grey, with its luma in all three planes. */
export function makeGrey(planes: Float32Array): void {
  const plane = planes.length / 3;
  for (let pixel = 0; pixel < plane; pixel++) {
    const grey = greyAt(planes, pixel, plane);
    planes[pixel] = grey;
    planes[pixel + plane] = grey;
    planes[pixel + 2 * plane] = grey;
  }
}

/** Turns the hue of the HSV colour space; saturation and value stay. @param degrees 120 turns red into green */
export function turnHue(planes: Float32Array, degrees: number): void {
  const plane = planes.length / 3;
  const turn = (((degrees / 60) % 6) + 6) % 6;
  for (let pixel = 0; pixel < plane; pixel++) {
    const red = planes[pixel]!;
    const green = planes[pixel + plane]!;
    const blue = planes[pixel + 2 * plane]!;
    const value = Math.max(red, green, blue);
    const chroma = value - Math.min(red, green, blue);
    if (chroma === 0) continue;
    const hue = hueOf(red, green, blue, value, chroma) + turn;
    planes[pixel] = channelOf(hue + 5, value, chroma);
    planes[pixel + plane] = channelOf(hue + 3, value, chroma);
    planes[pixel + 2 * plane] = channelOf(hue + 1, value, chroma);
  }
}

function greyAt(planes: Float32Array, pixel: number, plane: number): number {
  return RED * planes[pixel]! + GREEN * planes[pixel + plane]! + BLUE * planes[pixel + 2 * plane]!;
}

/** Hue in sixths of a circle, 0..6: red is 0, green 2, blue 4. */
function hueOf(red: number, green: number, blue: number, value: number, chroma: number): number {
  if (value === red) return (green - blue) / chroma + (green < blue ? 6 : 0);
  if (value === green) return (blue - red) / chroma + 2;
  return (red - green) / chroma + 4;
}

/** A channel from hue, value and chroma (Smith 1978). @param place the hue plus 5 for red, 3 for green, 1 for blue */
function channelOf(place: number, value: number, chroma: number): number {
  const within = place - 6 * Math.floor(place / 6);
  const share = Math.min(within, 4 - within, 1);
  return share > 0 ? value - chroma * share : value;
}
