/**
 * Divides `total` into whole parts in proportion to `weights`, by the largest remainders (Hamilton's method); of equal
 * remainders the earlier wins. The parts add up to `total`.
 */
export function apportion(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (sum === 0) return weights.map(() => 0);
  // Rounded, so that 0.2 · 15 is 3 and has no remainder of its own.
  const exact = weights.map((weight) => Number(((total * weight) / sum).toFixed(9)));
  const parts = exact.map(Math.floor);
  const left = total - parts.reduce((all, part) => all + part, 0);
  const byRemainder = exact.map((_, index) => index).sort((a, b) => exact[b]! - parts[b]! - (exact[a]! - parts[a]!));
  for (const index of byRemainder.slice(0, left)) parts[index]! += 1;
  return parts;
}
