/**
 * The elements of an array in the order of other axes than it is stored in, row-major. Axis i of the result has `lengths[i]`
 * elements, which lie `steps[i]` apart in `values`.
 * @param lengths of one axis at least
 */
export function gathered(values: Float32Array, lengths: readonly number[], steps: readonly number[]): Float32Array {
  const result = new Float32Array(lengths.reduce((product, length) => product * length, 1));
  const last = lengths.length - 1;
  const [run, step] = [lengths[last]!, steps[last]!];
  const position = lengths.map(() => 0);
  let source = 0;
  for (let start = 0; start < result.length; start += run) {
    for (let i = 0; i < run; i++) result[start + i] = values[source + i * step]!;
    for (let axis = last - 1; axis >= 0; axis--) {
      source += steps[axis]!;
      if (++position[axis]! < lengths[axis]!) break;
      source -= steps[axis]! * lengths[axis]!;
      position[axis] = 0;
    }
  }
  return result;
}

/** How far apart the elements of each axis lie in a row-major array: the product of the lengths after it. */
export function rowMajorSteps(lengths: readonly number[]): number[] {
  return lengths.map((_, axis) => lengths.slice(axis + 1).reduce((product, length) => product * length, 1));
}
