/**
 * The NPY format of NumPy (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), version 1.0: a
 * magic word, the version, the length of the header, the header as a Python dictionary padded with spaces to a multiple
 * of 64 bytes, and the values row by row.
 */
import type { HostTensor } from '../base/tensor.js';

const MAGIC = [0x93, ...new TextEncoder().encode('NUMPY'), 1, 0];
const ALIGNMENT = 64;
const LENGTH_BYTES = 2;

/** A float32 tensor as the bytes of an `.npy` file, little-endian. */
export function writeNpy({ data, shape }: HostTensor<'float32'>): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]!},)` : `(${shape.join(', ')})`;
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  const before = MAGIC.length + LENGTH_BYTES;
  const start = Math.ceil((before + header.length + 1) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(start + data.byteLength);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint16(MAGIC.length, start - before, true);
  bytes.set(new TextEncoder().encode(`${header.padEnd(start - before - 1)}\n`), before);
  data.forEach((value, index) => view.setFloat32(start + 4 * index, value, true));
  return bytes;
}
