/**
 * Spearman's rank correlation: that of the ranks of two lists of numbers, where equal numbers share the mean of their ranks.
 * @returns -1 to 1; null when one of the lists has the same number everywhere
 */
export function rankCorrelation(first: Float32Array, second: Float32Array): number | null {
  const [a, b] = [centredRanks(first), centredRanks(second)];
  const product = (x: Float64Array, y: Float64Array): number => x.reduce((sum, value, index) => sum + value * y[index]!, 0);
  const size = Math.sqrt(product(a, a) * product(b, b));
  return size === 0 ? null : product(a, b) / size;
}

/** Ranks less their mean. */
function centredRanks(values: Float32Array): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  const middle = (values.length - 1) / 2;
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let place = start; place < end; place++) ranks[order[place]!] = (start + end - 1) / 2 - middle;
    start = end;
  }
  return ranks;
}
