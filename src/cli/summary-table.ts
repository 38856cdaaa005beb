import type { ModelSummary } from '../models/summary.js';
import { withCommas } from './style.js';

const HEADER: Row = ['Layer (type)', 'Output Shape', 'Param #'];
/** The least widths of the three columns, those of Keras's own table. */
const LEAST_WIDTHS: Widths = [28, 25, 10];
const BYTES_PER_PARAMETER = 4;

type Row = [layer: string, outputShape: string, parameters: string];
type Widths = [number, number, number];

/**
 * The table that Keras's `model.summary()` prints: layers, output shapes and parameters.
 * Shapes are shown as Keras shows them, `(None, height, width, channels)`.
 */
export function summaryTable(summary: ModelSummary): string {
  const rows = summary.rows.map(({ name, kind, outputShape, parameters }): Row => [
    `${name} (${kind})`,
    channelsLast(outputShape),
    withCommas(parameters),
  ]);
  const widths = columnWidths([HEADER, ...rows]);
  const length = widths.reduce((sum, width) => sum + width);
  const rule = '_'.repeat(length);
  const doubleRule = '='.repeat(length);
  return [
    `Model: "${summary.name}"`,
    rule,
    tableLine(HEADER, widths),
    doubleRule,
    ...rows.map((row) => tableLine(row, widths)),
    doubleRule,
    `Total params: ${countAndSize(summary.parameters)}`,
    `Trainable params: ${countAndSize(summary.trainable)}`,
    `Non-trainable params: ${countAndSize(summary.nonTrainable)}`,
    rule,
  ].join('\n');
}

/** Keras's order of a shape `[N, C, H, W]`; shapes of other ranks stay as they are. */
function channelsLast(shape: readonly (number | null)[]): string {
  const [batch, channels, height, width] = shape;
  const ordered = shape.length === 4 ? [batch, height, width, channels] : shape;
  return `(${ordered.map((length) => length ?? 'None').join(', ')})`;
}

function columnWidths(rows: readonly Row[]): Widths {
  return LEAST_WIDTHS.map((least, column) => Math.max(least, ...rows.map((row) => row[column]!.length + 2))) as Widths;
}

function tableLine(row: Row, widths: Widths): string {
  return ` ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('')}`.trimEnd();
}

/** A number of float32 parameters with their size in memory, in units of 1024 as Keras counts them. */
function countAndSize(parameters: number): string {
  let size = parameters * BYTES_PER_PARAMETER;
  let unit = 0;
  const units = ['Byte', 'KB', 'MB', 'GB', 'TB'];
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${withCommas(parameters)} (${size.toFixed(2)} ${units[unit]!})`;
}
