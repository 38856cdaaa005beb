/** Numbers of the widths in which files keep weights, as float32. */

export type FloatType = 'float16' | 'bfloat16' | 'float32' | 'float64';

export const FLOAT_BYTES: Readonly<Record<FloatType, number>> = { float16: 2, bfloat16: 2, float32: 4, float64: 8 };

/**
 * Little-endian numbers as float32. float16 and bfloat16 keep their values, float64 is rounded to the nearest: beyond the range
 * it becomes infinite. Numbers that are float32 already are a view of `bytes` where these are aligned, else a copy.
 * @param bytes a whole number of them
 */
export function float32Of(bytes: Uint8Array, type: FloatType): Float32Array {
  const size = FLOAT_BYTES[type];
  // Not `bytes.slice`: that of a Node.js Buffer does not copy.
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  const place = [aligned.buffer, aligned.byteOffset, aligned.byteLength / size] as const;
  switch (type) {
    case 'float16':
      return halvesOf(new Uint16Array(...place));
    case 'bfloat16':
      return new Float32Array(new Uint32Array(new Uint16Array(...place)).map((bits) => bits << 16).buffer);
    case 'float32':
      return new Float32Array(...place);
    case 'float64':
      return new Float32Array(new Float64Array(...place));
  }
}

/** All numbers of float16 by their bits, once they have been asked for. */
let halves: Float32Array | undefined;

function halvesOf(numbers: Uint16Array): Float32Array {
  halves ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => halfOf(bits));
  const values = new Float32Array(numbers.length);
  for (let index = 0; index < values.length; index++) values[index] = halves[numbers[index]!]!;
  return values;
}

/** IEEE 754 binary16: a sign, 5 bits of exponent with a bias of 15, 10 bits of fraction. */
function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (0x400 + fraction) * 2 ** (exponent - 25);
}
