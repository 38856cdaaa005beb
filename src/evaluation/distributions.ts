/** What the outputs of a network say of pictures. */
import type { OutputCalibration } from '../nn/network.js';
import { probabilitiesOf } from './temperature.js';

/** What the logits of a network are logits of: of each picture those of the classes, then those of single years from 0 on. */
export interface OutputScale {
  readonly classes: readonly string[];
  /** How many; 0 of a network that tells classes alone. */
  readonly years: number;
}

/** Probabilities of N pictures. */
export interface Distributions {
  /** [N, classes], row-major. */
  readonly probabilities: Float32Array;
  /** [N, years], row-major, of a network that tells single years. */
  readonly years?: Float32Array;
}

/** How many logits there are for each picture. */
export function outputsOf({ classes, years }: OutputScale): number {
  return classes.length + years;
}

/** Probabilities from logits, as the graph of `inferenceModel` makes them. @param logits [N, outputs], row-major */
export function distributionsOf(logits: Float32Array, scale: OutputScale, calibration: OutputCalibration = {}): Distributions {
  const { temperature } = calibration;
  const classes = scale.classes.length;
  const probabilities = probabilitiesOf(logitsOfClasses(logits, scale, calibration), classes, temperature);
  if (scale.years === 0) return { probabilities };
  return { probabilities, years: probabilitiesOf(logitsOfYears(logits, scale), scale.years, temperature) };
}

/** The logits of the classes with their offsets, [N, classes]. */
export function logitsOfClasses(logits: Float32Array, scale: OutputScale, { offsets }: OutputCalibration): Float32Array {
  const classes = scale.classes.length;
  const own = takeColumns(logits, outputsOf(scale), 0, classes);
  return offsets === undefined ? own : own.map((value, index) => value + offsets[index % classes]!);
}

/** The logits of the years, [N, years]. */
export function logitsOfYears(logits: Float32Array, scale: OutputScale): Float32Array {
  return takeColumns(logits, outputsOf(scale), scale.classes.length, scale.years);
}

function takeColumns(values: Float32Array, length: number, first: number, count: number): Float32Array {
  const rows = values.length / length;
  const taken = new Float32Array(rows * count);
  for (let row = 0; row < rows; row++) taken.set(values.subarray(row * length + first, row * length + first + count), row * count);
  return taken;
}

/** Some of the rows of a matrix, in their order. @param values [N, length], row-major @returns [rows, length] */
export function takeRows(values: Float32Array, rows: readonly number[], length: number): Float32Array {
  const taken = new Float32Array(rows.length * length);
  rows.forEach((row, place) => taken.set(values.subarray(row * length, (row + 1) * length), place * length));
  return taken;
}

/** What is said of some of the pictures. @param pictures how many there are in all */
export function takePictures({ probabilities, years }: Distributions, rows: readonly number[], pictures: number): Distributions {
  return {
    probabilities: takeRows(probabilities, rows, probabilities.length / pictures),
    ...(years && { years: takeRows(years, rows, years.length / pictures) }),
  };
}
