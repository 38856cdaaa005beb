/** The loops over pixels in WebAssembly (kernels.wat), and the memory that they work in. */
import type { Picture } from '../picture.js';
import { BINARY } from './binary.js';

/** Places on a square grid, in pixels of a picture, whose centres are whole numbers. */
export interface Grid {
  /** The first place. */
  readonly x: number;
  readonly y: number;
  /** The way from place to place in a row, to the right and down; columns stand at right angles to rows. */
  readonly along: number;
  readonly across: number;
  /** Places in a row, and rows. */
  readonly size: number;
}

/** How levels 0..255 become the values of a network. */
export interface Scaling {
  readonly scale: number;
  readonly offset: number;
}

/** What is needed of it: Node.js and browsers have it, but only the declarations of browsers do. */
declare const WebAssembly: {
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

type Source = [from: number, stride: number];
type Target = [to: number, columns: number, rows: number];
type Last = [column: number, row: number];
type Places = [firstX: number, firstY: number, along: number, across: number];
type Planes = [to: number, size: number, scale: number, offset: number];

const { memory, halve, sample } = new WebAssembly.Instance(
  new WebAssembly.Module(Uint8Array.from(atob(BINARY), (character) => character.charCodeAt(0))),
).exports as {
  readonly memory: { readonly buffer: ArrayBuffer; readonly grow: (pages: number) => void };
  readonly halve: (...given: [...Source, ...Target]) => void;
  readonly sample: (...given: [...Source, ...Last, ...Places, ...Planes]) => void;
};

const PAGE = 2 ** 16;
/** The widest loads and stores, which may reach beyond what they are for. */
const BEYOND = 16;
/** Bytes of the source that are halved at a time: as many as stay in the processor's cache. */
const STRIP = 2 ** 16;

/** The memory, with room for so many bytes. What it held stays. */
function memoryOf(bytes: number): Uint8Array {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  return new Uint8Array(memory.buffer);
}

/**
 * A picture of half the width and height: each pixel is the mean of four. An odd last row or column is left out, so that
 * the pixel at column x of the result always covers columns 2x and 2x + 1.
 */
export function halvePicture({ data, width, height }: Picture): Picture {
  const half = { width: width >> 1, height: height >> 1 };
  const target = new Uint8Array(half.width * half.height * 3);
  if (target.length === 0) return { data: target, ...half };
  const stride = width * 3;
  const rows = Math.max(1, Math.floor(STRIP / (2 * stride)));
  const to = 2 * rows * stride + BEYOND;
  const bytes = memoryOf(to + rows * half.width * 3 + BEYOND);
  for (let row = 0; row < half.height; row += rows) {
    const count = Math.min(rows, half.height - row);
    bytes.set(data.subarray(2 * row * stride, 2 * (row + count) * stride));
    halve(0, stride, to, half.width, count);
    target.set(bytes.subarray(to, to + count * half.width * 3), row * half.width * 3);
  }
  return { data: target, ...half };
}

/**
 * Reads a picture at the places of a grid, bilinearly, as planes [3, size, size] of `scale` · level + `offset`; what lies
 * outside the picture has level 0. Beside the outermost pixels, the picture goes on for half a pixel.
 * @param target receives 3 · size² values
 */
export function samplePicture(picture: Picture, grid: Grid, { scale, offset }: Scaling, target: Float32Array): void {
  const { left, top, width, height } = partAround(picture, grid);
  if (!(width > 0 && height > 0)) {
    target.fill(offset);
    return;
  }
  const stride = width * 3;
  // The row after the last is read as well, but counts for nothing. Floats lie at multiples of four.
  const to = Math.ceil(((height + 1) * stride + BEYOND) / 4) * 4;
  const bytes = memoryOf(to + target.byteLength);
  for (let row = 0; row < height; row++) {
    const start = ((top + row) * picture.width + left) * 3;
    bytes.set(picture.data.subarray(start, start + stride), row * stride);
  }
  const { x, y, along, across, size } = grid;
  sample(0, stride, width - 1, height - 1, x - left, y - top, along, across, to, size, scale, offset);
  target.set(new Float32Array(memory.buffer, to, target.length));
}

/** The part of a picture that is read at the places of a grid; one without any is as wide or high as nothing or less. */
function partAround({ width, height }: Picture, { x, y, along, across, size }: Grid): Record<'left' | 'top' | 'width' | 'height', number> {
  const [alongRow, acrossRow] = [(size - 1) * along, (size - 1) * across];
  const horizontal = extent([x, x + alongRow, x - acrossRow, x + alongRow - acrossRow], width);
  const vertical = extent([y, y + acrossRow, y + alongRow, y + acrossRow + alongRow], height);
  return { left: horizontal.start, width: horizontal.length, top: vertical.start, height: vertical.length };
}

/** Pixels from before the least of the places to after the greatest of them, of those that there are. */
function extent(places: readonly number[], count: number): { readonly start: number; readonly length: number } {
  const start = Math.max(0, Math.floor(Math.min(...places)) - 1);
  const end = Math.min(count, Math.ceil(Math.max(...places)) + 2);
  return { start, length: end - start };
}
